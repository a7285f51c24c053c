/** Places in traces for tests, and headers that are none. @module */

/** The id of the trace with this number, from 1. */
export function traceId(number: number): string {
  return number.toString(16).padStart(32, "0");
}

/** A sampled place in the trace with this number. */
export function traceparent(number: number, flags = "01"): string {
  return `00-${traceId(number)}-${number.toString(16).padStart(16, "1")}-${flags}`;
}

/** Headers that nobody may take for a place in a trace. */
export function hostileTraceparents(): string[] {
  const good = traceparent(10);
  const [, trace = "", span = ""] = good.split("-");
  return [
    "",
    "-",
    good.slice(0, -1),
    `${good}0`,
    `${good}-00`,
    good.toUpperCase().replace("0A", "AA"),
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `ff-${trace}-${span}-01`,
    `0-${trace}-${span}-01`,
    `00-${trace.slice(1)}g-${span}-01`,
    `00_${trace}_${span}_01`,
    `00-${trace}-${span}-0g`,
    `${good}, ${good}`,
    ` ${good.slice(1)}`,
    "00-'; drop table healing_events; --".padEnd(55, "x"),
    '00-"\\u0000"-'.padEnd(55, "\\"),
    "a".repeat(55),
    "0".repeat(100_000),
    `${good}${"-0".repeat(50_000)}`,
    "\0".repeat(55),
    "é".repeat(55),
  ];
}
