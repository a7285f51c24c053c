import assert from "node:assert/strict";
import {
  flushErrors,
  type Reporter,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import {
  captureErrors,
  getHealingPattern,
  recordRequestHeals,
  type RpcPort,
} from "../../supabase/functions/_shared/healingDb.ts";
import type { HealingOutcome } from "../../supabase/functions/_shared/healingStrategies.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { waitFor } from "../helpers/waiting.ts";

/** The reporter as it is in a project, over a direct connection. */
function reporterOver(rpc: RpcPort): Reporter & { recalls: string[] } {
  const recalls: string[] = [];
  return {
    recalls,
    capture: (errors) => captureErrors(rpc, errors),
    healed: (heals) => recordRequestHeals(rpc, heals),
    recall: async (signature) => {
      recalls.push(signature);
      return (await getHealingPattern(rpc, signature)).map((pattern) => ({
        fixKind: pattern.fix_strategy.kind,
        successes: pattern.weighted_successes,
        failures: pattern.weighted_failures,
      }));
    },
  };
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return client;
}

Deno.test("RESET_CONNECTION heals a query whose connection the server has ended", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const reporter = reporterOver(contract.rpc);
  let client = await connect(database.url);
  const outcomes: HealingOutcome<unknown>[] = [];
  const count = withSelfHealing(
    async () => (await client.query<{ n: number }>("select 41 + 1 as n")).rows[0]!.n,
    {
      functionName: "count",
      effect: "read",
      reporter: () => Promise.resolve(reporter),
      onOutcome: (outcome) => outcomes.push(outcome),
      means: () => ({
        connection: {
          reset: async () => {
            await client.end().catch(() => {});
            client = await connect(database.url);
          },
        },
      }),
    },
  );
  assert.equal(await count(), 42);
  const { rows: [row] } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  await database.query("select pg_terminate_backend($1)", [row!.pid]);
  assert.equal(await count(), 42);
  assert.equal(outcomes[0]?.kind === "healed" && outcomes[0].by, "RESET_CONNECTION");
  await flushErrors();
  const events = await database.query("select strategy, result from healing_events");
  assert.deepEqual(events.map(({ strategy, result }) => [strategy, result]), [[
    "reset_connection",
    "success",
  ]]);
  await client.end();
});

Deno.test("ROLLBACK_TRANSACTION heals a deadlock: one of two transactions is made again, and both are there", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await database.query(
    "create table public.accounts (id int primary key, n int not null); insert into public.accounts values (1, 0), (2, 0)",
  );
  const clients = await Promise.all([connect(database.url), connect(database.url)]);
  const holding = new Set<number>();
  const transfer = withSelfHealing(async (who: number) => {
    const client = clients[who]!;
    await client.query("begin");
    await client.query("update public.accounts set n = n + 1 where id = $1", [who + 1]);
    holding.add(who);
    // Each takes its second row when the other one holds it, the first time.
    await waitFor("the other one", () => holding.size === 2);
    await client.query("update public.accounts set n = n + 1 where id = $1", [2 - who]);
    await client.query("commit");
    return "done";
  }, {
    functionName: "transfer",
    effect: "keyedWrite",
    reporter: () => Promise.resolve(reporterOver(contract.rpc)),
    means: (who) => ({ transaction: { rollback: () => clients[who]!.query("rollback") } }),
  });
  const results = await Promise.all([transfer(0), transfer(1)].map((call) => call.catch((error) => error)));
  assert.deepEqual(results, ["done", "done"]);
  const rows = await database.query<{ n: number }>("select n from public.accounts order by id");
  assert.deepEqual(rows.map(({ n }) => n), [2, 2]);
  await flushErrors();
  await Promise.all(clients.map((client) => client.end()));
});

