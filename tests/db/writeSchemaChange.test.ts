import assert from "node:assert/strict";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { callerOf, rowsOf } from "../helpers/writers.ts";

const CLIENTS = 20;
const WRITES = 6;

/** Each row as it was under the names of its moment: later changes of the table do not reach it. */
const AUDIT = `
  create table audit (seen jsonb);
  create function keep_seen() returns trigger language plpgsql security definer set search_path = '' as $$
    begin insert into public.audit values (to_jsonb(new)); return null; end $$;`;

Deno.test("while columns are renamed, added, dropped and swapped 20 clients lose no row and fill no wrong column", async () => {
  await using database = await createTestDatabase();
  await database.query(`${AUDIT}
    create table messages (role text, content text, low_mark int, high_mark int);
    create trigger keep_seen after insert on messages for each row execute function keep_seen();
    grant insert on messages to service_role`);
  const owner = await database.connect();
  let isWriting = true;
  let changes = 0;
  /** The server may choose the change as the one that gives way; then it is made again. */
  async function alter(statement: string): Promise<void> {
    for (;;) {
      try {
        return void await owner.query(statement);
      } catch (error) {
        await owner.query("rollback");
        if ((error as { code?: string }).code !== "40P01") throw error;
      }
    }
  }
  async function change(): Promise<void> {
    // In the second form what is called content is another column, and the marks have changed places.
    const there =
      `begin; alter table messages rename content to message; alter table messages add content text;
      alter table messages rename low_mark to spare; alter table messages rename high_mark to low_mark;
      alter table messages rename spare to high_mark; commit`;
    const back =
      "begin; alter table messages drop content; alter table messages rename message to content; commit";
    while (isWriting) {
      for (const statement of [there, back]) await alter(statement);
      changes++;
    }
  }
  async function write(client: number): Promise<void> {
    const db = createResilientDb(callerOf(database, "service_role"));
    for (let n = 0; n < WRITES; n++) {
      const rows = [0, 1].map((half) => ({
        sender: "user",
        message: `${client}-${n}-${half}`,
        lowMark: -1,
        highMark: 1,
      }));
      // A table that changes all the time may refuse a write; then it is sent again under its key.
      for (let round = 0;; round++) {
        try {
          const { results } = await db.insert("messages", rows, { key: `${client}-${n}` });
          assert.ok(results.every(({ status }) => status === "healed"), JSON.stringify(results));
          break;
        } catch (error) {
          if (round === 20) throw error;
        }
      }
    }
  }
  const changing = change();
  await Promise.all(rowsOf(CLIENTS, write)).finally(() => isWriting = false);
  await changing;
  const audit = await database.query<{ seen: Record<string, unknown> }>("select seen from audit");
  assert.ok(changes > 3, `${changes} changes`);
  const texts = audit.map(({ seen }) => {
    assert.deepEqual([seen.role, seen.low_mark, seen.high_mark], ["user", -1, 1]);
    if ("message" in seen) assert.equal(seen.content, null, "a text landed in the other content");
    return "message" in seen ? seen.message : seen.content;
  });
  const wanted = rowsOf(CLIENTS, (client) => rowsOf(WRITES, (n) => [`${client}-${n}-0`, `${client}-${n}-1`]))
    .flat(2);
  assert.deepEqual(texts.toSorted(), wanted.toSorted());
});

Deno.test("a row that was altered for other columns is not written, and the answer brings the new ones", async () => {
  await using database = await createTestDatabase();
  await database.query(`create table pairs (a int, b int); grant insert, select on pairs to service_role`);
  const caller = callerOf(database, "service_role");
  const db = createResilientDb(caller);
  await db.insert("pairs", { A: 1, B: 2 });
  await database.query(
    "alter table pairs rename a to c; alter table pairs rename b to a; alter table pairs rename c to b",
  );
  caller.calls = 0;
  await db.insert("pairs", { A: 10, B: 20 });
  assert.equal(caller.calls, 2);
  const log = caller.log.at(-2)!.answer as { rows: number; schema: { fingerprint: string } };
  assert.equal(log.rows, 0);
  assert.ok(log.schema.fingerprint);
  assert.deepEqual(await database.query("select a, b from pairs order by a"), [{ a: 2, b: 1 }, {
    a: 10,
    b: 20,
  }]);
});
