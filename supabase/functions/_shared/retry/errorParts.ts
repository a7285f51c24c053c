/** Reads what errors of different clients carry, without trusting their shape. @module */

import { isInstance, part } from "../core/unknownValues.ts";

/** The message of an error and of its cause: Deno puts the network's words into either. */
export function wordsOf(error: unknown): string {
  const cause = part(error, "cause");
  return [part(error, "message"), part(cause, "message"), part(cause, "code")]
    .filter((word) => typeof word === "string").join(" ");
}

/** The HTTP status that an error carries, wherever its client keeps it. */
export function httpStatusOf(error: unknown): number | undefined {
  // Storage answers 400 for nearly everything and says the true status as a text.
  for (
    const value of [part(error, "statusCode"), part(error, "status"), part(part(error, "context"), "status")]
  ) {
    const status = typeof value === "string" ? Number(value) : value;
    if (typeof status === "number" && Number.isInteger(status) && status >= 100 && status <= 599) {
      return status;
    }
  }
  return undefined;
}

/** Reads a header of the answer that an error carries; undefined when it carries none. */
export function headerReader(error: unknown): ((name: string) => string | undefined) | undefined {
  const places = [error, part(error, "response"), part(error, "context"), part(error, "cause")];
  const headers = places.map((place) => part(place, "headers")).find((found) =>
    typeof found === "object" && found !== null
  );
  if (headers === undefined) return undefined;
  if (isInstance(headers, Headers)) return (name) => headers.get(name) ?? undefined;
  const byName = new Map(namesOf(headers as object).map((name) => [name.toLowerCase(), part(headers, name)]));
  return (name) => {
    const value = byName.get(name);
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
}

function namesOf(headers: object): string[] {
  try {
    return Object.keys(headers);
  } catch {
    return [];
  }
}
