/** Every table by every role and verb, and every function that a user may call, as a user who is no admin calls it. */

import assert from "node:assert/strict";
import { isEmpty } from "../helpers/answers.ts";
import { type ApiRole, createTestDatabase, type Session, type TestDatabase } from "../helpers/database.ts";
import { prepared } from "../helpers/engine.ts";
import { liveThrough } from "../helpers/livedProject.ts";

const VERBS = ["select", "insert", "update", "delete", "truncate", "references", "trigger"];
const SCHEMAS = "('public', 'healing_private', 'healing_sandbox')";
const EVE = {
  sub: "e0000000-0000-4000-8000-000000000009",
  user_metadata: { role: "admin" },
  role: "authenticated",
};

interface Right {
  role: ApiRole;
  relation: string;
  verb: string;
}

/** Every right that a role of the API has on a table or view of ours. */
function rightsOf(database: TestDatabase): Promise<Right[]> {
  return database.query(
    `select role, format('%I.%I', n.nspname, c.relname) as relation, verb
     from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     cross join unnest(array['anon', 'authenticated', 'service_role']) as role cross join unnest($1::text[]) as verb
     where n.nspname in ${SCHEMAS} and c.relkind in ('r', 'p', 'v', 'm')
       and (has_table_privilege(role, c.oid, verb) or verb in ('select', 'insert', 'update', 'references') and has_any_column_privilege(role, c.oid, verb))
     order by 1, 2, 3`,
    [VERBS],
  );
}

Deno.test("the role matrix: anon has no right on a table, users and the service role only read, and only what row level security shows", async () => {
  await using database = await createTestDatabase();
  const rights = await rightsOf(database);
  assert.ok(rights.length > 100, `${rights.length} rights`);
  const more = rights.filter(({ role, verb }) => role === "anon" || verb !== "select");
  // Written as any table of a project is: by the resilient write path, with its caller's own rights.
  assert.deepEqual(more.map(({ role, relation, verb }) => `${role} ${verb} ${relation}`), [
    "service_role insert public.ux_patterns",
    "service_role update public.ux_patterns",
  ]);
  const open = await database.query(
    `select format('%I.%I', n.nspname, c.relname) as relation from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     where n.nspname in ${SCHEMAS} and (c.relkind in ('r', 'p') and not c.relrowsecurity
       or c.relkind = 'v' and not coalesce(c.reloptions && array['security_invoker=on', 'security_invoker=true'], false) or c.relkind = 'm')`,
  );
  assert.deepEqual(open, []);
});

Deno.test("the role matrix: a user who is no admin sees no row of any table, lived through or not", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await liveThrough(database, contract);
  const readable = (await rightsOf(database)).filter(({ role, relation }) =>
    role === "authenticated" && relation !== "public.members" && relation !== "public.notes"
  );
  const told: string[] = [];
  for (const { relation } of readable) {
    const rows = await database.asRole(
      "authenticated",
      EVE,
      (session) => session.query(`select * from ${relation}`),
    );
    // A view may list what there is to know; of all that has happened it knows nothing.
    if (
      !isEmpty(
        rows.map((row) => Object.values(row).filter((value) => value !== 0 && typeof value !== "string")),
      )
    ) {
      told.push(relation);
    }
  }
  assert.deepEqual(told, []);
});

interface Routine {
  name: string;
  call: string;
  types: string[];
  names: string[];
}

/** What users may call, with a place for each argument. */
function routinesOf(database: TestDatabase, role: ApiRole): Promise<Routine[]> {
  return database.query(
    `select p.oid::regprocedure::text as name, format('%I.%I', n.nspname, p.proname) as call,
       coalesce((select array_agg(format_type(t, null) order by place) from unnest(p.proargtypes::oid[]) with ordinality as a (t, place)), '{}') as types,
       coalesce(p.proargnames, '{}') as names
     from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
     where n.nspname in ${SCHEMAS} and has_function_privilege($1, p.oid, 'execute') and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
       and not exists (select from pg_depend as d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
     order by 1`,
    [role],
  );
}

const VALUES: { [type: string]: string } = {
  uuid: "'00000000-0000-4000-8000-000000000000'",
  text: "'x'",
  jsonb: "'{}'",
  json: "'{}'",
  integer: "1",
  bigint: "1",
  smallint: "1",
  numeric: "1",
  oid: "'public.healing_settings'::regclass",
  boolean: "true",
  "double precision": "0.5",
  interval: "'1 hour'",
  "timestamp with time zone": "now()",
};

