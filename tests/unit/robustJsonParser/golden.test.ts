import assert from "node:assert/strict";
import { parseJson } from "../../../supabase/functions/_shared/robustJsonParser.ts";
import { GOLDEN_CASES } from "../../golden/robustJsonParser/cases.ts";
import { brokenCases, CATEGORIES } from "../../helpers/brokenJson.ts";

for (const { name, text, want } of GOLDEN_CASES) {
  Deno.test(`parseJson() ${want === undefined ? "refuses" : "reads"}: ${name}`, () => {
    const result = parseJson(text);
    if (want === undefined) assert.equal(result.ok, false, JSON.stringify(result));
    else {
      assert.ok(result.ok);
      assert.equal(JSON.stringify(result.value), JSON.stringify(want));
    }
  });
}

for (const category of CATEGORIES) {
  Deno.test(`parseJson() reads generated cases exactly: ${category}`, () => {
    for (const { text, expected } of brokenCases(20_261_121, 25).filter((one) => one.category === category)) {
      const result = parseJson(text);
      assert.equal(JSON.stringify(result.ok ? result.value : undefined), JSON.stringify(expected), text);
    }
  });
}

/** Cases kept elsewhere, one JSON object a line: `{ id, text, expected }` or `{ id, text, fail: true }`. */
const casesFile = Deno.env.get("JSON_CASES");

Deno.test({
  name: "parseJson() reads every case of the file in JSON_CASES",
  ignore: casesFile === undefined,
  fn: () => {
    const wrong: string[] = [];
    for (const line of Deno.readTextFileSync(casesFile as string).trim().split("\n")) {
      const { id, text, expected, fail } = JSON.parse(line);
      const result = parseJson(text);
      const right = fail === true
        ? !result.ok
        : result.ok && JSON.stringify(sorted(result.value)) === JSON.stringify(sorted(expected));
      if (!right) wrong.push(id);
    }
    assert.deepEqual(wrong, []);
  },
});

/** The value with the keys of its objects in order: a case file may list them in another one. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, item]) => [key, sorted(item)]);
}
