/** The platform's stand-in has the platform's names, signatures and privileges. @module */

import assert from "node:assert/strict";
import { applyPlatform, SEEDED_USERS } from "../../scripts/stack/platform.ts";
import { createTestDatabase } from "../helpers/database.ts";

const database = await createTestDatabase({ migrated: false });

function refused(sqlState: string, work: Promise<unknown>): Promise<void> {
  return assert.rejects(work, { code: sqlState });
}

Deno.test("applyPlatform() can be repeated and says who runs the jobs", async () => {
  assert.deepEqual(await applyPlatform(database.superuserUrl), { cron: "standIn" });
});

Deno.test("applyPlatform() refuses a role that cannot do it", async () => {
  await assert.rejects(applyPlatform(database.url), { code: "FORBIDDEN" });
});

Deno.test("platform: postgres is no superuser and owns schema public", async () => {
  const [role] = await database.query(
    "select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles where rolname = current_user",
  );
  assert.deepEqual(role, { rolsuper: false, rolcreaterole: true, rolcreatedb: true, rolbypassrls: true });
  const [schema] = await database.query(
    "select pg_has_role(nspowner, 'member') as owns from pg_namespace where nspname = 'public'",
  );
  assert.deepEqual(schema, { owns: true });
});

Deno.test("platform: postgres and authenticator may become the API's roles, and nobody else's", async () => {
  for (const user of ["postgres", "authenticator"]) {
    const client = await database.connect(user);
    for (const role of ["anon", "authenticated", "service_role"]) {
      await client.query(`set role ${role}`);
      await client.query("reset role");
    }
    await refused("42501", client.query("set role supabase_auth_admin"));
    await client.end();
  }
});

Deno.test("platform: a new table is granted to nobody, and a new function to everybody", async () => {
  await database.query("create table public.fresh (id int primary key)");
  await database.query(
    "create function public.fresh_count() returns bigint language sql as 'select 1::bigint'",
  );
  for (const role of ["anon", "authenticated", "service_role"] as const) {
    await refused(
      "42501",
      database.asRole(role, {}, (session) => session.query("select * from public.fresh")),
    );
    assert.equal(await database.rpc("fresh_count", {}, role), 1);
  }
});

Deno.test("platform: postgres creates trusted extensions where a migration asks for them", async () => {
  await database.query(`create extension if not exists "uuid-ossp" with schema extensions`);
  await database.query("create extension if not exists pg_trgm with schema extensions");
  const [row] = await database.query("select length(extensions.uuid_generate_v4()::text) as length");
  assert.deepEqual(row, { length: 36 });
});

Deno.test("platform: auth reads the claims of the request", async () => {
  const claims = { sub: SEEDED_USERS.admin.id, email: "a@example.com", app_metadata: { role: "admin" } };
  const rows = await database.asRole(
    "authenticated",
    claims,
    (session) =>
      session.query(
        "select auth.uid(), auth.role(), auth.email(), auth.jwt() -> 'app_metadata' ->> 'role' as admin",
      ),
  );
  assert.deepEqual(rows, [
    { uid: SEEDED_USERS.admin.id, role: "authenticated", email: "a@example.com", admin: "admin" },
  ]);
  assert.deepEqual(await database.query("select auth.uid(), auth.jwt()"), [{ uid: null, jwt: null }]);
});

Deno.test("platform: the two seeded people have passwords that check out, and roles of their own", async () => {
  for (const { email, password } of Object.values(SEEDED_USERS)) {
    const [person] = await database.query(
      `select encrypted_password = extensions.crypt($2, encrypted_password) as fits,
              coalesce(raw_app_meta_data ->> 'role', 'none') as role from auth.users where email = $1`,
      [email, password],
    );
    assert.deepEqual(person, { fits: true, role: email === SEEDED_USERS.admin.email ? "admin" : "none" });
  }
  await refused("42501", database.asRole("anon", {}, (session) => session.query("select * from auth.users")));
});

