/** One chaos run: a world, load, machines, the schedule of faults, the end, the judgement. @module */

import { commitFault, type PassedFault } from "./faults.ts";
import { type MemoryGrowth, memoryGrowth } from "./growth.ts";
import { type Evidence, judge, type Judgement } from "./invariants.ts";
import { startLoad } from "./load.ts";
import { startMachines } from "./machines.ts";
import { pause } from "./pause.ts";
import { planFaults, type PlannedFault, type PlanSize } from "./plan.ts";
import { calm, settle } from "./settle.ts";
import { type Sample, startWatch } from "./watch.ts";
import { startWorld, type World } from "./world.ts";

/** How to run. */
export interface ChaosOptions extends PlanSize {
  seed: number;
  /** Where the stack logs; kept for whoever looks for a cause. */
  logFile: string;
  /** Told of every step. */
  onProgress?: (line: string) => void;
}

/** What a run has found. */
export interface ChaosReport {
  seed: number;
  seconds: number;
  faults: PassedFault[];
  judgements: Judgement[];
  /** What broke in the middle of the run, and after which fault. */
  brokenMidway: (Judgement & { after: string })[];
  checksMidway: number;
  calls: number;
  answers: Record<string, number>;
  savedRows: number;
  memory: MemoryGrowth[];
  connections: { first: number | undefined; most: number; last: number | undefined };
  stackStarts: number;
  /** Ends of what the healing had to do, by table and state. */
  outcomes: Record<string, number>;
  settleRounds: number;
}

const FINISH_MS = 90_000;

/** Runs once. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, seconds, logFile, onProgress = () => {} } = options;
  onProgress(`seed ${seed}: starting Postgres, the stack and its functions`);
  await using world = await startWorld(logFile);
  const underWay = new Set<string>();
  const watch = startWatch(world, (sample) => onProgress(progressOf(world, sample, underWay)));
  const evidence = { query: world.database.query, ledger: world.ledger, samples: watch.samples };
  const machines = startMachines(world);
  const load = startLoad(world, seed);
  const midway = new Midway(evidence, onProgress);
  const faults = await commitFaults(world, planFaults(seed, options), seconds * 1_000, {
    begin: (name) => underWay.add(name),
    end: async (fault) => {
      underWay.delete(`${fault.kind}@${fault.atMs}`);
      onProgress(`  passed: ${fault.kind} ${fault.told}`);
      await midway.check(fault);
    },
  });
  onProgress("every fault has passed; what waits is answered");
  await calm(world);
  await load.finish(FINISH_MS);
  await machines.stop();
  onProgress("days of rest pass");
  const settleRounds = await settle(world);
  await watch.stop();
  return {
    ...await describe(world, watch.samples),
    seed,
    seconds,
    faults,
    settleRounds,
    judgements: await judge(evidence, "at the end"),
    brokenMidway: midway.broken,
    checksMidway: midway.checks,
  };
}

interface Turns {
  begin(name: string): void;
  end(fault: PassedFault): Promise<void>;
}

/** Each at its time, whether or not those before have passed. */
async function commitFaults(
  world: World,
  planned: readonly PlannedFault[],
  forMs: number,
  turns: Turns,
): Promise<PassedFault[]> {
  const startedAt = performance.now();
  const until = (ms: number) => pause(Math.max(0, startedAt + ms - performance.now()));
  const passed = planned.map(async (fault) => {
    await until(fault.atMs);
    turns.begin(`${fault.kind}@${fault.atMs}`);
    const result = await commitFault(world, fault);
    await turns.end(result);
    return result;
  });
  await until(forMs);
  return await Promise.all(passed);
}

/** Looks after each fault at what holds always; one look at a time. */
class Midway {
  readonly broken: (Judgement & { after: string })[] = [];
  checks = 0;
  #isLooking = false;

  constructor(private readonly evidence: Evidence, private readonly onProgress: (line: string) => void) {}

  async check({ kind, atMs }: PlannedFault): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const judgements = await judge(this.evidence, "always");
      this.checks++;
      for (const judgement of judgements.filter(({ isBroken }) => isBroken)) {
        this.broken.push({ ...judgement, after: `${kind} at ${atMs} ms` });
        this.onProgress(`  BROKEN: ${judgement.name}: ${judgement.value} (${judgement.found.join("; ")})`);
      }
    } catch {
      // The database is away: the look after the next fault sees it as well.
    } finally {
      this.#isLooking = false;
    }
  }
}

function progressOf({ ledger }: World, { atMs, connections, memory }: Sample, underWay: Set<string>): string {
  const stackMb = Object.entries(memory).find(([name]) => name.startsWith("stack"))?.[1];
  const faults = [...underWay].map((name) => name.replace(/@.*/, "")).join(", ");
  return [
    `${(atMs / 1_000).toFixed(0).padStart(4)} s`,
    `${ledger.calls} calls`,
    `${ledger.savedRows.size} rows saved`,
    `${ledger.waiting.size} wait`,
    `${connections ?? "?"} connections`,
    `stack ${stackMb?.toFixed(0) ?? "?"} MB`,
    faults === "" ? "quiet" : faults,
  ].join(" · ");
}

const OUTCOMES = `
  select 'error ' || status as name, count(*)::int as count from detected_errors group by status
  union all select 'fix ' || status, count(*)::int from auto_fixes group by status
  union all select 'waiting call ' || status, count(*)::int from queued_operations group by status
  union all select 'run ' || status, count(*)::int from healing_runs group by status order by name`;

type Described = Omit<
  ChaosReport,
  "seed" | "seconds" | "faults" | "settleRounds" | "judgements" | "brokenMidway" | "checksMidway"
>;

async function describe(world: World, samples: readonly Sample[]): Promise<Described> {
  const { ledger, stack } = world;
  const outcomes = await world.database.query<{ name: string; count: number }>(OUTCOMES);
  const counts = samples.flatMap(({ connections }) => connections ?? []);
  return {
    calls: ledger.calls,
    answers: Object.fromEntries([...ledger.answers].sort()),
    savedRows: ledger.savedRows.size,
    memory: memoryGrowth(samples),
    connections: { first: counts[0], most: Math.max(...counts), last: counts.at(-1) },
    stackStarts: stack.starts(),
    outcomes: Object.fromEntries(outcomes.map(({ name, count }) => [name, count])),
  };
}
