/**
 * Reads what was thrown, or came from outside, without trusting its shape: a proxy or a getter may throw at every
 * touch, and that must not take the place of what it stands for.
 *
 * @module
 */

/** A property of anything; undefined when there is none, or when it cannot be read. */
export function part(value: unknown, key: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** As `instanceof`; what does not say what it is, is none. */
export function isInstance<Type>(
  value: unknown,
  type: abstract new (...args: never[]) => Type,
): value is Type {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** True for an object that is no list: what JSON writes in braces. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
