/** Healing projects among others: at once, in slices, interrupted, and with people who change the same files. */

import assert from "node:assert/strict";
import { type Clock, systemClock } from "../../supabase/functions/_shared/core/clock.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { healProjects, type ProjectHealerMeans } from "../../supabase/functions/_shared/projectHealer.ts";
import { executeReverts } from "../../supabase/functions/_shared/rollbackPoints.ts";
import { type Contract, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { LONE_COMPONENT, saveProject, storedFiles } from "../helpers/projects.ts";

async function world(database: TestDatabase): Promise<Contract> {
  const contract = await openContract(database);
  await setSetting(contract.rpc, "mode_code", "auto");
  return contract;
}

function meansOf(
  database: TestDatabase,
  { rpc }: Contract,
  changes: Partial<ProjectHealerMeans> = {},
): ProjectHealerMeans {
  return {
    db: rpc,
    openDirect: () => openDirectConnection(database.url),
    worker: crypto.randomUUID(),
    // On a busy machine a slice would end before its work.
    clock: { ...systemClock, monotonic: () => 0 },
    ...changes,
  };
}

/** A clock by which each look costs so much. */
function slowClock(stepMs: number): Clock {
  let now = 0;
  return { ...systemClock, monotonic: () => (now += stepMs) };
}

function fixCount(database: TestDatabase): Promise<{ status: string; n: number }[]> {
  return database.query("select status, count(*)::int as n from auto_fixes group by 1 order by 1");
}

Deno.test("healProjects() adds the files once, however many do it at once", async () => {
  await using database = await createTestDatabase();
  await using contract = await world(database);
  const id = await saveProject(database, { files: [LONE_COMPONENT] });
  const contracts = await Promise.all(Array.from({ length: 4 }, () => openContract(database)));
  await Promise.all(contracts.map((own) => healProjects(meansOf(database, own))));
  for (const own of contracts) await own[Symbol.asyncDispose]();
  // One of them may have had no time to write down how the project is now.
  await healProjects(meansOf(database, contract));
  assert.deepEqual(await fixCount(database), [{ status: "validating", n: 1 }]);
  assert.equal((await storedFiles(database, id)).length, 6);
});

Deno.test("healProjects() works in slices whose state goes through JSON, and comes to the same end", async () => {
  await using database = await createTestDatabase();
  await using contract = await world(database);
  const parts = Array.from({ length: 12 }, (_, index) => ({
    path: `src/Part${index}.tsx`,
    content: `export function Part${index}() {\n  return <p>{index${index}}</p>;\n}\n`,
  }));
  const id = await saveProject(database, { files: [LONE_COMPONENT, ...parts] });
  const means = meansOf(database, contract, { clock: slowClock(400) });
  let state: unknown = null;
  let calls = 0;
  const applied: string[] = [];
  do {
    const report = await healProjects(means, { state: JSON.parse(JSON.stringify(state)) });
    state = report.state;
    applied.push(...report.applied);
    assert.ok(JSON.stringify(state).length < 20_000);
    calls++;
  } while (state !== null && calls < 60);
  assert.ok(calls > 5 && calls < 60, `${calls}`);
  assert.equal(applied.length, 1);
  assert.equal((await storedFiles(database, id)).length, 18);
});

Deno.test("healProjects() begins anew for a state that is none, of another project, or of other files", async () => {
  await using database = await createTestDatabase();
  await using contract = await world(database);
  await saveProject(database, { files: [LONE_COMPONENT] });
  const means = meansOf(database, contract, { clock: slowClock(400) });
  const { state } = await healProjects(means);
  assert.ok(state !== null);
  for (const hostile of [7, "x", [], { project_id: "x" }, { ...state, revision: "other", phase: "fix" }]) {
    const report = await healProjects(means, { state: hostile as never });
    assert.deepEqual([report.failures, report.applied], [[], []]);
  }
  const end = await healProjects(meansOf(database, contract), { state: JSON.parse(JSON.stringify(state)) });
  assert.equal(end.applied.length, 1);
});

Deno.test("healProjects() adds nothing to a project that somebody has changed since it was measured", async () => {
  await using database = await createTestDatabase();
  await using contract = await world(database);
  const id = await saveProject(database, { files: [LONE_COMPONENT] });
  const meddling = meansOf(database, contract, {
    async openDirect() {
      await database.query(
        "update generated_files set content = content || E'// mine\\n', updated_at = clock_timestamp() where project_id = $1",
        [id],
      );
      return await openDirectConnection(database.url);
    },
  });
  const first = await healProjects(meddling, { hasTime: () => false });
  let state = first.state;
  for (let call = 0; call < 5 && state !== null; call++) {
    const report = await healProjects(meddling, {
      state: JSON.parse(JSON.stringify(state)),
      hasTime: () => false,
    });
    state = report.state;
    if (report.left.length > 0) {
      assert.match(report.left[0]!, /changed since it was measured/);
      break;
    }
  }
  assert.deepEqual(await fixCount(database), []);
  const end = await healProjects(meansOf(database, contract));
  assert.equal(end.applied.length, 1);
  assert.match((await storedFiles(database, id)).find(({ path }) => path === "src/App.tsx")!.content, /mine/);
});

Deno.test("healProjects() leaves nothing of a fix whose connection dies in the middle, and makes it the next time", async () => {
  await using database = await createTestDatabase();
  await using contract = await world(database);
  const id = await saveProject(database, { files: [LONE_COMPONENT] });
  const dying = meansOf(database, contract, {
    async openDirect() {
      const connection = await openDirectConnection(database.url);
      const transaction: typeof connection.transaction = (work, options) =>
        connection.transaction(async (tx) => {
          await work(tx);
          throw new Error("the worker is killed");
        }, options);
      return new Proxy(connection, {
        get: (target, key) => {
          if (key === "transaction") return transaction;
          const value = Reflect.get(target, key, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    },
  });
  const report = await healProjects(dying);
  assert.match(report.failures.join(), /killed/);
  assert.deepEqual(await fixCount(database), []);
  assert.equal((await storedFiles(database, id)).length, 1);
  assert.deepEqual(await database.query("select from detected_errors"), []);
  await database.query("update generated_files set updated_at = clock_timestamp()");
  assert.equal((await healProjects(meansOf(database, contract))).applied.length, 1);
});

Deno.test("a revert of added files leaves what a person has changed since, and says so", async () => {
  await using database = await createTestDatabase();
  await using contract = await world(database);
  const id = await saveProject(database, { files: [LONE_COMPONENT] });
  await healProjects(meansOf(database, contract));
  await database.query(
    "update generated_files set content = '{}' where project_id = $1 and path = 'package.json'",
    [id],
  );
  const [fix] = await database.query<{ id: string }>("select id from auto_fixes");
  await database.query("update auto_fixes set validate_until = now()");
  await contract.rpc.call("request_revert", { p_fix_id: fix!.id, p_reason: "not wanted" });
  const outcomes = await executeReverts(contract.rpc, contract.connection);
  assert.deepEqual(outcomes.map(({ kind }) => kind), ["refused"]);
  assert.equal((await storedFiles(database, id)).length, 6);
});

Deno.test("healProjects() keeps to the budgets of fixes, and looks again at what they held back", async () => {
  await using database = await createTestDatabase();
  await using contract = await world(database);
  const id = await saveProject(database, { files: [LONE_COMPONENT] });
  await setSetting(contract.rpc, "max_fixes_per_day", 0);
  const held = await healProjects(meansOf(database, contract));
  assert.match(held.left.join(), /budget of the day/);
  assert.equal((await storedFiles(database, id)).length, 1);
  await setSetting(contract.rpc, "max_fixes_per_day", 200);
  assert.equal((await healProjects(meansOf(database, contract))).steps, 0);
  await database.query(
    "update generation_quality_metrics set created_at = created_at - interval '11 minutes'",
  );
  await database.query("update generated_files set updated_at = created_at - interval '1 hour'");
  assert.equal((await healProjects(meansOf(database, contract))).applied.length, 1);
});
