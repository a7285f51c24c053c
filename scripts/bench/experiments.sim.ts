/**
 * Experiments as they would run ten thousand times over: how often two equal fixes get a winner although somebody
 * looks at every tick, and how often a better fix is found.
 *
 * The first part leaves the e-process running to the end of the run whatever it shows, which is the hardest case; the
 * second judges by `decideExperiment` at each tick, with everything that ends an experiment. The naive rows judge by
 * chi-square at every look, or feed the e-process as it must not be fed, to compare with.
 *
 * @module
 */

import {
  addOutcomes,
  chiSquareTest,
  createEProcess,
  decideExperiment,
  eValuesOf,
  EXPERIMENT_RULES,
  maxExperimentSize,
} from "../../supabase/functions/_shared/statistics.ts";
import {
  type Chance,
  type Finding,
  percent,
  quantileOf,
  reportFindings,
  seededChance,
} from "../lib/simulation.ts";

/** How large a simulation is. */
export interface ExperimentSize {
  /** Runs for each row. */
  runs: number;
  /** Outcomes of a run of the first part. */
  outcomes: number;
  /** Looks at a run, evenly spread; each value is a row. */
  looks: readonly number[];
}

/** As large as the claims were measured. */
export const FULL_SIZE: ExperimentSize = { runs: 4_000, outcomes: 10_000, looks: [200, 2_000] };

/** The success rate of both arms after this share (0..1) of a run. */
type Rate = (progress: number) => number;

const DRIFTS: Record<string, Rate> = {
  "p falls .95 to .2": (progress) => 0.95 - 0.75 * progress,
  "p jumps .9 to .3": (progress) => progress < 0.5 ? 0.9 : 0.3,
  "p swings .5 +- .45": (progress) => 0.5 + 0.45 * Math.sin(40 * progress),
};
const RATES = [0.02, 0.1, 0.5, 0.8, 0.95, 0.98];
const SHARES_OF_B = [0.5, 0.2];
/** Looking never makes more than this of two equal arms a winner. */
const FALSE_WINNERS = { atMost: 5 };

/** Everything, in percent of runs where no other unit is named. */
export function simulateExperiments(size: ExperimentSize): Finding[] {
  return [...simulateEqualArms(size), ...simulateFeeding(size), ...simulateDecisions(size.runs)];
}

function simulateEqualArms(size: ExperimentSize): Finding[] {
  const steady = RATES.map((p): [string, Rate] => [`p = ${p}`, () => p]);
  const scenarios = [...steady, ...Object.entries(DRIFTS)];
  return size.looks.flatMap((looks) => [
    ...SHARES_OF_B.flatMap((shareOfB) =>
      scenarios.map(([name, rate], index) => {
        const scenario = `equal, ${name}, ${100 - 100 * shareOfB}/${100 * shareOfB}, ${looks} looks`;
        const chance = seededChance(1_000 * looks + 100 * shareOfB + index);
        const hits = count(size.runs, () =>
          playEqualArms(size.outcomes, looks, shareOfB, rate, chance).byEProcess);
        return percent(scenario, "false winners, %", hits, size.runs, FALSE_WINNERS);
      })
    ),
    naiveFinding(size, looks),
  ]);
}

function naiveFinding({ runs, outcomes }: ExperimentSize, looks: number): Finding {
  const chance = seededChance(looks);
  const hits = count(runs, () => playEqualArms(outcomes, looks, 0.5, () => 0.5, chance, true).byChiSquare);
  return percent(`equal, p = 0.5, 50/50, ${looks} looks`, "naive: p < .05 at some look, %", hits, runs);
}

interface Winners {
  byEProcess: boolean;
  byChiSquare: boolean;
}

function playEqualArms(
  outcomes: number,
  looks: number,
  shareOfB: number,
  rate: Rate,
  chance: Chance,
  naive = false,
): Winners {
  const everyN = outcomes / looks;
  const winners = { byEProcess: false, byChiSquare: false };
  let state = createEProcess();
  const total = newBatch();
  for (let look = 0; look < looks && !winners.byEProcess && !winners.byChiSquare; look++) {
    const batch = drawBatch(everyN, shareOfB, (i) => rate((look * everyN + i) / outcomes), chance);
    if (naive) {
      addTo(total, batch);
      winners.byChiSquare = Math.min(total.a.n, total.b.n) >= EXPERIMENT_RULES.winnerN &&
        chiSquareTest(total.a, total.b).pValue < 0.05;
    } else {
      state = addOutcomes(state, batch);
      winners.byEProcess = Math.min(state.a.n, state.b.n) >= EXPERIMENT_RULES.winnerN &&
        eValuesOf(state).both >= EXPERIMENT_RULES.winner;
    }
  }
  return winners;
}

/** When an outcome is counted, as a share of the run after its unit, and how often. */
interface Feeding {
  name: string;
  delay: (isB: boolean, succeeded: boolean) => number;
  times: number;
  bound?: NonNullable<Finding["bound"]>;
}

/** How long failures of b are on their way, as a share of the run. */
const SLOWNESS = 0.1;
const FEEDINGS: readonly Feeding[] = [
  {
    name: "b fails late, counted as it comes",
    delay: (isB, succeeded) => isB && !succeeded ? SLOWNESS : 0,
    times: 1,
  },
  {
    name: "b fails late, counted at maturity",
    delay: () => SLOWNESS,
    times: 1,
    bound: FALSE_WINNERS,
  },
  { name: "3 outcomes a unit, each counted", delay: () => 0, times: 3 },
  { name: "3 outcomes a unit, one counted", delay: () => 0, times: 1, bound: FALSE_WINNERS },
];

