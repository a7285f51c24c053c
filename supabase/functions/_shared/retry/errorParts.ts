/** Reads what errors of different clients carry, without trusting their shape. @module */

/** A property of anything; undefined when there is none, or when its getter throws. */
export function part(value: unknown, key: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

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
    const status = Number(value);
    if (Number.isInteger(status) && status >= 100 && status <= 599) return status;
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
  if (headers instanceof Headers) return (name) => headers.get(name) ?? undefined;
  const entries = Object.entries(headers as object).map(([name, value]) => [name.toLowerCase(), value]);
  const byName = new Map<string, unknown>(entries as [string, unknown][]);
  return (name) => {
    const value = byName.get(name);
    return value === undefined || value === null ? undefined : String(value);
  };
}
