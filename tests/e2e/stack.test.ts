import assert from "node:assert/strict";
import { freshDataDir } from "../../scripts/stack/dataDir.ts";
import { SEEDED_USERS } from "../../scripts/stack/platform.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { failsWith } from "../helpers/failures.ts";
import { isAlive, openStack } from "../helpers/stack.ts";
import { waitFor } from "../helpers/waiting.ts";

async function query(url: string, sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

Deno.test("Stack keeps data, keys and sessions between two starts", async () => {
  const dataDir = await freshDataDir();
  const first = await openStack({ dataDir, temporary: false });
  await query(first.stack.dbUrl, "create table public.kept (id int); insert into public.kept values (7)");
  const session = await first.stack.signIn(SEEDED_USERS.admin.email);
  await first.stack.stop();
  const { mode } = await Deno.stat(`${dataDir}/keys.json`);
  assert.equal((mode ?? 0) & 0o777, 0o600);

  const second = await openStack({ dataDir, temporary: true });
  assert.deepEqual(second.stack.keys, first.stack.keys);
  assert.deepEqual(await query(second.stack.dbUrl, "select id from public.kept"), [{ id: 7 }]);
  const refreshed = await fetch(`${second.stack.url}/auth/v1/token?grant_type=refresh_token`, {
    method: "POST",
    headers: { apikey: second.stack.keys.publishable },
    body: JSON.stringify({ refresh_token: session.refresh_token }),
  });
  assert.equal(refreshed.status, 200);
  assert.equal((await refreshed.json()).user.app_metadata.role, "admin");
  await second.stack.stop();
  await assert.rejects(Deno.stat(dataDir), Deno.errors.NotFound);
});

Deno.test("Stack refuses a second instance on its folder, and the first goes on", async () => {
  await using first = await openStack();
  const { rows: [row] } = { rows: await query(first.stack.superuserUrl, "show data_directory") };
  const dataDir = String(row?.data_directory).replace(/\/postgres$/, "");
  // Even one that would remove its folder at the end leaves this one alone.
  await failsWith(openStack({ dataDir, temporary: true }), "CONFLICT", "second_instance");
  assert.deepEqual(await query(first.stack.dbUrl, "select 1 as alive"), [{ alive: 1 }]);
  assert.equal((await first.call("crash")).status, 200);
});

Deno.test("Stack refuses a port that is taken, and leaves nothing running", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const dataDir = await freshDataDir();
  await failsWith(openStack({ dataDir, temporary: false, apiPort: port }), "CONFLICT", "port_taken");
  await failsWith(openStack({ dataDir, temporary: false, dbPort: port }), "CONFLICT", "port_taken");
  listener.close();
  await using again = await openStack({ dataDir, apiPort: port });
  assert.equal(again.stack.url, `http://127.0.0.1:${port}`);
});

Deno.test("Stack refuses keys that it cannot read, and keeps them", async () => {
  const dataDir = await freshDataDir();
  await (await openStack({ dataDir, temporary: false })).stack.stop();
  await Deno.writeTextFile(`${dataDir}/keys.json`, "{");
  const error = await openStack({ dataDir, temporary: false }).catch((error) => error);
  assert.deepEqual([error.code, typeof error.hint], ["CONFIG_MISSING", "string"]);
  assert.equal(await Deno.readTextFile(`${dataDir}/keys.json`), "{");
  await Deno.remove(`${dataDir}/keys.json`);
  await (await openStack({ dataDir })).stack.stop();
});

