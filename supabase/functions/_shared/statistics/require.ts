/** Refuses numbers that would make a judgement silently wrong, saying the wanted and the current value. @module */

/** A successes-of-n count, such as one arm of an experiment. */
export interface ArmCounts {
  /** Whole, 0..n. */
  successes: number;
  /** Outcomes in all, whole, >= 0. */
  n: number;
}

/** More outcomes than anything here will see; beyond it sums would lose digits, or take seconds. */
export const MAX_COUNT = 1e9;

/** The bounds of a wanted number, both included unless `open`. */
export interface Wanted {
  min?: number;
  max?: number;
  /** True when it must be a whole number that a double holds exactly. */
  whole?: boolean;
  /** True when neither bound itself is allowed. */
  open?: boolean;
}

/** Throws a RangeError unless `value` is a finite number within the bounds. */
export function requireNumber(task: string, name: string, value: number, wanted: Wanted): void {
  const { min = -Infinity, max = Infinity, whole = false, open = false } = wanted;
  const isKind = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
  const isInside = open ? value > min && value < max : value >= min && value <= max;
  if (!isKind || !isInside) refuse(task, name, describe(wanted), value);
}

/** Throws a RangeError unless `value` is from 0 to 1. */
export function requireShare(task: string, name: string, value: number): void {
  requireNumber(task, name, value, { min: 0, max: 1 });
}

/** Throws a RangeError unless `value` is from 0 to a billion; discounted evidence may be fractional. */
export function requireWeight(task: string, name: string, value: number): void {
  requireNumber(task, name, value, { min: 0, max: MAX_COUNT });
}

/** Throws a RangeError unless `value` is a whole number from 0 to `max`, a billion at most. */
export function requireCount(task: string, name: string, value: number, max = MAX_COUNT): void {
  if (!(Number.isSafeInteger(value) && value >= 0 && value <= max)) {
    requireNumber(task, name, value, { min: 0, max, whole: true });
  }
}

/** Throws a RangeError unless successes and n are whole and 0 <= successes <= n. */
export function requireArm(task: string, name: string, arm: ArmCounts): void {
  requireCount(task, `${name}.n`, arm.n);
  requireCount(task, `${name}.successes`, arm.successes, arm.n);
}

/** Throws a RangeError that says what was wanted and what came. */
export function refuse(task: string, name: string, wanted: string, value: unknown): never {
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  throw new RangeError(`Cannot ${task} as "${name}" must be ${wanted}: current value is ${shown}`);
}

function describe({ min = -Infinity, max = Infinity, whole, open }: Wanted): string {
  const kind = whole ? "a whole number" : "a number";
  const [over, under] = open ? ["> ", "< "] : [">= ", "<= "];
  const bounds = [min > -Infinity ? over + min : "", max < Infinity ? under + max : ""].filter(Boolean);
  return bounds.length === 0 ? kind : `${kind} ${bounds.join(" and ")}`;
}
