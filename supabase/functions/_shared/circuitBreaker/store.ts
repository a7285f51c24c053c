/** The port through which the breakers of a fleet share what they know. @module */

import { HealingError } from "../core/errors.ts";

/** Who decides: the evidence, or a person. */
export type BreakerMode = "auto" | "forcedOpen" | "disabled";

/** What one isolate tells the others about one target. */
export interface BreakerReport {
  name: string;
  /** The group of targets that can stand in for each other; empty for none. */
  group: string;
  /** The version that this isolate has seen; undefined before its first answer. A vote on an old version is void. */
  version: number | undefined;
  /** True when its own evidence says that the target is down: its vote to open everywhere. */
  isOpen: boolean;
  /** Failures since its last report. */
  failures: number;
  /** The code of its last failure, never a message. */
  errorCode: string | undefined;
  cooldownMs: number;
  quorum: number;
  quorumShare: number;
}

/** What the whole fleet knows; times are durations from now on, so that no clock is compared with another. */
export interface BreakerView {
  /** Which row it is; a new one starts its versions anew. */
  id: string;
  version: number;
  state: "closed" | "open" | "halfOpen";
  mode: BreakerMode;
  /** Until a probe may be claimed. */
  remainingMs: number;
  /** True when no other target of its group is available. */
  isLast: boolean;
  /** Isolates that use this breaker; 0 when it was not counted. */
  activeIsolates: number;
  /** True for the one report that opened it everywhere. */
  opened: boolean;
}

/** The answer to a claim of the fleet's one probe. */
export interface ProbeClaim {
  granted: boolean;
  probeNumber: number;
  view: BreakerView;
}

/** How a probe ended; an abandoned one says nothing about the target. */
export type ProbeOutcome = "succeeded" | "failed" | "abandoned";

/** Where breakers of the same name meet; one instance an isolate. */
export interface BreakerStore {
  /** Reports and reads in one call. */
  report(report: BreakerReport): Promise<BreakerView>;
  /** Takes the one probe of the fleet, if it is due and free, until its lease ends. */
  claimProbe(claim: { name: string; leaseMs: number }): Promise<ProbeClaim>;
  /** Ends the probe; ignored when another one was granted since. */
  finishProbe(end: { name: string; probeNumber: number; outcome: ProbeOutcome }): Promise<BreakerView>;
}

const STATES: ReadonlySet<unknown> = new Set<BreakerView["state"]>(["closed", "open", "halfOpen"]);
const MODES: ReadonlySet<unknown> = new Set<BreakerMode>(["auto", "forcedOpen", "disabled"]);
/** No cooldown is longer than a day; a store that speaks of more is not believed. */
const LONGEST_WAIT_MS = 172_800_000;

/** The view, or an error: what a store of another version says must not keep calls from their target. */
export function checkView(view: BreakerView): BreakerView {
  const { id, version, state, mode, remainingMs, isLast, activeIsolates, opened } = view;
  const areKnown = STATES.has(state) && MODES.has(mode) && typeof id === "string";
  const isCounted = Number.isSafeInteger(version) && activeIsolates >= 0;
  const isTimed = remainingMs <= LONGEST_WAIT_MS;
  if (areKnown && isCounted && isTimed && typeof isLast === "boolean" && typeof opened === "boolean") {
    return view;
  }
  throw new HealingError("INTERNAL", "The breakers' store answered what is no view of a breaker");
}

/** The claim, or an error. */
export function checkClaim(claim: ProbeClaim): ProbeClaim {
  checkView(claim.view);
  if (typeof claim.granted === "boolean" && Number.isSafeInteger(claim.probeNumber)) return claim;
  throw new HealingError("INTERNAL", "The breakers' store answered what is no claim of a probe");
}
