/** What a breaker can be told, its defaults, and the refusal of what makes no sense. @module */

import { type Clock, systemClock } from "../core/clock.ts";
import { optionCheck } from "../core/options.ts";
import { type Random, systemRandom } from "../core/random.ts";
import type { BreakerAlert, BreakerEvent } from "./announcer.ts";
import { isTargetFault } from "./faults.ts";
import type { BreakerGroup } from "./group.ts";
import type { CircuitBreakerSnapshot } from "./state.ts";
import type { BreakerMode, BreakerStore } from "./store.ts";

const require = optionCheck("create CircuitBreaker");

/** When the evidence of one isolate opens its breaker. */
export interface BreakerRules {
  /** Failures in a row that open it; 5. Not looked at when `failureRatio` is given. */
  failureThreshold: number;
  /** Share of failed calls in the window that opens it, 0..1; the alternative to failures in a row. */
  failureRatio: number | undefined;
  /** Share of slow calls in the window that opens it, 0..1; needs `slowCallMs`. */
  slowCallRatio: number | undefined;
  /** From when on a call is slow, in milliseconds. */
  slowCallMs: number;
  /** The window of both ratios, in milliseconds; 30,000. */
  windowMs: number;
  /** Calls in the window below which no ratio opens it; 10. */
  minimumThroughput: number;
}

/** Everything about a breaker that its author may leave out. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open it; 5. Not looked at when `failureRatio` is given. */
  failureThreshold?: number;
  /** Share of failed calls in the window that opens it, 0..1; the alternative to failures in a row. */
  failureRatio?: number;
  /** Share of slow calls in the window that opens it, 0..1; needs `slowCallMs`. */
  slowCallRatio?: number;
  /** From when on a call is slow, in milliseconds. */
  slowCallMs?: number;
  /** The window of both ratios, in milliseconds; 30,000. */
  windowMs?: number;
  /** Calls in the window below which no ratio opens it; 10. */
  minimumThroughput?: number;
  /** How long it stays open before one call may try, in milliseconds; 60,000. */
  cooldownMs?: number;
  /** How long that call may take before it is aborted and counts as failed, in milliseconds; 30,000. */
  halfOpenTimeoutMs?: number;
  /** `forcedOpen` refuses every call, `disabled` lets every call through and counts nothing; `auto`. */
  mode?: BreakerMode;
  /** Which errors are the target's fault; by default all but the caller's abort and answers to a wrong request. */
  countsAsFailure?: (error: unknown) => boolean;
  /** Targets that can stand in for each other: the last one that is left is never blocked. */
  group?: BreakerGroup;
  /** What `toJSON()` of an earlier breaker gave. */
  initialState?: CircuitBreakerSnapshot;
  /** Shares the state with every isolate that has a breaker of this name; a breaker without a name is local. */
  store?: BreakerStore;
  /** Isolates that have to agree, at least, before it opens for all of them; 2. */
  quorum?: number;
  /** Share of the active isolates that has to agree, 0..1; 0.2. */
  quorumShare?: number;
  /** How old the fleet's state may get while calls come in, in milliseconds; 5,000. */
  refreshMs?: number;
  /** How long the store may take before it counts as lost, in milliseconds; 1,000. */
  storeTimeoutMs?: number;
  /** Told of every change; what it throws is swallowed. */
  onEvent?: (event: BreakerEvent) => void;
  /** Told once of each opening; what it throws is swallowed. */
  alert?: (alert: BreakerAlert) => void | Promise<void>;
  clock?: Clock;
  random?: Random;
}

/** Options with their defaults. */
export interface BreakerSettings extends BreakerRules {
  cooldownMs: number;
  halfOpenTimeoutMs: number;
  mode: BreakerMode;
  countsAsFailure: (error: unknown) => boolean;
  group: BreakerGroup | undefined;
  quorum: number;
  quorumShare: number;
  refreshMs: number;
  storeTimeoutMs: number;
  clock: Clock;
  random: Random;
}

const MODES: readonly BreakerMode[] = ["auto", "forcedOpen", "disabled"];

/** The settings of a breaker; throws a `RangeError` that names the option, what it must be, and what it is. */
export function readOptions(options: CircuitBreakerOptions): BreakerSettings {
  const settings: BreakerSettings = {
    failureThreshold: options.failureThreshold ?? 5,
    failureRatio: options.failureRatio,
    slowCallRatio: options.slowCallRatio,
    slowCallMs: options.slowCallMs ?? Infinity,
    windowMs: options.windowMs ?? 30_000,
    minimumThroughput: options.minimumThroughput ?? 10,
    cooldownMs: options.cooldownMs ?? 60_000,
    halfOpenTimeoutMs: options.halfOpenTimeoutMs ?? 30_000,
    mode: options.mode ?? "auto",
    countsAsFailure: options.countsAsFailure ?? isTargetFault,
    group: options.group,
    quorum: options.quorum ?? 2,
    quorumShare: options.quorumShare ?? 0.2,
    refreshMs: options.refreshMs ?? 5_000,
    storeTimeoutMs: options.storeTimeoutMs ?? 1_000,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  };
  checkSettings(settings);
  return settings;
}

/** Throws unless a breaker may bear this name; the store keeps names of up to 200 characters. */
export function checkName(name: string | undefined): void {
  if (name === undefined) return;
  require("name", `"${name}"`, name.trim() !== "" && name.length <= 200, "1 to 200 characters");
}

function checkSettings(settings: BreakerSettings): void {
  for (const key of ["failureThreshold", "minimumThroughput"] as const) {
    require(key, settings[key], Number.isInteger(settings[key]) && settings[key] >= 1, "a whole number >= 1");
  }
  require(
    "quorum",
    settings.quorum,
    Number.isInteger(settings.quorum) && settings.quorum >= 2,
    "a whole number >= 2",
  );
  for (const key of ["failureRatio", "slowCallRatio"] as const) {
    const value = settings[key];
    require(key, value, value === undefined || (value > 0 && value <= 1), "> 0 and <= 1");
  }
  const { quorumShare, cooldownMs, mode, slowCallMs, slowCallRatio } = settings;
  require("quorumShare", quorumShare, quorumShare >= 0 && quorumShare <= 1, ">= 0 and <= 1");
  require("cooldownMs", cooldownMs, Number.isFinite(cooldownMs) && cooldownMs >= 0, ">= 0");
  for (const key of ["halfOpenTimeoutMs", "windowMs", "refreshMs", "storeTimeoutMs"] as const) {
    require(key, settings[key], Number.isFinite(settings[key]) && settings[key] > 0, "> 0");
  }
  require("slowCallMs", slowCallMs, slowCallMs > 0, "> 0");
  const hasLimit = slowCallRatio === undefined || slowCallMs !== Infinity;
  require("slowCallMs", undefined, hasLimit, 'given with "slowCallRatio"');
  require("mode", `"${mode}"`, MODES.includes(mode), MODES.map((one) => `"${one}"`).join(" or "));
}
