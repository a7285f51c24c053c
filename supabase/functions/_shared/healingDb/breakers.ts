/** The breakers that a fleet shares. @module */

import type {
  BreakerMode,
  BreakerReport,
  BreakerStore,
  BreakerView,
  ProbeClaim,
  ProbeOutcome,
} from "../circuitBreaker.ts";
import type { Json, RpcPort } from "../core/ports.ts";
import { type Random, systemRandom } from "../core/random.ts";

/** A breaker's mode as the database has it. */
export type StoredBreakerMode = "auto" | "forced_open" | "disabled";

/** A breaker's state as the database has it. */
export type StoredBreakerState = "closed" | "open" | "half_open";

/** What the database tells an isolate about a breaker. */
export interface StoredBreakerView {
  id: string;
  version: number;
  state: StoredBreakerState;
  mode: StoredBreakerMode;
  remaining_ms: number;
  is_last: boolean;
  active_isolates: number;
  opened: boolean;
}

/** A shared breaker as admins see it; times are ISO 8601. */
export interface StoredBreaker {
  id: string;
  name: string;
  group_name: string;
  state: StoredBreakerState;
  mode: StoredBreakerMode;
  version: number;
  reason: string;
  cooldown_ms: number;
  opened_at: string | null;
  opened_count: number;
  probe_after: string | null;
  probe_number: number;
  probe_isolate: string | null;
  probe_lease_expires_at: string | null;
  evidence: Json;
  created_at: string;
  changed_at: string;
  is_last: boolean;
  active_isolates: number;
  votes: number;
  failure_count: number;
}

/** Reports what an isolate saw and reads the fleet's state. */
export function reportCircuitBreaker(
  db: RpcPort,
  isolate: string,
  report: BreakerReport,
): Promise<StoredBreakerView> {
  return db.call("report_circuit_breaker", {
    p_report: {
      name: report.name,
      isolate,
      group: report.group,
      version: report.version ?? null,
      is_open: report.isOpen,
      failures: report.failures,
      error_code: report.errorCode ?? null,
      cooldown_ms: report.cooldownMs,
      quorum: report.quorum,
      quorum_share: report.quorumShare,
    },
  });
}

/** Takes the fleet's one probe, if it is due and free. */
export function claimCircuitProbe(
  db: RpcPort,
  isolate: string,
  claim: { name: string; leaseMs: number },
): Promise<{ granted: boolean; probe_number: number; view: StoredBreakerView }> {
  return db.call("claim_circuit_probe", {
    p_name: claim.name,
    p_isolate: isolate,
    p_lease_ms: Math.ceil(claim.leaseMs),
  });
}

/** Ends a probe; without effect when another one was granted since. */
export function finishCircuitProbe(
  db: RpcPort,
  end: { name: string; probeNumber: number; outcome: ProbeOutcome },
): Promise<StoredBreakerView> {
  return db.call("finish_circuit_probe", {
    p_name: end.name,
    p_probe_number: end.probeNumber,
    p_outcome: end.outcome,
  });
}

/** Closes a breaker for all, with the reason; what was decided before is void. */
export function resetCircuitBreaker(db: RpcPort, name: string, reason: string): Promise<StoredBreakerView> {
  return db.call("reset_circuit_breaker", { p_name: name, p_reason: reason });
}

/** Forces a breaker open, disables it, or gives it back to the evidence; only a person may. */
export function setCircuitBreakerMode(
  db: RpcPort,
  change: { name: string; mode: StoredBreakerMode; reason: string },
): Promise<StoredBreaker> {
  return db.call("set_circuit_breaker_mode", {
    p_name: change.name,
    p_mode: change.mode,
    p_reason: change.reason,
  });
}

/** Every shared breaker, open ones first. */
export function getCircuitBreakers(db: RpcPort): Promise<StoredBreaker[]> {
  return db.call("get_circuit_breakers", {});
}

/** Where the breakers of one isolate meet those of the others; make one an isolate, since each is one vote. */
export function breakerStore(
  db: RpcPort,
  { isolate, random = systemRandom }: { isolate?: string; random?: Random } = {},
): BreakerStore {
  const id = isolate ?? random.uuid();
  return {
    report: async (report) => viewOf(await reportCircuitBreaker(db, id, report)),
    async claimProbe(claim): Promise<ProbeClaim> {
      const { granted, probe_number, view } = await claimCircuitProbe(db, id, claim);
      return { granted, probeNumber: probe_number, view: viewOf(view) };
    },
    finishProbe: async (end) => viewOf(await finishCircuitProbe(db, end)),
  };
}

function viewOf(stored: StoredBreakerView): BreakerView {
  return {
    id: stored.id,
    version: stored.version,
    state: stored.state === "half_open" ? "halfOpen" : stored.state,
    mode: MODE_OF[stored.mode],
    remainingMs: stored.remaining_ms,
    isLast: stored.is_last,
    activeIsolates: stored.active_isolates,
    opened: stored.opened,
  };
}

const MODE_OF: Readonly<Record<StoredBreakerMode, BreakerMode>> = {
  auto: "auto",
  forced_open: "forcedOpen",
  disabled: "disabled",
};