Deno.test("Stack closes keys that others could read", async () => {
  const dataDir = await freshDataDir();
  await (await openStack({ dataDir, temporary: false })).stack.stop();
  await Deno.chmod(`${dataDir}/keys.json`, 0o644);
  await (await openStack({ dataDir, temporary: false })).stack.stop();
  assert.equal(((await Deno.stat(`${dataDir}/keys.json`)).mode ?? 0) & 0o777, 0o600);
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("Stack puts the way to the functions into Vault, and the database reaches them", async () => {
  await using stack = await openStack();
  const { dbUrl, keys, url } = stack.stack;
  const rows = await query(dbUrl, "select name, decrypted_secret from vault.decrypted_secrets order by name");
  assert.deepEqual(rows, [
    { name: "cron_secret_key", decrypted_secret: keys.cronSecret },
    { name: "project_url", decrypted_secret: url },
  ]);
  const [sent] = await query(
    dbUrl,
    "select net.http_post($1, body := '{\"a\": 1}', headers := $2)::text as id",
    [
      `${url}/functions/v1/crash`,
      { apikey: keys.cronSecret, "content-type": "application/json" },
    ],
  );
  assert.equal(await stack.stack.drainNet(), 1);
  const [answer] = await query(dbUrl, "select status_code from net._http_response where id = $1", [sent?.id]);
  assert.equal(answer?.status_code, 500, "this function crashes on POST");
});

Deno.test("Stack sends queued requests and runs jobs by itself when it is asked to", async () => {
  await using stack = await openStack({ schedule: true });
  const { dbUrl, url } = stack.stack;
  await query(dbUrl, "select cron.schedule('call', '1 second', $1)", [
    `select net.http_get('${url}/functions/v1/crash')`,
  ]);
  await waitFor(
    "an answer",
    async () => (await query(dbUrl, "select from net._http_response where status_code = 200")).length > 0,
  );
});

Deno.test("Stack runs a job on demand, and the rest stays put", async () => {
  await using stack = await openStack();
  assert.equal(await stack.stack.tick(), 0);
  assert.equal(await stack.stack.runJob("healing_reaper"), true);
  assert.equal(await stack.stack.runJob("no such job"), false);
  const details = await query(stack.stack.superuserUrl, "select status from cron.job_run_details");
  assert.deepEqual(details, [{ status: "succeeded" }]);
});

Deno.test("Stack's API forgets what it knew of a function when the database changes", async () => {
  await using stack = await openStack();
  const { dbUrl, keys, url } = stack.stack;
  async function call(): Promise<unknown> {
    const answer = await fetch(`${url}/rest/v1/rpc/shape`, {
      method: "POST",
      headers: { apikey: keys.secret },
    });
    return await answer.json();
  }
  const grant = "grant execute on function public.shape() to service_role";
  await query(dbUrl, `create function public.shape() returns int language sql as 'select 1'; ${grant}`);
  assert.equal(await call(), 1);
  await query(
    dbUrl,
    `drop function public.shape(); create function public.shape() returns setof int language sql as 'select 1'; ${grant}`,
  );
  // The notification and the call travel on two connections.
  await waitFor("the new shape", async () => Array.isArray(await call()));
});

Deno.test("Stack applies a seed once, and again when it has changed", async () => {
  const dataDir = await freshDataDir();
  const seed = await Deno.makeTempFile({ suffix: ".sql" });
  await Deno.writeTextFile(
    seed,
    "create table public.seeded (id int); insert into public.seeded values (1);",
  );
  await (await openStack({ dataDir, seed, temporary: false })).stack.stop();
  await (await openStack({ dataDir, seed, temporary: false })).stack.stop();
  await Deno.writeTextFile(seed, "insert into public.seeded values (2);");
  await using stack = await openStack({ dataDir, seed });
  assert.deepEqual(await query(stack.stack.dbUrl, "select id from public.seeded order by id"), [{ id: 1 }, {
    id: 2,
  }]);
  await Deno.remove(seed);
});

Deno.test("Stack starts warm in well under three seconds", async () => {
  const dataDir = await freshDataDir();
  await (await openStack({ dataDir, temporary: false })).stack.stop();
  const startedAt = performance.now();
  await using stack = await openStack({ dataDir });
  const elapsed = performance.now() - startedAt;
  assert.ok(elapsed < 3_000, `it took ${Math.round(elapsed)} ms`);
  assert.equal((await stack.call("crash")).status, 200);
});

Deno.test("Stack says when the database ends by itself", async () => {
  const stack = await openStack();
  const [row] = await query(stack.stack.superuserUrl, "select pg_read_file('postmaster.pid') as text");
  const pid = Number(String(row?.text).split("\n")[0]);
  Deno.kill(pid, "SIGKILL");
  await stack.stack.databaseEnded;
  // Told by the closing pipe, which may be a moment before the process is gone from the list.
  await waitFor("the process to be gone", async () => !await isAlive(pid));
  await stack.stack.stop();
});
