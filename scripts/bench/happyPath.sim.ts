/**
 * What protection costs while nothing is wrong: a closed breaker against cockatiel's, and `withSelfHealing` with its
 * trace and its monitor around a request.
 *
 * The contestants take turns in short rounds, and the median of each one's rounds counts for the comparison: what
 * else runs on the machine meets all of them. Fails when a closed breaker costs more than cockatiel's of the same kind,
 * or when the best round of a wrapped request takes 20 µs or more.
 *
 * @module
 */

import {
  circuitBreaker,
  ConsecutiveBreaker,
  handleAll,
  SamplingBreaker,
} from "../../supabase/functions/_shared/bulkhead/cockatiel.ts";
import { type BreakerStore, CircuitBreaker } from "../../supabase/functions/_shared/circuitBreaker.ts";
import { withSelfHealing } from "../../supabase/functions/_shared/errorInterceptor.ts";
import { PerformanceMonitor } from "../../supabase/functions/_shared/performanceMonitor.ts";
import { Tracer, useTracer } from "../../supabase/functions/_shared/tracing.ts";
import { view } from "../../tests/helpers/scriptedStore.ts";
import { type Finding, quantileOf, reportFindings } from "../lib/simulation.ts";

const ROUNDS = 60;
const CALLS = 5_000;
const LIMIT_US = 20;

type Contestant = () => Promise<unknown>;

/** Nanoseconds a call of each round, of all contestants in turn. */
async function race<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
): Promise<Record<Name, number[]>> {
  const entries = Object.entries(contestants) as [Name, Contestant][];
  const times = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, number[]>;
  // The first rounds are for the compiler.
  for (let round = -10; round < ROUNDS; round++) {
    for (const [name, one] of entries) {
      const startedAt = performance.now();
      for (let call = 0; call < CALLS; call++) await one();
      if (round >= 0) times[name].push((performance.now() - startedAt) * 1e6 / CALLS);
    }
  }
  return times;
}

const answer = Promise.resolve("ok");

function call(): Promise<string> {
  return answer;
}

function breakers(): Readonly<
  Record<"bare" | "cockatiel" | "sampling" | "local" | "shared" | "ratio", Contestant>
> {
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
  const local = new CircuitBreaker(undefined);
  const shared = new CircuitBreaker("happy path", { store });
  const ratio = new CircuitBreaker(undefined, { failureRatio: 0.5 });
  return {
    bare: call,
    cockatiel: () => peer.execute(call),
    sampling: () => sampling.execute(call),
    local: () => local.execute(call),
    shared: () => shared.execute(call),
    ratio: () => ratio.execute(call),
  };
}

function requests(): Readonly<Record<"bare" | "off" | "recorded" | "work", Contestant>> {
  const response = new Response("ok");
  const handler = async (request: Request) => {
    await request.method;
    return response;
  };
  const monitor = new PerformanceMonitor();
  const wrapped = withSelfHealing(handler, { functionName: "happy path", monitor });
  const work = withSelfHealing(call, { functionName: "happy path: work" });
  const request = new Request("http://project.test/", {
    headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
  });
  const send = () => Promise.resolve({ kind: "sent" as const, rejected: 0 });
  const [off, on] = [new Tracer(), new Tracer({ exporter: () => Promise.resolve({ export: send }) })];
  const under = (tracer: Tracer) => () => {
    useTracer(tracer);
    return wrapped(request);
  };
  return { bare: () => handler(request), off: under(off), recorded: under(on), work: () => work() };
}

function median(times: readonly number[]): number {
  return quantileOf(times, 0.5);
}

async function main(): Promise<Finding[]> {
  const closed = await race(breakers());
  const wrapped = await race(requests());
  const cost = (name: keyof typeof closed) => median(closed[name]) - median(closed.bare);
  const compared = (name: "local" | "shared" | "ratio", peer: "cockatiel" | "sampling"): Finding => ({
    scenario: `closed breaker, ${name}`,
    figure: `overhead against cockatiel's (${cost(name).toFixed(0)} of ${cost(peer).toFixed(0)} ns)`,
    value: cost(name) / cost(peer),
    bound: { atMost: 1 },
    runs: ROUNDS,
  });
  const wholePath = (name: keyof typeof wrapped, scenario: string): Finding => ({
    scenario,
    figure: `best round, µs (median ${(median(wrapped[name]) / 1_000).toFixed(1)})`,
    value: Math.min(...wrapped[name]) / 1_000,
    bound: { atMost: LIMIT_US },
    runs: ROUNDS,
  });
  return [
    compared("local", "cockatiel"),
    compared("shared", "cockatiel"),
    compared("ratio", "sampling"),
    wholePath("off", "withSelfHealing(), a request, nothing records"),
    wholePath("recorded", "withSelfHealing(), a request, its trace recorded"),
    wholePath("work", "withSelfHealing(), another function"),
  ];
}

reportFindings(await main());
Deno.exit();
