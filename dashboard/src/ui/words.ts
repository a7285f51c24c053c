/** How figures, times and states are written. @module */

/** How a state is shown. */
export type Tone = "good" | "warn" | "bad" | "info" | "ask" | "quiet";

const TONES: Readonly<Record<string, Tone>> = {
  healthy: "good",
  kept: "good",
  healed: "good",
  passed: "good",
  finished: "good",
  done: "good",
  succeeded: "good",
  active: "good",
  success: "good",
  enabled: "good",
  closed: "good",
  in_force: "good",
  completed: "good",
  approved: "good",
  ready: "good",
  live: "good",
  promoted: "good",
  degraded: "warn",
  reverted: "warn",
  rolled_back: "warn",
  blocked: "warn",
  flaky: "warn",
  open: "warn",
  quarantined: "warn",
  medium: "warn",
  half_open: "warn",
  paused: "warn",
  unhealthy: "bad",
  failed: "bad",
  escalated: "bad",
  lost: "bad",
  error: "bad",
  high: "bad",
  critical: "bad",
  failure: "bad",
  healing: "info",
  applying: "info",
  deploying: "info",
  building: "info",
  validating: "info",
  running: "info",
  started: "info",
  dispatched: "info",
  queued: "info",
  pending: "ask",
  awaiting_approval: "ask",
  needs_person: "ask",
};

/** The tone of a state. */
export function toneOf(state: string): Tone {
  return Object.hasOwn(TONES, state) ? TONES[state]! : "quiet";
}

/** A name of the database as words: `awaiting_approval` is "awaiting approval". */
export function asWords(name: string): string {
  return name.replaceAll("_", " ");
}

const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en", {
  notation: "compact",
  maximumFractionDigits: 1,
});

/** A count; large ones are shortened. */
export function count(n: number | null | undefined): string {
  if (n === null || n === undefined) return "–";
  return n >= 100_000 ? SHORT.format(n) : COUNT.format(n);
}

/** A share as percent. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined
    ? "–"
    : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

/** A share between 0 and 1 with two decimals. */
export function share(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(2);
}

/** A length of time in its largest sensible unit. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  const abs = Math.abs(seconds);
  if (abs < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (abs < 90) return `${seconds.toFixed(abs < 10 ? 1 : 0)} s`;
  if (abs < 5_400) return `${Math.round(seconds / 60)} min`;
  if (abs < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** How long ago, or until when, in words. */
export function relativeTime(at: string, now: number): string {
  const seconds = (now - Date.parse(at)) / 1_000;
  if (Number.isNaN(seconds)) return "–";
  if (Math.abs(seconds) < 5) return "just now";
  const length = Math.abs(seconds) < 90 ? `${Math.round(Math.abs(seconds))} s` : duration(Math.abs(seconds));
  return seconds > 0 ? `${length} ago` : `in ${length}`;
}

/** How often, in words: once, or so many times. */
export function times(n: number): string {
  return n === 1 ? "once" : `${count(n)} times`;
}

/** A moment in full. */
export function moment(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : date.toLocaleString("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
  });
}

/** Any value as text; objects as JSON. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** An e-value from its logarithm, as far as anybody reads it. */
export function eValue(log: number): string {
  const value = Math.exp(log);
  if (value > 1_000_000) return "> 1M";
  return value >= 1_000 ? SHORT.format(value) : value.toFixed(value < 10 ? 2 : 0);
}
