/** Errors as they come when something is broken: what they have in common, and what not. @module */

/** A kind of storm. */
export interface Storm {
  name: string;
  /** The error with this number; made anew each time, with a stack of its own. */
  fail(index: number): Error;
  /** What the caller knows of it. */
  traceparent?(index: number): string;
}

/** A word of letters for a number: a number in a name would be taken for a value. */
function word(number: number): string {
  return [...String(number).padStart(6, "0")].map((digit) => "bcdfghjklm"[Number(digit)]).join("");
}

/** Known groups, and no two errors with the same words. */
export const TWO_HUNDRED_GROUPS: Storm = {
  name: "two hundred groups, other values in each",
  fail: (index) =>
    Object.assign(
      new Error(
        `insert of row ${index} violates foreign key constraint "${
          word(index % 200)
        }_fkey" on table "orders"`,
      ),
      { code: "23503" },
    ),
};

/** From the easiest to the hardest. */
export const STORMS: readonly Storm[] = [
  {
    name: "one group, the same words",
    fail: () => new TypeError("Cannot read properties of undefined (reading 'total')"),
  },
  {
    name: "one group, an address in each that is taken out",
    fail: (index) => new Error(`the invitation of person${index}@example.com could not be sent`),
  },
  {
    name: "one group, other values in each",
    fail: (index) =>
      new Error(`order ${100_000 + index} of cart ${index * 7 % 9_973} was not read after ${index % 977} ms`),
  },
  {
    name: "one group, other values and a trace in each",
    fail: (index) =>
      new Error(`order ${100_000 + index} of cart ${index * 7 % 9_973} was not read after ${index % 977} ms`),
    traceparent: (index) =>
      `00-${(index + 1).toString(16).padStart(32, "0")}-${(index + 1).toString(16).padStart(16, "0")}-01`,
  },
  TWO_HUNDRED_GROUPS,
  {
    name: "a new group each time",
    fail: (index) => new Error(`the form has no field "${word(index)}" that the service could read`),
  },
];
