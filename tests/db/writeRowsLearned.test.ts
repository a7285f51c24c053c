import assert from "node:assert/strict";
import { createResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { callerOf } from "../helpers/writers.ts";

Deno.test("what was learned is asked about a row that the rules refused, and about no other", async () => {
  await using database = await createTestDatabase();
  await database.query(
    "create table messages (role text not null, content text not null); grant insert on messages to service_role",
  );
  const asked: unknown[] = [];
  const db = createResilientDb(callerOf(database, "service_role"), {
    learned: (table, row) => {
      asked.push([table.table, row]);
      const { utterance, ...rest } = row;
      const applied = [{
        rule: "learned",
        action: "rename_column" as const,
        from: "utterance",
        to: "content",
        confidence: 0.9,
      }];
      return Promise.resolve({
        decision: "map",
        row: { ...rest, content: utterance },
        applied,
        unmapped: [],
        problems: [],
        reason: "",
        tier: "learned",
      });
    },
  });
  const { results } = await db.insert("messages", [{ role: "user", utterance: "a" }, {
    sender: "user",
    message: "b",
  }, {
    role: "user",
    content: "c",
  }]);
  assert.deepEqual(results.map(({ status }) => status), ["healed", "healed", "saved"]);
  assert.ok(asked.every((one) => JSON.stringify(one) === '["messages",{"role":"user","utterance":"a"}]'));
  assert.deepEqual(
    (await database.query("select content from messages order by 1")).map(({ content }) => content),
    ["a", "b", "c"],
  );
});
