import assert from "node:assert/strict";
import { parseJson } from "../../../supabase/functions/_shared/robustJsonParser.ts";
import { HOSTILE_SHAPES } from "../../helpers/hostileJson.ts";

for (const [name, shape] of Object.entries(HOSTILE_SHAPES)) {
  Deno.test(`parseJson() reads a million characters of ${name} in one go`, () => {
    const result = parseJson(shape(1_000_000));
    assert.equal(typeof result.ok, "boolean");
  });
}
