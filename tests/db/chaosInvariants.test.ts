import assert from "node:assert/strict";
import { INVARIANTS, judge } from "../../scripts/chaos/invariants.ts";
import { Ledger } from "../../scripts/chaos/ledger.ts";
import type { Sample } from "../../scripts/chaos/watch.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";

interface Scene {
  database: TestDatabase;
  ledger: Ledger;
  samples: Sample[];
  /** Captures an error and returns its id. */
  capture(fingerprint: string): Promise<string>;
}

const MINUTE_MS = 60_000;

/** A fix that made a schema, in a state. */
async function plantFix({ database, capture }: Scene, status: string, schema = "chaos_s_1"): Promise<string> {
  const errorId = await capture(`v1:${schema}`);
  const [row] = await database.query<{ id: string }>(
    `insert into auto_fixes (detected_error_id, action_kind, action_group, action, target, tier, confidence, risk, status,
       reason, what_will_happen, verdict, rollback_point, probe, applying_at, applied_at, validate_until, finished_at)
     select $1, 'create_schema', 'database', jsonb_build_object('kind', 'create_schema', 'schema', $2::text),
       'schema:' || $2, 'deterministic', 0.9, 'medium', $3::text, 'planted', 'planted', '{"reason": "planted"}', '{}', '{}',
       at, at, at, at
     from (select case when $3::text <> 'proposed' then now() end as at) as ended
     returning id`,
    [errorId, schema, status],
  );
  return row!.id;
}

function sample(atMs: number, changes: Partial<Sample>): Sample {
  return { atMs, connections: 10, memory: {}, ...changes };
}

const QUEUED =
  `insert into queued_operations (operation_kind, target, payload, idempotency_key, caller_role, status,
  finished_at) values ('invoke_function', 'chaos-call', '{"what": "write", "rows": [{"key": "op"}]}', 'op', 'anon', `;

/** For each invariant what breaks it, and nothing else that it looks at. */
const PLANTS: Record<string, (scene: Scene) => Promise<unknown> | void> = {
  "writes that were answered and are not there": ({ ledger }) => void ledger.savedRows.add("gone"),
  "keys that were written twice": ({ database }) =>
    database.query(
      "insert into messages (key, role, content) select 'a', 'user', 'b' from generate_series(1, 2)",
    ),
  "reports that were answered and are not there": ({ ledger }) => void ledger.savedReports.add("gone"),
  "captured errors that are not counted, or counted twice": ({ ledger }) => {
    ledger.sending("chaos:gone", 1);
    ledger.acknowledged("chaos:gone", 1);
  },
  "calls that were to be made again and wait nowhere": ({ ledger }) => void ledger.kept.add("gone"),
  "waiting calls that are done and have left nothing": ({ database }) =>
    database.query(`${QUEUED} 'done', now())`),
  "fixes that say applied without the thing": (scene) => plantFix(scene, "kept"),
  "things that were made without a fix that says so": ({ database }) =>
    database.query("create schema chaos_s_2"),
  "fixes that were applied or judged twice": async (scene) => {
    const id = await plantFix(scene, "reverted");
    await scene.database.query(
      "insert into healing_events (event_type, auto_fix_id) select 'fix_applied', $1 from generate_series(1, 2)",
      [id],
    );
  },
  "improvements in force without a fix that is": async (scene) => {
    const id = await plantFix(scene, "reverted");
    await scene.database.query(
      `insert into applied_improvements (auto_fix_id, action_kind, target, description, rollback_point)
       values ($1, 'create_schema', 'schema:chaos_s_1', 'planted', '{}')`,
      [id],
    );
  },
  "calls that never got an answer": ({ ledger }) =>
    void ledger.waiting.set("a", { kind: "write", key: "a", body: {}, rowKeys: [] }),
  "answers that are neither a success nor a coded error": ({ ledger }) =>
    void ledger.strange.push("500 <html>"),
  "claims beyond their lease": ({ database }) =>
    database.query(
      "insert into healing_cycles (cycle, project_id, status, run_id, claim_number, lease_expires_at) values (1, '', 'running', gen_random_uuid(), 1, now() - interval '1 s')",
    ),
  "runs without an end": ({ database }) =>
    database.query(
      "insert into healing_runs (function_name, deadline_at) values ('planted', now() - interval '1 s')",
    ),
  "errors in limbo": async ({ database, capture }) => {
    const id = await capture("v1:limbo");
    await database.query(
      `update detected_errors set status = 'healing', claimed_by = 'nobody', lease_expires_at = now() + interval '1 hour'
       where id = $1`,
      [id],
    );
  },
  "fixes in limbo": (scene) => plantFix(scene, "proposed"),
  "waiting calls that nobody takes": ({ database }) => database.query(`${QUEUED} 'queued', null)`),
  "MB a minute that a process gains": ({ samples }) => {
    for (let at = 0; at < 3 * MINUTE_MS; at += 2_000) {
      samples.push(sample(at, { memory: { "stack 1": 100 + 40 * at / MINUTE_MS } }));
    }
  },
  "connections more at the end than at the beginning": ({ samples }) => {
    for (let at = 0; at < MINUTE_MS; at += 2_000) samples.push(sample(at, { connections: 10 + at / 2_000 }));
  },
};

async function openScene(): Promise<Scene & AsyncDisposable> {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  await database.query(await Deno.readTextFile(new URL("../../scripts/chaos/schema.sql", import.meta.url)));
  return {
    database,
    ledger: new Ledger(),
    samples: [],
    capture: async (fingerprint) => {
      await contract.rpc.call("capture_errors", { p_errors: [occurrence({ fingerprint })] });
      const [row] = await database.query<{ id: string }>(
        "select id from detected_errors where fingerprint = $1",
        [
          fingerprint,
        ],
      );
      return row!.id;
    },
    async [Symbol.asyncDispose]() {
      await contract[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const evidenceOf = ({ database, ledger, samples }: Scene) => ({
  query: <Row extends object>(text: string, values?: unknown[]) => database.query<Row>(text, values),
  ledger,
  samples,
});

Deno.test("judge() finds nothing where nothing is broken", async () => {
  await using scene = await openScene();
  const judgements = await judge(evidenceOf(scene), "at the end");
  assert.deepEqual(judgements.filter(({ isBroken }) => isBroken), []);
  assert.equal(judgements.length, INVARIANTS.length);
});

Deno.test("judge() finds each violation that is planted, by the name of its invariant", async (test) => {
  assert.deepEqual(Object.keys(PLANTS).sort(), INVARIANTS.map(({ name }) => name).sort());
  for (const [name, plant] of Object.entries(PLANTS)) {
    await test.step(name, async () => {
      await using scene = await openScene();
      await plant(scene);
      const broken = (await judge(evidenceOf(scene), "at the end")).filter(({ isBroken }) => isBroken);
      assert.ok(broken.map((judgement) => judgement.name).includes(name), JSON.stringify(broken));
    });
  }
});
