/** Fixes of access on the server's own version of Postgres, straight and behind a transaction pooler. */

import assert from "node:assert/strict";
import { ALICE, applyFix, BOB, revertFix, schemaOf, seenBy } from "../helpers/accessFixes.ts";
import { startPooler } from "../helpers/pooler.ts";
import { createServerDatabase, serverTest } from "../helpers/serverRing.ts";

const WORLD = `
  create table projects (id serial primary key, owner uuid); create table pm (project_id int, user_id uuid);
  alter table projects enable row level security; alter table pm enable row level security;
  grant select on projects, pm to anon, authenticated;
  create policy a on projects for select using (owner = auth.uid() or exists
    (select 1 from pm where project_id = projects.id and user_id = auth.uid()));
  create policy b on pm for select using (exists (select 1 from projects where id = pm.project_id and owner = auth.uid()));
  insert into projects (owner) values ('${ALICE}'); insert into pm values (1, '${BOB}');
  create table notes (id int, owner uuid); alter table notes enable row level security; grant select on notes to authenticated;
  create policy n on notes for select to authenticated using (owner = auth.uid());
  create view open_pm as select * from pm; grant select on open_pm to authenticated;
  create table profiles (id uuid primary key);
  create function handle_new_user() returns trigger language plpgsql security definer
    as 'begin insert into profiles (id) values (new.id); return new; end';
  create trigger on_auth_user_created after insert on auth.users for each row execute function handle_new_user();`;

const FIXES = [
  { kind: "replace_policy", repair: "break_recursion", table: "projects" },
  { kind: "replace_policy", repair: "evaluate_once", table: "notes" },
  { kind: "grant_privilege", on: "sequence", name: "projects_id_seq", to: "service_role" },
  { kind: "create_bucket", bucket: "avatars" },
  { kind: "set_view_invoker", view: "public.open_pm" },
  { kind: "repair_signup_trigger", said: null },
  { kind: "reload_schema_cache", missing: "table", schema: "public", name: "pm", part: null, arguments: [] },
];

serverTest("every fix of access works through a pooler, and goes back to the byte", async () => {
  await using database = await createServerDatabase();
  await using pooler = await startPooler(database.url);
  await database.query(WORLD);
  const through = { url: pooler.through(database.url) };
  const before = await schemaOf(database);
  for (const fix of FIXES) {
    const outcome = await applyFix(through, fix);
    assert.equal(outcome.kind, "applied", `${JSON.stringify(fix)} ${JSON.stringify(outcome)}`);
    if (outcome.kind !== "applied") continue;
    if (fix.repair === "break_recursion") {
      assert.deepEqual(await seenBy(database, BOB, "select id from projects"), [{ id: 1 }]);
      assert.deepEqual(await seenBy(database, null, "select user_id from pm"), []);
    }
    await revertFix(through, fix, outcome.rollbackPoint);
    assert.equal(await schemaOf(database), before, fix.kind);
  }
  // Whoever gets one of the pooler's connections next finds nothing of a fix on it.
  for (let turn = 0; turn < 4; turn++) {
    const outcome = await applyFix(through, { kind: "create_bucket", bucket: "avatars" }, { rollback: true });
    assert.equal(outcome.kind, "applied");
  }
});
