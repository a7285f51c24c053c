/** Each examination of the doctor's, both ways: broken and told with the right words, mended and well. */

import assert from "node:assert/strict";
import { advice } from "../../scripts/doctor/advice.ts";
import { database as databaseExamination } from "../../scripts/doctor/database.ts";
import type { Examination } from "../../scripts/doctor/examination.ts";
import { health } from "../../scripts/doctor/health.ts";
import { migrations } from "../../scripts/doctor/migrations.ts";
import { objects } from "../../scripts/doctor/objects.ts";
import { admit } from "../../scripts/doctor/patient.ts";
import { schedules } from "../../scripts/doctor/schedules.ts";
import { switches } from "../../scripts/doctor/switches.ts";
import { testTrigger } from "../../scripts/doctor/testTrigger.ts";
import { vault } from "../../scripts/doctor/vault.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { bad, openPatient } from "../helpers/doctor.ts";

/** Well before it breaks, told while it is broken, and well again. */
async function bothWays(
  examination: Examination,
  [breaks, mends]: readonly [breaks: string, mends: string],
  says: RegExp,
  next: RegExp,
): Promise<void> {
  await using project = await openPatient();
  const { database, patient } = project;
  const before = await examination.look(patient);
  await database.query(breaks);
  const told = (await examination.look(patient)).filter((finding) =>
    !before.some((other) => other.says === finding.says) && finding.state !== "well"
  );
  assert.equal(told.length, 1, JSON.stringify(told));
  assert.match(told[0]!.says, says);
  assert.match(told[0]!.next ?? "", next);
  await database.query(mends);
  assert.deepEqual(await examination.look(patient), before);
}

Deno.test("database looks at the version, and tells when only reads are allowed", async () => {
  await using project = await openPatient();
  const { database, patient } = project;
  assert.deepEqual(bad(await databaseExamination.look(patient)), []);
  await database.query(
    `alter role postgres in database "${database.name}" set default_transaction_read_only = on`,
  );
  const connection = await openDirectConnection(database.url);
  try {
    const full = await admit(connection, { waitSeconds: 0, progress: () => {} });
    assert.match(bad(await databaseExamination.look(full)).join(), /only reads/);
  } finally {
    await connection.close();
  }
});

Deno.test("migrations tells which are missing, and of a project that never had any", async () => {
  await bothWays(
    migrations,
    [
      "create table kept as select * from supabase_migrations.schema_migrations where version = '20261129150020'; " +
      "delete from supabase_migrations.schema_migrations where version = '20261129150020'",
      "insert into supabase_migrations.schema_migrations select * from kept; drop table kept",
    ],
    /^1 of \d+ are missing: 20261129150020_add_healing_health\.sql$/,
    /db push/,
  );
  await using empty = await createTestDatabase({ migrated: false });
  const connection = await openDirectConnection(empty.url);
  try {
    const patient = await admit(connection, { waitSeconds: 0, progress: () => {} });
    assert.match(bad(await migrations.look(patient)).join(), /no migration was ever applied/);
    assert.match(bad(await objects.look(patient)).join(), /\d+ are missing/);
  } finally {
    await connection.close();
  }
});

for (
  const [what, breaks, mends, says] of [
    [
      "a right that strangers got",
      "grant select on public.auto_fixes to anon",
      "revoke select on public.auto_fixes from anon",
      /table public\.auto_fixes: with "grant select to anon"/,
    ],
    [
      "a right that the functions lost",
      "revoke select on public.healing_runs from service_role",
      "grant select on public.healing_runs to service_role",
      /table public\.healing_runs: without "grant select to service_role"/,
    ],
    [
      "row level security that was turned off",
      "alter table public.queued_operations disable row level security",
      "alter table public.queued_operations enable row level security",
      /table public\.queued_operations: without "row level security"/,
    ],
    [
      "a function that is gone",
      "alter function public.get_public_status() rename to hidden",
      "alter function public.hidden() rename to get_public_status",
      /1 are missing: function public\.get_public_status/,
    ],
  ] as const
) {
  Deno.test(`objects tells of ${what}`, () => bothWays(objects, [breaks, mends], says, /migration|push/));
}

Deno.test("objects says nothing about tables, functions and rights of the project itself", async () => {
  await using project = await openPatient();
  await project.database.query(
    "create table notes (id int primary key); grant all on notes to anon; create function mine() returns int language sql as 'select 1'",
  );
  assert.deepEqual(bad(await objects.look(project.patient)), []);
});

