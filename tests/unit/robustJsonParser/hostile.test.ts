import assert from "node:assert/strict";
import { parseJson } from "../../../supabase/functions/_shared/robustJsonParser.ts";
import { HOSTILE_SHAPES } from "../../helpers/hostileJson.ts";

/** A generous bound on a busy machine; the bench measures the real ones. */
const SLOWEST_MS = 2_000;

for (const [name, shape] of Object.entries(HOSTILE_SHAPES)) {
  Deno.test(`parseJson() reads a million characters of ${name} in one go`, () => {
    const started = performance.now();
    const result = parseJson(shape(1_000_000));
    assert.ok(performance.now() - started < SLOWEST_MS);
    assert.equal(typeof result.ok, "boolean");
  });
}
