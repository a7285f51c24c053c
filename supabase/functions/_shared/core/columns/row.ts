/** Reads a row without trusting it. @module */

/** What a row holds, by key; null when it is no plain object or cannot be read without throwing. */
export function readRow(row: unknown): Map<string, unknown> | null {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return null;
  try {
    return new Map(Object.entries(row));
  } catch {
    // A getter or a proxy that throws.
    return null;
  }
}

/** A name as it may be shown: one line, bounded, in quotes. */
export function showName(name: string): string {
  return JSON.stringify(name.slice(0, 63).toWellFormed().replace(/[\p{C}\u2028\u2029]/gu, "?"));
}
