import assert from "node:assert/strict";
import { ALICE, assertRefused, BOB, healAndRevert, seenBy } from "../helpers/accessFixes.ts";
import { createTestDatabase } from "../helpers/database.ts";

const SCHEMA = `
  create table notes (id int, owner uuid); alter table notes enable row level security; grant select on notes to authenticated;
  create policy own on notes for select to authenticated using (owner = auth.uid());
  insert into notes values (1, '${ALICE}'), (2, '${BOB}');
  create table plain (id int);
  create view all_notes as select * from notes; grant select on all_notes to authenticated;
  create view set_off with (security_invoker = off) as select * from notes; grant select on set_off to authenticated;
  create view safe with (security_invoker = on) as select * from notes; grant select on safe to authenticated;
  create view of_plain as select * from plain; grant select on of_plain to authenticated;
  create view nobodys as select * from notes; revoke all on nobodys from anon, authenticated;`;

Deno.test("set_view_invoker lets a view show each caller only its own rows, and can be taken back", async () => {
  await using database = await createTestDatabase();
  await database.query(SCHEMA);
  for (const view of ["all_notes", "set_off"]) {
    const rows = `select id from ${view}`;
    assert.deepEqual(await seenBy(database, ALICE, rows), [{ id: 1 }, { id: 2 }]);
    await healAndRevert(database, { kind: "set_view_invoker", view: `public.${view}` }, async () => {
      assert.deepEqual(await seenBy(database, ALICE, rows), [{ id: 1 }]);
    });
    assert.deepEqual(await seenBy(database, ALICE, rows), [{ id: 1 }, { id: 2 }]);
  }
  await assertRefused(database, { kind: "set_view_invoker", view: "public.safe" }, /already/);
  await assertRefused(database, { kind: "set_view_invoker", view: "public.of_plain" }, /no table behind/);
  await assertRefused(database, { kind: "set_view_invoker", view: "auth.x" }, /no view/);
});
