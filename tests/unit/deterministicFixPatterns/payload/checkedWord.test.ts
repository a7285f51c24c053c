import assert from "node:assert/strict";
import { healPayload } from "../../../../supabase/functions/_shared/deterministicFixPatterns.ts";

const confirmed = [{ table: "t", key: "v", column: "v", confirmations: 6 }];

/** What becomes of a word in a column whose check is this one. */
function healed(check: string, word: unknown, learned = confirmed): unknown {
  const column = { name: "v", type: "text", nullable: false, default: null, checks: [check] };
  const { decision, row } = healPayload({ table: "t", columns: [column] }, { v: word }, { learned });
  return decision === "map" ? row.v : null;
}

const SPEAKERS = "(v = ANY (ARRAY['user'::text, 'assistant'::text, 'system'::text]))";

Deno.test("checked_word is the one word that the check allows in another case, once that is confirmed", () => {
  assert.equal(healed(SPEAKERS, "Assistant"), "assistant");
  assert.equal(healed(SPEAKERS, "USER"), "user");
  assert.equal(healed(SPEAKERS, "ai"), "assistant");
  assert.equal(healed("v IN ('Open', 'Closed')", "open"), "Open");
  assert.equal(healed(SPEAKERS, "Assistant", []), null);
});

Deno.test("checked_word guesses nothing: no likeness, no two, no right, no check of another form", () => {
  assert.equal(healed(SPEAKERS, "assistent"), null);
  assert.equal(healed("v IN ('open', 'OPEN')", "Open"), null);
  assert.equal(healed("v IN ('member', 'admin')", "Member"), null);
  assert.equal(healed("v IN ('a', 'b') AND length(v) > 0", "A"), null);
  assert.equal(healed("lower(v) IN ('a', 'b')", "C"), "C");
  assert.equal(healed("v IN ('open')", "ai"), null);
});
