/** Closed breakers around a call that costs nothing, ours and its peers. @module */

import {
  circuitBreaker,
  ConsecutiveBreaker,
  handleAll,
  SamplingBreaker,
} from "../../../supabase/functions/_shared/bulkhead/cockatiel.ts";
import { type BreakerStore, CircuitBreaker } from "../../../supabase/functions/_shared/circuitBreaker.ts";
import { view } from "../../../tests/helpers/scriptedStore.ts";
import { openOpossum } from "../peers/opossum.ts";
import { type ContestGroup, runContest } from "./contest.ts";
import { timedMany } from "./takeTurns.ts";

const CALLS = 5_000;
const ROUNDS = 200;
const COCKATIEL = "cockatiel 4.0.0";
const OPOSSUM = "opossum 10.0.0";

const answer = Promise.resolve("ok");

/** The protected call. */
export function call(): Promise<string> {
  return answer;
}

/** A breaker that lets the call through. */
export type Passing = () => Promise<unknown>;

/** Which breaker: ours are `local`, `shared` by all isolates, and `ratio`; the others are peers, and no breaker at all. */
export type BreakerName = "bare" | "cockatiel" | "sampling" | "opossum" | "local" | "shared" | "ratio";

/** All of them, closed; what opossum keeps running ends with them. */
export function closedBreakers(): Readonly<Record<BreakerName, Passing>> & Disposable {
  const closed = view();
  const store: BreakerStore = {
    report: () => Promise.resolve(closed),
    claimProbe: () => Promise.resolve({ granted: false, probeNumber: 0, view: closed }),
    finishProbe: () => Promise.resolve(closed),
  };
  const peer = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) });
  const sampling = circuitBreaker(handleAll, {
    halfOpenAfter: 60_000,
    breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000 }),
  });
  const opossum = openOpossum(call);
  const local = new CircuitBreaker(undefined);
  const shared = new CircuitBreaker("closed breakers", { store });
  const ratio = new CircuitBreaker(undefined, { failureRatio: 0.5 });
  return {
    bare: call,
    cockatiel: () => peer.execute(call),
    sampling: () => sampling.execute(call),
    opossum: () => opossum.fire(),
    local: () => local.execute(call),
    shared: () => shared.execute(call),
    ratio: () => ratio.execute(call),
    [Symbol.dispose]: () => opossum.shutdown(),
  };
}

/** What a closed breaker adds to a call. */
export const breakerContests: ContestGroup = {
  name: "circuit breaker",
  async run({ rounds }) {
    using breakers = closedBreakers();
    const side = (name: BreakerName) => timedMany(CALLS, breakers[name]);
    const limits = { rounds: Math.min(rounds, ROUNDS), warmUp: Math.min(rounds, 10) };
    const inARow = { [COCKATIEL]: side("cockatiel") };
    return [
      ...await runContest({
        what: "closed breaker, failures in a row, local",
        ours: { name: "CircuitBreaker", side: side("local") },
        peers: inARow,
        bare: side("bare"),
        inReadme: [COCKATIEL],
      }, limits),
      ...await runContest({
        what: "closed breaker, failures in a row, shared by all isolates",
        ours: { name: "CircuitBreaker", side: side("shared") },
        peers: inARow,
        bare: side("bare"),
      }, limits),
      ...await runContest({
        what: "closed breaker, share of failures",
        ours: { name: "CircuitBreaker", side: side("ratio") },
        peers: { [COCKATIEL]: side("sampling"), [OPOSSUM]: side("opossum") },
        bare: side("bare"),
        inReadme: [OPOSSUM],
      }, limits),
    ];
  },
};