/** Ids of what is there, by the word that names it in an argument. */
async function idsOf(database: TestDatabase): Promise<Map<string, string>> {
  const [row] = await database.query<Record<string, string>>(
    `select (select id from auto_fixes limit 1) as fix, (select id from detected_errors limit 1) as error,
       (select id from admin_approval_queue limit 1) as approval, (select id from queued_operations limit 1) as operation,
       (select id from universal_error_patterns limit 1) as pattern, (select id from healing_runs limit 1) as run`,
  );
  return new Map(Object.entries(row!).filter(([, id]) => id !== null));
}

function argument(type: string, name: string, ids: ReadonlyMap<string, string>): string {
  if (type === "uuid") {
    for (const [word, id] of ids) if (name.includes(word)) return `'${id}'::uuid`;
  }
  return type.endsWith("[]") ? `'{}'::${type}` : `${VALUES[type] ?? "null"}::${type}`;
}

const CHANGED =
  `select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int as n from pg_stat_xact_user_tables
  where schemaname in ${SCHEMAS}`;

/** What comes of a call, and how many rows it changed; nothing of it stays. */
async function attempt(session: Session, sql: string): Promise<{ answer: unknown; changed: number }> {
  const [before] = await session.query(CHANGED);
  let answer: unknown;
  await session.query("savepoint one");
  try {
    answer = (await session.query(`select to_jsonb(q) as answer from (${sql}) as q`)).map((row) =>
      row.answer
    );
  } catch (error) {
    answer = { refused: (error as { code: string }).code };
    await session.query("rollback to savepoint one");
  }
  const [after] = await session.query(CHANGED);
  return { answer, changed: Number(after!.n) - Number(before!.n) };
}

/** Times and ids differ between two projects, whatever they know. */
function withoutTimes(answer: unknown): string {
  return JSON.stringify(answer).replace(/\d{4}-\d\d-\d\d[T ][\d:.+Z]+/g, "time").replace(
    /[0-9a-f]{8}-[0-9a-f-]{27}/g,
    "id",
  );
}

/** Anybody may know how it goes, in one word. */
const PUBLIC = new Set(["get_public_status()", "healing_private.public_status()"]);
/** A caller's own key, under which its own write is remembered. */
const OWN_KEY = "healing_private.claim_write(text,text,text,jsonb) changed 1 rows";

/** Functions that tell a caller of a lived-in project more than of an untouched one, or change a row of ours. */
async function findLeaks(
  database: TestDatabase,
  untouched: TestDatabase,
  role: ApiRole,
  claims: Record<string, unknown>,
): Promise<string[]> {
  const ids = await idsOf(database);
  const routines = (await routinesOf(database, role)).filter(({ name }) => !PUBLIC.has(name));
  assert.ok(routines.length >= 40, `${routines.length} functions`);
  const told: string[] = [];
  for (const { name, call, types, names } of routines) {
    const sql = `select ${call}(${
      types.map((type, place) => argument(type, names[place] ?? "", ids)).join(", ")
    })`;
    const [known, nothing] = await Promise.all(
      [database, untouched].map((place) => place.asRole(role, claims, (session) => attempt(session, sql))),
    );
    if (withoutTimes(known!.answer) !== withoutTimes(nothing!.answer)) {
      told.push(`${name}: ${withoutTimes(known!.answer)} and not ${withoutTimes(nothing!.answer)}`);
    }
    if (known!.changed > 0) told.push(`${name} changed ${known!.changed} rows`);
  }
  return told.filter((line) => line !== OWN_KEY);
}

Deno.test("the role matrix: no function that a user or anon may call tells or changes anything of ours, and one that did would be seen", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await using untouched = await createTestDatabase();
  await liveThrough(database, contract);
  assert.deepEqual(await findLeaks(database, untouched, "authenticated", EVE), []);
  assert.deepEqual(await findLeaks(database, untouched, "anon", {}), []);
  for (const place of [database, untouched]) {
    await place.query(
      `create function leak(p_error_id uuid) returns text language sql security definer as
         'select status from public.detected_errors where id = p_error_id';
       create function harm() returns void language sql security definer as 'update public.healing_settings set reason = reason'`,
    );
  }
  const leaks = await findLeaks(database, untouched, "anon", {});
  assert.deepEqual(leaks.map((line) => line.split(/[( ]/)[0]), ["harm", "leak"]);
});
