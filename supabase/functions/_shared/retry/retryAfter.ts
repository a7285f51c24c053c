/** How long the other side asks to be left alone. @module */

import { part } from "../core/unknownValues.ts";
import { headerReader } from "./errorParts.ts";

type HeaderReader = (name: string) => string | undefined;

/** The wish in milliseconds, 0 or more; undefined when there is none that can be read. `now` is the wall clock. */
export function retryAfterOf(error: unknown, now: number): number | undefined {
  const own = part(error, "retryAfterMs");
  if (typeof own === "number" && own >= 0) return own;
  const read = headerReader(error);
  if (read === undefined) return wishInWords(error);
  return milliseconds(read("retry-after-ms")) ?? secondsOrDate(read("retry-after"), now) ??
    rateLimitReset(read, now) ?? wishInWords(error);
}

const WISH =
  /\b(?:try again|retry) (?:in|after) ((?:\d{1,9}(?:\.\d{1,9})? ?(?:milliseconds?|ms|seconds?|s|minutes?|m|hours?|h|days?|d)\b ?){1,4}|(?:\d{1,9}(?:\.\d{1,9})?(?:ms|[smhd])){1,4})/i;

/** Some services say it in a sentence alone: `try again in 7m12s`, `retry after 26 seconds`. */
function wishInWords(error: unknown): number | undefined {
  const message = part(error, "message");
  const wish = typeof message === "string" ? WISH.exec(message.slice(0, 2_000))?.[1] : undefined;
  return wish === undefined ? undefined : duration(wish.toLowerCase());
}

function milliseconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}

/** Seconds from now on, or a date, or seconds since the epoch, as services use all three. */
function secondsOrDate(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    const value = Number(trimmed);
    if (value > 1e12) return Math.max(0, value - now);
    return value > 1e9 ? Math.max(0, value * 1_000 - now) : value * 1_000;
  }
  // "-5" and "soon" are no dates, though the parser takes some of them for one.
  const date = /[a-z]{3}.*\d{4}|^\d{4}-\d\d-\d\d/i.test(trimmed) ? Date.parse(trimmed) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Limits that are used up, and when the last of them is free again. */
function rateLimitReset(read: HeaderReader, now: number): number | undefined {
  const waits = [
    ...["requests", "tokens"].map((what) =>
      usedUp(read(`x-ratelimit-remaining-${what}`), true)
        ? duration(read(`x-ratelimit-reset-${what}`))
        : undefined
    ),
    ...["x-ratelimit", "ratelimit"].map((family) =>
      usedUp(read(`${family}-remaining`), false) ? secondsOrDate(read(`${family}-reset`), now) : undefined
    ),
    combined(read("ratelimit")),
  ].filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** A service that tells the time of its reset but not what is left means that nothing is. */
function usedUp(remaining: string | undefined, mustBeSaid: boolean): boolean {
  return remaining === undefined ? !mustBeSaid : Number(remaining) <= 0;
}

/** `1s`, `6m0s`, `120ms`, `1h2m3.5s`, `26 seconds`. */
function duration(text: string | undefined): number | undefined {
  const parts = [...(text ?? "").matchAll(/(\d+(?:\.\d+)?) ?(ms|milli|s|m|h|d)/g)];
  if (parts.length === 0) return undefined;
  const unit: Record<string, number> = { ms: 1, milli: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  return parts.reduce((sum, [, value, name]) => sum + Number(value) * unit[name!]!, 0);
}

/** `limit=100, remaining=0, reset=5` and `"default";r=0;t=5`, the earlier and the later form of the standard. */
function combined(text: string | undefined): number | undefined {
  const remaining = /\b(?:remaining|r)=(\d+)/.exec(text ?? "")?.[1];
  const reset = /\b(?:reset|t)=(\d+)/.exec(text ?? "")?.[1];
  return remaining === "0" && reset !== undefined ? Number(reset) * 1_000 : undefined;
}
