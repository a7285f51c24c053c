/** Captures, fixes, evidence, experiments, merges, votes and people at once: nothing is lost, doubled or deadlocked. */

import assert from "node:assert/strict";
import { print } from "../../scripts/lib/print.ts";
import { type Chance, seededChance } from "../../scripts/lib/simulation.ts";
import {
  cancelExperiment,
  createFixExperiment,
  recordVariantResult,
  routeToVariant,
  tickExperiments,
} from "../../supabase/functions/_shared/fixExperiments.ts";
import { getExperimentForError } from "../../supabase/functions/_shared/engineDb.ts";
import {
  beginFix,
  captureErrors,
  claimErrors,
  claimFixesToJudge,
  concludeFix,
  demotePattern,
  getDecisionContext,
  maintainPatterns,
  promotePattern,
  proposeFix,
  recordFixApplied,
  recordPatternStats,
  type RpcPort,
} from "../../supabase/functions/_shared/healingDb.ts";
import { type Contract, occurrence, openContract, proposal, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { merge, undo } from "../helpers/errorGroups.ts";
import { FIX_A, FIX_B, storePattern } from "../helpers/experiments.ts";
import { createServerDatabase, serverTest } from "../helpers/serverRing.ts";

const SEED = Number(Deno.env.get("PROPERTY_SEED") ?? (Deno.env.has("CI") ? 5 : Date.now() % 2 ** 31));
const WORKERS = 32;
const STEPS = 20;
const MOST_STEPS = 10 * STEPS;
const NAMES = Array.from({ length: 12 }, (_, index) => `v2:${index}`);
const APPLIED = { rollback_point: {}, probe: { ok: true }, description: "made it", duration_ms: 1 };
/** What a caller may be told when somebody else was faster. */
const EXPECTED = ["CONFLICT", "NOT_FOUND", "LEASE_LOST", "PT409", "PT404"];

/** What was really done, to be compared with what is stored. */
interface Done {
  captured: Map<string, number>;
  evidence: number;
  experiments: Set<string>;
  units: number;
  fixes: number;
  merges: string[];
}

interface Worker {
  database: TestDatabase;
  rpc: RpcPort;
  chance: Chance;
  done: Done;
  patternId: string;
  name: string;
}

const WORK: Readonly<Record<string, (worker: Worker) => Promise<unknown>>> = {
  capture,
  fix: healOne,
  evidence: async ({ rpc, chance, done, patternId, name }) => {
    const outcome = { patternId, projectId: `p${Math.floor(chance() * 3)}`, unit: `${name}:${chance()}` };
    await recordPatternStats(rpc, { ...outcome, succeeded: chance() < 0.7 });
    done.evidence++;
  },
  start: async ({ rpc, done, chance }) => {
    const pattern = await storePattern(rpc, `3F000: schema $1 does not exist, ${Math.floor(chance() * 3)}`);
    const [a, b] = chance() < 0.5 ? [FIX_A, FIX_B] : [FIX_B, FIX_A];
    done.experiments.add(
      (await createFixExperiment(rpc, pattern, a, b, { maturitySeconds: 0, maxN: 40 })).id,
    );
  },
  outcomes: async ({ rpc, chance, done, name }) => {
    const ids = [...done.experiments];
    const id = ids[Math.floor(chance() * ids.length)];
    for (let i = 0; i < 10 && id !== undefined; i++) {
      const unit = `${name}:${chance()}`;
      await recordVariantResult(rpc, id, routeToVariant(id, unit), chance() < 0.6, { unit });
      done.units++;
    }
  },
  tick: async ({ rpc }) => {
    const { failures } = await tickExperiments(rpc);
    assert.deepEqual(failures, []);
  },
  cancel: async ({ rpc, chance, done }) => {
    const id = [...done.experiments].at(-1);
    if (chance() < 0.2 && id !== undefined) await cancelExperiment(rpc, id, "a test");
  },
  join: async ({ database, chance, done }) => {
    const open = await database.query<{ id: string }>(
      "select id from detected_errors where status <> 'healed' order by random() limit 3",
    );
    if (open.length < 2) return;
    if (chance() < 0.6) done.merges.push((await merge(database, open.map(({ id }) => id))).merge_id);
    else await undo(database, done.merges.pop() ?? crypto.randomUUID());
  },
  people: async ({ rpc, chance, patternId }) => {
    await (chance() < 0.5 ? promotePattern : demotePattern)(rpc, patternId, "a test");
    await maintainPatterns(rpc);
  },
};

async function capture({ rpc, chance, done }: Worker): Promise<void> {
  const names = NAMES.filter(() => chance() < 0.4);
  // A name more than once in a batch.
  const batch = [...names, ...names.slice(0, 2)];
  const { rejected } = await captureErrors(
    rpc,
    batch.map((fingerprint) => occurrence({ fingerprint })),
  );
  assert.equal(rejected, 0);
  for (const name of batch) done.captured.set(name, (done.captured.get(name) ?? 0) + 1);
}

async function healOne({ rpc, chance, done, name }: Worker): Promise<void> {
  const [error] = await claimErrors(rpc, { worker: name, limit: 1 });
  if (error === undefined) return;
  await getDecisionContext(rpc, error.id);
  const running = (await getExperimentForError(rpc, error.id))?.running;
  const evidence = running
    ? { experiment: { id: running.id, variant: routeToVariant(running.id, error.id) } }
    : {};
  const proposed = await proposeFix(rpc, proposal(error, { evidence }));
  if (proposed.decision !== "auto") return;
  if (!(await beginFix(rpc, proposed.fix_id!, error)).moved) return;
  await recordFixApplied(rpc, proposed.fix_id!, error, APPLIED);
  const [due] = await claimFixesToJudge(rpc, { fixId: proposed.fix_id! });
  if (due === undefined) return;
  await concludeFix(rpc, due, chance() < 0.7 ? "kept" : "reverted", { reason: "a test" });
  done.fixes++;
}

/** Does one thing; a refusal that tells of somebody else's work is none of our business. */
async function step(worker: Worker): Promise<void> {
  const names = Object.keys(WORK);
  const name = worker.chance() < 0.3 ? "capture" : names[Math.floor(worker.chance() * names.length)]!;
  try {
    await WORK[name]!(worker);
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    assert.ok(EXPECTED.includes(code), `${name}: ${code}: ${(error as Error).message}`);
  }
}

/** Lets every worker take its steps; the seed decides which, the scheduler in which order. */
async function work(database: TestDatabase, contracts: readonly Contract[]): Promise<Done> {
  const { rpc } = contracts[0]!;
  await setSetting(rpc, "mode_database", "auto");
  await setSetting(rpc, "validation_min_seconds", 0);
  // All fixes have one target: with its budget of one an hour, most runs would have one fix, and some none.
  await setSetting(rpc, "max_fixes_per_target_hour", 1_000);
  await setSetting(rpc, "max_fixes_per_fingerprint_hour", 1_000);
  await setSetting(rpc, "loop_fixes", 0);
  const { id: patternId } = await storePattern(rpc);
  const done: Done = {
    captured: new Map(),
    evidence: 0,
    experiments: new Set(),
    units: 0,
    fixes: 0,
    merges: [],
  };
  // In the crowd the few groups may all be joined or held before a fix of theirs has come to its end.
  const first = { database, rpc, chance: seededChance(SEED), done, patternId, name: "w" };
  while (done.captured.size === 0) await capture(first);
  await healOne(first);
  await Promise.all(contracts.map(async (contract, index) => {
    const chance = seededChance(SEED + index);
    for (let count = 0; count < STEPS || (lacks(done) && count < MOST_STEPS); count++) {
      await step({ database, rpc: contract.rpc, chance, done, patternId, name: `w${index}` });
    }
  }));
  await tickExperiments(rpc);
  return done;
}

/** Chance may leave something out for a while. */
function lacks({ fixes, units, evidence }: Done): boolean {
  return fixes === 0 || units === 0 || evidence === 0;
}

/** What is stored of all that was done. */
const STORED = `select
  (select sum(occurrences)::int from healing_events where event_type = 'occurrence') as events,
  (select sum(occurrence_count)::int from detected_errors) as occurrences,
  (select count(*)::int from healing_private.pattern_evidence) as ledger,
  (select sum(success_count + failure_count)::int from universal_error_patterns) as counted,
  (select count(*)::int from healing_private.pattern_evidence where unit like 'w%') as evidence,
  (select count(*)::int from experiment_results where unit like 'w%') as units,
  (select count(*)::int from fix_experiments where experiment_status <> 'running') as ended,
  (select count(*)::int from healing_events where event_type in ('experiment_concluded', 'experiment_cancelled')) as endings,
  (select deadlocks::int from pg_stat_database where datname = current_database()) as deadlocks`;

async function learnAtOnce(database: TestDatabase): Promise<void> {
  print(`learning at once, seed ${SEED}`);
  const contracts = await Promise.all(Array.from({ length: WORKERS }, () => openContract(database)));
  const done = await work(database, contracts);
  await Promise.all(contracts.map((contract) => contract[Symbol.asyncDispose]()));
  const [stored] = await database.query<Record<string, number>>(STORED);
  const captured = [...done.captured.values()].reduce((sum, count) => sum + count, 0);
  assert.deepEqual([stored!.events, stored!.occurrences], [captured, captured]);
  assert.equal(stored!.counted, stored!.ledger);
  // Each outcome counts for the shared pattern and for the project's own.
  assert.equal(stored!.evidence, 2 * done.evidence);
  assert.equal(stored!.units, done.units);
  assert.equal(stored!.endings, stored!.ended);
  assert.equal(stored!.deadlocks, 0);
  assert.ok(!lacks(done), `something was never done: ${JSON.stringify(done)}`);
}

Deno.test("all that learns, at once from 32 connections, loses nothing, doubles nothing and never deadlocks", async () => {
  await using database = await createTestDatabase();
  await learnAtOnce(database);
});

serverTest("all that learns, at once on a real Postgres with many processes", async () => {
  await using database = await createServerDatabase();
  await learnAtOnce(database);
});