Deno.test("platform: vault keeps secrets encrypted, updates them, and refuses a name twice", async () => {
  const [made] = await database.query("select vault.create_secret('s3cret', 'a_key', 'for tests') as id");
  await database.query("select vault.update_secret($1, 'changed')", [made!.id]);
  const [row] = await database.query(
    "select secret, decrypted_secret, name, description from vault.decrypted_secrets where id = $1",
    [made!.id],
  );
  assert.equal(row!.decrypted_secret, "changed");
  assert.equal(row!.description, "for tests");
  assert.doesNotMatch(row!.secret, /changed/);
  await refused("23505", database.query("select vault.create_secret('other', 'a_key')"));
  await refused(
    "42501",
    database.asRole("anon", {}, (session) => session.query("select * from vault.secrets")),
  );
});

Deno.test("platform: net.http_post() queues a request that exists only when its transaction commits", async () => {
  const [row] = await database.query(
    `select net.http_post(url := 'http://x/y', params := '{"q": "a b"}', body := '{"a": 1}',
       headers := '{"apikey": "k"}', timeout_milliseconds := 900) as id`,
  );
  const [queued] = await database.query(
    "select method, url, headers, convert_from(body, 'UTF8')::jsonb as body, timeout_milliseconds as ms from net.http_request_queue where id = $1",
    [row!.id],
  );
  assert.deepEqual(queued, {
    method: "POST",
    url: "http://x/y?q=a%20b",
    headers: { apikey: "k", "Content-Type": "application/json" },
    body: { a: 1 },
    ms: 900,
  });
  const client = await database.connect();
  await client.query("begin; select net.http_get('http://x/never'); rollback");
  await client.end();
  assert.deepEqual(await database.query("select 1 from net.http_request_queue where url like '%never'"), []);
  await refused(
    "P0001",
    database.query(`select net.http_post('http://x', headers := '{"content-type": "text/plain"}')`),
  );
});

Deno.test("platform: cron keeps one job a name, hides the table from writes, and refuses a bad schedule", async () => {
  const [first] = await database.query("select cron.schedule('nightly', '0 3 * * *', 'select 1') as id");
  const [again] = await database.query("select cron.schedule('nightly', '30 seconds', 'select 2') as id");
  assert.equal(first!.id, again!.id);
  await database.query("select cron.alter_job($1, active := false)", [first!.id]);
  assert.deepEqual(
    await database.query(
      "select schedule, command, username, database, active from cron.job where jobname = 'nightly'",
    ),
    [{
      schedule: "30 seconds",
      command: "select 2",
      username: "postgres",
      database: database.name,
      active: false,
    }],
  );
  await refused("22023", database.query("select cron.schedule('bad', 'every day', 'select 1')"));
  await refused("42501", database.query("update cron.job set command = 'select 3'"));
  assert.deepEqual(await database.query("select cron.unschedule('nightly')"), [{ unschedule: true }]);
  await refused("P0001", database.query("select cron.unschedule('nightly')"));
});

Deno.test("platform: realtime.send() keeps a broadcast and only warns when it cannot", async () => {
  await database.query(`select realtime.send('{"x": 1}', 'changed', 'healing')`);
  const [message] = await database.query(
    "select topic, event, private, payload ->> 'x' as x, payload ? 'id' as has_id from realtime.messages",
  );
  assert.deepEqual(message, { topic: "healing", event: "changed", private: true, x: "1", has_id: true });
  await database.asRole(
    "anon",
    {},
    (session) => session.query(`select realtime.send('{"x": 2}', 'changed', 'healing')`),
  );
  assert.deepEqual(await database.query("select count(*)::int from realtime.messages"), [{ count: 1 }]);
});

Deno.test("platform: storage takes a bucket from SQL and refuses to delete one", async () => {
  await database.query("insert into storage.buckets (id, name, public) values ('files', 'files', false)");
  await refused("42501", database.query("delete from storage.buckets"));
});

Deno.test("platform: a change of the schema tells whoever listens for it", async () => {
  const client = await database.connect();
  const heard = Promise.withResolvers<string>();
  client.on("notification", ({ payload }) => heard.resolve(payload ?? ""));
  await client.query("listen pgrst");
  await client.query("create table public.announced (id int primary key)");
  assert.equal(await heard.promise, "reload schema");
  await client.end();
});

Deno.test("platform: the test database is dropped at the end", async () => {
  await database[Symbol.asyncDispose]();
});
