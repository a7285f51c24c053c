import assert from "node:assert/strict";
import { type FixContext, kindOf, parseFixAction } from "../../../supabase/functions/_shared/fixActions.ts";

Deno.test("reset_connection makes waiting operations again, and judges by what came of them", async () => {
  const action = parseFixAction({ kind: "reset_connection" });
  const kind = kindOf(action);
  assert.deepEqual(await kind.precondition({}, action), {
    kind: "refused",
    reason: "there is no operation to make again",
  });
  for (const succeeded of [2, 1]) {
    const context: FixContext = {
      replay: () =>
        Promise.resolve({ attempted: 2, succeeded, failures: succeeded === 2 ? [] : ["still there"] }),
    };
    assert.equal((await kind.precondition(context, action)).kind, "go");
    await kind.apply(context, action);
    assert.equal((await kind.probe(context, action)).ok, succeeded === 2);
  }
});
