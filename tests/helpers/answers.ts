/** What a stranger may be answered. @module */

/** Nothing but nulls, empty lists and empty objects. */
export function isEmpty(value: unknown): boolean {
  if (value === null || typeof value !== "object") return value === null;
  return Object.values(value).every(isEmpty);
}
