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

import { withSelfHealing } from "../../supabase/functions/_shared/errorInterceptor.ts";
import { PerformanceMonitor } from "../../supabase/functions/_shared/performanceMonitor.ts";
import { Tracer, useTracer } from "../../supabase/functions/_shared/tracing.ts";
import { type Finding, quantileOf, reportFindings } from "../lib/simulation.ts";
import { type BreakerName, call, closedBreakers, type Passing } from "./contests/breakers.ts";
import { takeTurns, timedMany } from "./contests/takeTurns.ts";

const ROUNDS = 60;
const CALLS = 5_000;
const LIMIT_US = 20;

/** Nanoseconds a call of each round, of all contestants in turn. */
async function race<Name extends string>(
  contestants: Readonly<Record<Name, Passing>>,
  names: readonly Name[],
): Promise<Record<Name, number[]>> {
  const sides = Object.fromEntries(names.map((name) => [name, timedMany(CALLS, contestants[name])]));
  const times = await takeTurns(sides, { rounds: ROUNDS, warmUp: 10 });
  return Object.fromEntries(names.map((name) => [name, times[name]!.map((ms) => ms * 1e6)])) as Record<
    Name,
    number[]
  >;
}

const COMPARED: readonly BreakerName[] = ["bare", "cockatiel", "sampling", "local", "shared", "ratio"];

function requests(): Readonly<Record<"bare" | "off" | "recorded" | "work", Passing>> {
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
  using breakers = closedBreakers();
  const closed = await race(breakers, COMPARED);
  const wrapped = await race(requests(), ["bare", "off", "recorded", "work"]);
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
