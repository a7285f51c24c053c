/**
 * The same experiments through the database: outcomes are recorded by the function that callers use, counted, judged
 * and ended by the very calls that the engine makes.
 *
 * The seed decides every outcome, so that a run repeats itself; the database adds nothing but its arithmetic.
 *
 * @module
 */

import { concludeExperiment, createFixExperiment } from "../../supabase/functions/_shared/fixExperiments.ts";
import { type RpcPort, upsertHealingPattern } from "../../supabase/functions/_shared/healingDb.ts";
import { Client, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { maxExperimentSize } from "../../supabase/functions/_shared/statistics.ts";
import { startScratchServer } from "../lib/scratchServer.ts";
import { type Chance, type Finding, reportFindings, seededChance } from "../lib/simulation.ts";

/** Where the simulation runs. */
export interface SimulatedDatabase {
  rpc: RpcPort;
  query(sql: string, params: unknown[]): Promise<unknown>;
}

/** A pair of rates, how units are shared out, and what must hold. */
interface Contest {
  a: number;
  b: number;
  /** The rate of b that the experiment was sized for. */
  sizedFor: number;
  shareOfB: number;
  shipped: NonNullable<Finding["bound"]>;
}

const FALSE_WINNERS = { atMost: 5 };
const CONTESTS: readonly Contest[] = [
  { a: 0.5, b: 0.5, sizedFor: 0.7, shareOfB: 0.5, shipped: FALSE_WINNERS },
  { a: 0.9, b: 0.9, sizedFor: 0.95, shareOfB: 0.2, shipped: FALSE_WINNERS },
  { a: 0.7, b: 0.5, sizedFor: 0.5, shareOfB: 0.5, shipped: FALSE_WINNERS },
  { a: 0.5, b: 0.7, sizedFor: 0.7, shareOfB: 0.5, shipped: { atLeast: 90 } },
];
/** Outcomes between two ticks. */
const EVERY_N = 20;

/** Every contest so many times. */
export async function simulateExperimentsInSql(db: SimulatedDatabase, runs: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [index, contest] of CONTESTS.entries()) {
    const chance = seededChance(4_000 + index);
    let shipped = 0;
    let outcomes = 0;
    for (let run = 0; run < runs; run++) {
      const end = await playInSql(db, contest, chance);
      if (end.winner === "b") shipped++;
      outcomes += end.n;
    }
    const { a, b, shareOfB } = contest;
    const scenario = `through SQL, a ${a}, b ${b}, ${100 - 100 * shareOfB}/${100 * shareOfB}`;
    findings.push(
      {
        scenario,
        figure: "b deployed within 3x the fixed size, %",
        value: 100 * shipped / runs,
        runs,
        bound: contest.shipped,
      },
      { scenario, figure: "mean outcomes", value: outcomes / runs, runs },
    );
  }
  return findings;
}

async function playInSql(
  { rpc, query }: SimulatedDatabase,
  { a, b, sizedFor, shareOfB }: Contest,
  chance: Chance,
): Promise<{ winner: string | null; n: number }> {
  const pattern = await upsertHealingPattern(rpc, {
    pattern_name: "simulated",
    error_signature: `simulated: ${crypto.randomUUID()}`,
    fix_strategy: { kind: "create_schema", schema: "$1" },
    category: "database",
    origin: "learned",
  });
  const options = { shareOfB, maxN: maxExperimentSize(a, sizedFor), maturitySeconds: 0 };
  const { id } = await createFixExperiment(rpc, pattern, pattern.fix_strategy, { kind: "retry" }, options);
  for (;;) {
    const isB = Array.from({ length: EVERY_N }, () => chance() < shareOfB);
    await query(
      `select count(public.record_variant_result($1, variant, succeeded))
       from unnest($2::text[], $3::boolean[]) as outcome (variant, succeeded)`,
      [id, isB.map((one) => one ? "b" : "a"), isB.map((one) => chance() < (one ? b : a))],
    );
    const { experiment_status, winning_variant, sample_size } = await concludeExperiment(rpc, id);
    // A split that seems broken is held for a person; in a simulation it ends the run without a winner.
    if (experiment_status !== "running" || sample_size >= 2 * options.maxN) {
      return { winner: winning_variant, n: sample_size };
    }
  }
}

async function simulateOnScratchServer(runs: number): Promise<Finding[]> {
  await using server = await startScratchServer();
  const url = await server.createDatabase();
  const connection = await openDirectConnection(url);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const query = (sql: string, params: unknown[]) => client.query(sql, params);
    return await simulateExperimentsInSql({ rpc: connection.rpc, query }, runs);
  } finally {
    await Promise.all([client.end(), connection.close()]);
  }
}

if (import.meta.main) reportFindings(await simulateOnScratchServer(400));
