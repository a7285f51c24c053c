import assert from "node:assert/strict";
import {
  healPayload,
  type TableFacts,
} from "../../../supabase/functions/_shared/deterministicFixPatterns.ts";

function table(...columns: string[]): TableFacts {
  return {
    table: "t",
    columns: columns.map((name) => ({
      name: name.replace("!", ""),
      type: "text",
      nullable: !name.endsWith("!"),
      default: null,
    })),
  };
}

Deno.test("healPayload() maps names that are equal but for case and separators", () => {
  const healed = healPayload(table("created_at", "user_id"), { createdAt: "now", "User-ID": 1 });
  assert.equal(healed.decision, "map");
  assert.deepEqual(healed.row, { created_at: "now", user_id: 1 });
});

Deno.test("healPayload() maps a chat's sender and message, with a speaker's role only", () => {
  const chat = table("role!", "content!");
  assert.deepEqual(healPayload(chat, { sender: "user", message: "Hi" }).row, { role: "user", content: "Hi" });
  for (const sender of ["admin", "service_role", 1, null, "USER "]) {
    assert.equal(healPayload(chat, { sender, message: "Hi" }).decision, "refuse", String(sender));
  }
  assert.equal(healPayload(table("role", "body_text"), { sender: "user" }).decision, "refuse");
});

Deno.test("healPayload() refuses rather than guess, overwrite, drop or leave out", () => {
  const cases: [TableFacts, Record<string, unknown>][] = [
    [table("price"), { price_id: 1 }],
    [table("user_id", "userId"), { user_ID: 1 }],
    [table("created_at"), { created_at: 1, createdAt: 2 }],
    [table("created_at"), { createdAt: 1, CreatedAt: 2 }],
    [table("role!", "content!"), { message: "no role" }],
    [table("name"), { name: "x", unknown: 1 }],
  ];
  for (const [facts, row] of cases) {
    const healed = healPayload(facts, row);
    assert.equal(healed.decision, "refuse", JSON.stringify(row));
    assert.deepEqual(healed.row, row);
  }
});

Deno.test("healPayload() takes __proto__ and constructor for names like any other", () => {
  const row = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
  assert.equal(healPayload(table("name"), row).decision, "refuse");
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});
