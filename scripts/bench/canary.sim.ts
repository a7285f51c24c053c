/**
 * Releases as they would be watched thousands of times over: how often a healthy one is taken back by mistake although
 * somebody looks every minute, and how soon one is caught that fails twice as often.
 *
 * Each run is judged by `judgeCanary` at every look, as the engine judges. A run ends when it is taken back; a pause and
 * a promotion do not end it, which is the hardest case for a healthy release. The naive row compares with p < .01 at
 * every look. `deno task bench canary --picture FILE` draws forty releases instead.
 *
 * @module
 */

import { type Finding, percent, quantileOf, reportFindings } from "../lib/simulation.ts";
import { drawReleases } from "./canary/picture.ts";
import {
  bursts,
  HEALTHY,
  LONG,
  playAll,
  type RateAt,
  type Run,
  steady,
  type World,
} from "./canary/worlds.ts";

/** How large a simulation is. */
export interface CanarySize {
  /** Runs of each row of healthy releases, and of bad ones. */
  runs: number;
  looks: number;
}

/** As large as the claims were measured. */
export const FULL_SIZE: CanarySize = { runs: 1_000, looks: 200 };

const AT_MOST_ONE = { atMost: 1 };

/** Everything, in percent of runs where no other unit is named. */
export function simulateCanaries(size: CanarySize): Finding[] {
  return [
    ...HEALTHY.flatMap((world, index) => healthy(world, size, 100 + index)),
    ...bad(size),
    ...edges(size),
  ];
}

function healthy(world: World, { runs, looks }: CanarySize, seed: number): Finding[] {
  const played = playAll({ looks, ...world }, runs, seed);
  const scenario = `${world.name}, ${looks} looks`;
  return [
    percent(scenario, "taken back, %", played.filter(isTakenBack).length, runs, AT_MOST_ONE),
    percent(scenario, "paused for its spread, %", played.filter(pausedFor("unstable")).length, runs),
    ...world.name.startsWith("healthy, 2 %, long")
      ? [
        percent(scenario, "naive: p < .01 at some look, %", played.filter(({ naive }) => naive).length, runs),
      ]
      : [],
  ];
}

/** Releases that fail more often, over 2,000 and over more requests. */
function bad({ runs }: CanarySize): Finding[] {
  const doubled = { canary: steady(0.04), perLook: 100 };
  const long = { ...doubled, name: "2 % becomes 4 %, 20,000 before", before: steady(0.02), ...LONG };
  const equal = {
    ...doubled,
    name: "2 % becomes 4 %, equal control",
    control: steady(0.02),
    controlPerLook: 100,
  };
  const tenth = { ...equal, name: "2 % becomes 4 %, ninefold control", controlPerLook: 900 };
  const halfway = {
    ...long,
    name: "2 % becomes 20 % after 30 minutes",
    canary: ((minute) => minute < 30 ? 0.02 : 0.2) as RateAt,
    perLook: 20,
  };
  const late = {
    name: "4 % from the last of five steps on",
    canary: ((minute) => minute < 40 ? 0.02 : 0.04) as RateAt,
    control: steady(0.02),
    before: steady(0.02),
    perLook: 200,
    steps: [0.1, 0.25, 0.5, 0.75, 1],
    ...LONG,
  };
  return [
    ...caught(late, runs, 50, 206),
    ...caught(long, runs, 20, 201, { atLeast: 95 }),
    ...caught(equal, runs, 20, 202),
    ...caught(equal, runs, 50, 203),
    ...caught(tenth, runs, 20, 204),
    ...caught(halfway, runs, 60, 205, { atLeast: 95 }),
  ];
}

function edges({ runs, looks }: CanarySize): Finding[] {
  const zero = {
    name: "0 in 20,000 becomes 1 %",
    canary: steady(0.01),
    before: steady(0),
    perLook: 100,
    ...LONG,
  };
  const sparse = {
    ...zero,
    name: "1 in 5,000 becomes 1 in 100",
    before: steady(0.0002),
  };
  const bursty = {
    name: "2 % stays 2 %, now in bursts",
    canary: bursts(0.02),
    before: steady(0.02),
    perLook: 50,
    looks,
    ...LONG,
  };
  const played = playAll(bursty, runs, 303);
  return [
    ...caught(zero, runs, 20, 301, { atLeast: 95 }),
    ...caught({ ...zero, name: "0 in 20,000 becomes 50 %", canary: steady(0.5) }, runs, 20, 304, {
      atLeast: 95,
    }),
    ...caught(sparse, runs, 20, 302, { atLeast: 95 }),
    percent(bursty.name, "taken back, %", played.filter(isTakenBack).length, runs, AT_MOST_ONE),
    percent(bursty.name, "paused for its spread, %", played.filter(pausedFor("unstable")).length, runs, {
      atLeast: 95,
    }),
  ];
}

function caught(
  world: World,
  runs: number,
  looks: number,
  seed: number,
  bound?: { atLeast: number },
): Finding[] {
  const played = playAll({ ...world, looks }, runs, seed);
  const places = played.map(({ takenBackAt }) => takenBackAt);
  const requests = world.steps === undefined ? looks * world.perLook : 0;
  const scenario = requests === 0 ? `${world.name}, ${looks} looks` : `${world.name}, ${requests} requests`;
  return [
    percent(scenario, "taken back, %", played.filter(isTakenBack).length, runs, bound),
    { scenario, figure: "requests until taken back, median", value: quantileOf(places, 0.5), runs },
    percent(scenario, "would have gone on before, %", played.filter(({ promoted }) => promoted).length, runs),
  ];
}

function isTakenBack({ takenBackAt }: Run): boolean {
  return takenBackAt < Infinity;
}

function pausedFor(rule: string): (run: Run) => boolean {
  return ({ paused }) => paused.has(rule);
}

if (import.meta.main) {
  const [option, file] = Deno.args;
  if (option === "--picture" && file !== undefined) await Deno.writeTextFile(file, drawReleases());
  else reportFindings(simulateCanaries(FULL_SIZE));
}