/** The two mistakes that break the method, and what the database does instead. */
function simulateFeeding({ runs, outcomes, looks }: ExperimentSize): Finding[] {
  return FEEDINGS.map((feeding, index) => {
    const chance = seededChance(500 + index);
    const hits = count(runs, () => playFeeding(outcomes, looks[0] ?? 200, feeding, chance));
    const figure = feeding.bound === undefined ? "naive: false winners, %" : "false winners, %";
    return percent(`equal, ${feeding.name}`, figure, hits, runs, feeding.bound);
  });
}

function playFeeding(outcomes: number, looks: number, { delay, times }: Feeding, chance: Chance): boolean {
  const everyN = outcomes / looks;
  const due = Array.from({ length: looks }, newBatch);
  for (let i = 0; i < outcomes; i++) {
    const [isB, succeeded] = [chance() < 0.5, chance() < 0.5];
    const batch = due[Math.floor((i + delay(isB, succeeded) * outcomes) / everyN)];
    if (batch === undefined) continue;
    const arm = isB ? batch.b : batch.a;
    arm.n += times;
    if (succeeded) arm.successes += times;
  }
  let state = createEProcess();
  return due.some((batch) => {
    state = addOutcomes(state, batch);
    return Math.min(state.a.n, state.b.n) >= EXPERIMENT_RULES.winnerN &&
      eValuesOf(state).both >= EXPERIMENT_RULES.winner;
  });
}

/** A pair of rates with what must hold of it. */
interface Contest {
  a: number;
  b: number;
  /** The rate that the experiment was sized for; b's own where there is a difference. */
  sizedFor: number;
  deployed: NonNullable<Finding["bound"]> | undefined;
}

const CONTESTS: readonly Contest[] = [
  { a: 0.5, b: 0.7, sizedFor: 0.7, deployed: { atLeast: 90 } },
  { a: 0.8, b: 0.9, sizedFor: 0.9, deployed: undefined },
  { a: 0.9, b: 0.95, sizedFor: 0.95, deployed: undefined },
  { a: 0.5, b: 0.5, sizedFor: 0.7, deployed: FALSE_WINNERS },
  { a: 0.8, b: 0.8, sizedFor: 0.9, deployed: FALSE_WINNERS },
  { a: 0.9, b: 0.9, sizedFor: 0.95, deployed: FALSE_WINNERS },
  { a: 0.7, b: 0.5, sizedFor: 0.5, deployed: FALSE_WINNERS },
  { a: 0.9, b: 0.8, sizedFor: 0.8, deployed: FALSE_WINNERS },
];

function simulateDecisions(runs: number): Finding[] {
  return CONTESTS.flatMap((contest, index) => {
    const chance = seededChance(77 + index);
    const ends = Array.from({ length: runs }, () => playDecision(contest, chance));
    const scenario = `decided, a ${contest.a}, b ${contest.b}`;
    const shipped = ends.filter(({ shippedB }) => shippedB).length;
    return [
      percent(scenario, "b deployed within 3x the fixed size, %", shipped, runs, contest.deployed),
      { scenario, figure: "mean outcomes", value: ends.reduce((sum, { n }) => sum + n, 0) / runs, runs },
      {
        scenario,
        figure: "outcomes, 95th percentile",
        value: quantileOf(ends.map(({ n }) => n), 0.95),
        runs,
      },
    ];
  });
}

function playDecision({ a, b, sizedFor }: Contest, chance: Chance): { shippedB: boolean; n: number } {
  const maxN = maxExperimentSize(a, sizedFor);
  let state = createEProcess();
  for (;;) {
    state = addOutcomes(state, drawBatch(5, 0.5, (_, isB) => isB ? b : a, chance));
    const decision = decideExperiment(state, { maxN });
    // A broken split is held for a person to look at; none is broken here, so a hold ends the run without a winner.
    if (decision.kind !== "continue") {
      return {
        shippedB: decision.kind === "winner" && decision.winner === "b",
        n: decision.figures.recorded,
      };
    }
  }
}

interface Arm {
  successes: number;
  n: number;
}

function newBatch(): { a: Arm; b: Arm } {
  return { a: { successes: 0, n: 0 }, b: { successes: 0, n: 0 } };
}

function drawBatch(
  n: number,
  shareOfB: number,
  rate: (i: number, isB: boolean) => number,
  chance: Chance,
): { a: Arm; b: Arm } {
  const batch = newBatch();
  for (let i = 0; i < n; i++) {
    const isB = chance() < shareOfB;
    const arm = isB ? batch.b : batch.a;
    arm.n++;
    if (chance() < rate(i, isB)) arm.successes++;
  }
  return batch;
}

function addTo(total: { a: Arm; b: Arm }, batch: { a: Arm; b: Arm }): void {
  for (const arm of ["a", "b"] as const) {
    total[arm].n += batch[arm].n;
    total[arm].successes += batch[arm].successes;
  }
}

function count(runs: number, happens: () => boolean): number {
  let hits = 0;
  for (let run = 0; run < runs; run++) if (happens()) hits++;
  return hits;
}

if (import.meta.main) reportFindings(simulateExperiments(FULL_SIZE));