Deno.test("vault tells of entries that are missing, too short, or of another project, and never shows the key", async () => {
  await using project = await openPatient();
  const { database, patient } = project;
  const store = (name: string, value: string) =>
    database.query("select vault.create_secret($1, $2)", [value, name]);
  const clear = () => database.query("delete from vault.secrets");
  await clear();
  assert.deepEqual(bad(await vault.look(patient)).map((says) => says.split(":")[0]), [
    "no entry project_url",
    "no entry cron_secret_key",
  ]);
  await store("project_url", "https://other.supabase.co/");
  await store("cron_secret_key", "short-secret");
  const wrong = await vault.look({ ...patient, apiUrl: "https://mine.supabase.co" });
  assert.match(bad(wrong).join("; "), /calls https:\/\/other.*not https:\/\/mine.*; .*shorter than 16/);
  assert.doesNotMatch(JSON.stringify(wrong), /short-secret/);
  await clear();
  await store("project_url", "https://mine.supabase.co");
  await store("cron_secret_key", "a-secret-that-is-long-enough");
  const right = await vault.look({ ...patient, apiUrl: "https://mine.supabase.co" });
  assert.deepEqual(bad(right), []);
  assert.doesNotMatch(JSON.stringify(right), /long-enough/);
});

Deno.test("schedules knows the jobs that the migrations make, and tells what is missing, off, failed or silent", async () => {
  await using project = await openPatient();
  const { database, patient } = project;
  const made = await database.query("select jobname as name, schedule from cron.job order by 1");
  const known = [...patient.reference.jobs].sort((a, b) => a.name < b.name ? -1 : 1);
  assert.deepEqual(known, made);
  assert.match(bad(await schedules.look(patient)).join("; "), /^no job of every minute ran/);
  const ran = (status: string, message: string) =>
    database.query(
      `insert into cron.job_run_details (jobid, status, return_message, start_time)
       select jobid, $1, $2, clock_timestamp() from cron.job where jobname = 'healing_reaper'`,
      [status, message],
    );
  await ran("succeeded", "1 row");
  assert.deepEqual(bad(await schedules.look(patient)), []);
  await ran("failed", "permission denied for schema net");
  assert.match(
    bad(await schedules.look(patient)).join(),
    /healing_reaper failed .*permission denied for schema net/,
  );
  await database.query(
    "select cron.alter_job((select jobid from cron.job where jobname = 'healing_health'), active := false)",
  );
  await database.query("select cron.unschedule('healing_engine')");
  const told = await schedules.look(patient);
  assert.match(bad(told)[0]!, /jobs are missing: healing_engine/);
  assert.match(told.find(({ says }) => says.includes("healing_health"))!.next!, /alter_job.*active := true/);
});

Deno.test("testTrigger fires the trigger, leaves nothing, and tells when it is off, gone or without effect", async () => {
  await using project = await openPatient();
  const { database, patient } = project;
  assert.deepEqual(bad(await testTrigger.look(patient)), []);
  assert.deepEqual(
    await database.query("select from generation_failures union all select from auto_generated_tests"),
    [],
  );
  await database.query("alter table generation_failures disable trigger auto_generate_test_from_failure");
  assert.match(bad(await testTrigger.look(patient)).join(), /switched off/);
  await database.query("alter table generation_failures enable trigger auto_generate_test_from_failure");
  await database.query(
    `create or replace function healing_private.make_test(p_error_type text, p_framework text) returns uuid
     language sql set search_path = '' as 'select null::uuid'`,
  );
  assert.match(bad(await testTrigger.look(patient)).join(), /three failures made 0 tests/);
  await database.query("drop trigger auto_generate_test_from_failure on generation_failures");
  assert.match(bad(await testTrigger.look(patient)).join(), /not there/);
});

Deno.test("switches tells of the kill switch, of a dry run, and of what is not yet in force", async () => {
  await using project = await openPatient();
  const { database, patient } = project;
  const say = async () => (await switches.look(patient)).map(({ says }) => says).join("; ");
  assert.match(
    await say(),
    /^healing is on; .*only suggested until an admin turns them on: fixes of code, database/,
  );
  const change = (key: string, value: string) =>
    database.query("select change_healing_setting($1, $2, 'a test')", [key, value]);
  await change("dry_run", "true");
  assert.match(await say(), /^dry run/);
  await change("enabled", "false");
  assert.match(await say(), /^the kill switch is thrown/);
});

Deno.test("health tells what is unhealthy, what is not set up, and that nobody has looked", async () => {
  await using project = await openPatient();
  const { database, patient } = project;
  assert.deepEqual((await health.look(patient)).map(({ state }) => state), ["unknown"]);
  await database.query(
    `insert into system_health_checks (check_name, status, reason)
     values ('database', 'unhealthy', 'no answer'), ('email', 'unknown', 'RESEND_API_KEY is not set'), ('memory', 'healthy', 'fine')`,
  );
  const told = await health.look(patient);
  assert.deepEqual(bad(told), ["database: no answer"]);
  assert.deepEqual(told.filter(({ state }) => state === "notice").map(({ says }) => says), [
    "email: RESEND_API_KEY is not set",
  ]);
});

Deno.test("advice tells of the project's own tables too", () =>
  bothWays(
    advice,
    ["create table notes (id int primary key); grant select on notes to anon", "drop table notes"],
    /notes/,
    /^$/,
  ));
