import assert from "node:assert/strict";
import { sequenceBehind as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/sequenceBehind.ts";
import { facts } from "../../helpers/facts.ts";

const MESSAGE = 'duplicate key value violates unique constraint "tickets_pkey"';

Deno.test("sequence_behind proposes to move the sequence behind the key, by the code and the words together", () => {
  assert.deepEqual(rule.propose(facts({ code: "23505", message: MESSAGE })), {
    kind: "resync_sequence",
    constraint: "tickets_pkey",
  });
  assert.equal(rule.propose(facts({ code: "", message: MESSAGE })), null);
  assert.equal(rule.propose(facts({ code: "23503", message: MESSAGE })), null);
  assert.equal(rule.propose(facts({ code: "23505", message: "duplicate key" })), null);
});