Deno.test("withSelfHealing() records evidence once a call, and asks for it in the background only", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const reporter = reporterOver(contract.rpc);
  let isDown = true;
  const price = withSelfHealing((_index: number) => {
    return isDown
      ? Promise.reject<number>(Object.assign(new Error("busy"), { status: 503 }))
      : Promise.resolve(1);
  }, {
    functionName: "evidence",
    effect: "read",
    reporter: () => Promise.resolve(reporter),
    means: () => ({ endpoints: [{ name: "b", call: () => 2 }] }),
  });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => price(index)));
  assert.deepEqual(new Set(answers), new Set([2]));
  await flushErrors();
  await waitFor("the answer to the one question", () => reporter.recalls.length === 1);
  const [retry, switched] = await database.query<Record<string, number>>(
    "select success_count, failure_count from universal_error_patterns order by action_kind",
  );
  const budget = retry!.failure_count!;
  assert.deepEqual([retry!.success_count, switched!.success_count, switched!.failure_count], [0, 100, 0]);
  assert.ok(budget >= 1 && budget <= 20, `${budget} retries failed`);
  const [{ count }] = await database.query<{ count: number }>(
    "select count(*)::int from healing_private.pattern_evidence",
  ) as [{ count: number }];
  assert.equal(count, 100 + budget, "one piece of evidence for each call and strategy");
  isDown = false;
  await price(0);
  assert.equal(reporter.recalls.length, 1, "a call that succeeds asks nobody");
  const another = () => Promise.reject<number>(Object.assign(new Error("another"), { status: 503 }));
  const choiceless = withSelfHealing(another, {
    functionName: "choiceless",
    effect: "read",
    reporter: () => Promise.resolve(reporter),
  });
  await assert.rejects(choiceless());
  await flushErrors();
  assert.equal(reporter.recalls.length, 1, "a failure that leaves no choice asks nobody");
});

Deno.test("withSelfHealing() lets an isolate that has just begun profit from what others have learned", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const first = async (reporter: Reporter) => {
    const tried: string[] = [];
    const price = withSelfHealing(
      () => Promise.reject<number>(Object.assign(new Error("busy"), { status: 503 })),
      {
        functionName: `isolate ${crypto.randomUUID()}`,
        effect: "read",
        reporter: () => Promise.resolve(reporter),
        means: () => ({ endpoints: [{ name: "b", call: () => 2 }] }),
        onOutcome: (outcome) => tried.push(outcome.tried[0]!.strategy),
      },
    );
    await price();
    await flushErrors();
    return { tried, price };
  };
  for (let made = 0; made < 6; made++) await first(reporterOver(contract.rpc));
  const reporter = reporterOver(contract.rpc);
  const { tried, price } = await first(reporter);
  assert.deepEqual(tried, ["RETRY_WITH_BACKOFF"], "the first failure is judged by the catalogue");
  await waitFor("the lesson", async () => (await price(), tried.at(-1) === "SWITCH_API_ENDPOINT"));
  await flushErrors();
});

Deno.test("withSelfHealing() loses no evidence when many isolates record the same patterns at once", async () => {
  await using database = await createTestDatabase();
  const contracts = await Promise.all(Array.from({ length: 8 }, () => openContract(database)));
  const heal = (isolate: number, number: number, kind: string) => ({
    category: "network" as const,
    severity: "medium" as const,
    result: "success" as const,
    message: "busy",
    strategy: kind,
    unit: `call:${isolate}:${number}`,
    pattern: {
      pattern_name: kind,
      error_signature: `signature ${number % 3}`,
      fix_strategy: { kind },
      category: "network",
      origin: "deterministic" as const,
    },
  });
  const { recordHeals } = await import("../../supabase/functions/_shared/errorInterceptor/reporting.ts");
  for (const [isolate, contract] of contracts.entries()) {
    const reporter = reporterOver(contract.rpc);
    const source = () => Promise.resolve(reporter);
    const heals = Array.from(
      { length: 60 },
      (_, number) => heal(isolate, number, (isolate + number) % 2 ? "retry" : "switch_endpoint"),
    );
    recordHeals(isolate % 2 ? heals : heals.reverse(), source);
  }
  await flushErrors();
  const [{ count }] = await database.query<{ count: number }>(
    "select count(*)::int from healing_private.pattern_evidence",
  ) as [{ count: number }];
  assert.equal(count, 480);
  await Promise.all(contracts.map((contract) => contract[Symbol.asyncDispose]()));
});

Deno.test("withSelfHealing() works without a database at all", async () => {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  const reporter = reporterOver(contract.rpc);
  await contract[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  let calls = 0;
  const price = withSelfHealing(
    () =>
      ++calls % 2 === 1
        ? Promise.reject<number>(Object.assign(new Error("busy"), { status: 503 }))
        : Promise.resolve(1),
    { functionName: "no database", effect: "read", reporter: () => Promise.resolve(reporter) },
  );
  assert.equal(await price(), 1);
  await flushErrors();
});
