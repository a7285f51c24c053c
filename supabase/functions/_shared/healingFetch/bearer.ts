/** The token of a request. @module */

/** The token behind `Bearer`; undefined when there is none. */
export function bearerOf(headers: Headers): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}
