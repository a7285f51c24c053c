import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

const learned = [{ table: "t", key: "v", column: "v", confirmations: 6 }];

Deno.test("nothing_word becomes null once that is confirmed", () => {
  for (const word of ["undefined", "null", "NaN", "None"]) {
    assertHeals("nothing_word", ["t", "v uuid"], { "v": word }, { "v": null }, { learned });
  }
  assertHeals("nothing_word", ["t", "v inet"], { "v": "unknown" }, { "v": null }, { learned });
});

Deno.test("nothing_word is a value in a text, and nothing where the column takes no null or is not confirmed", () => {
  assertDeclines("nothing_word", ["t", "v text"], { "v": "null" }, { learned });
  assertDeclines("nothing_word", ["t", "v uuid!"], { "v": "undefined" }, { learned });
  assertDeclines("nothing_word", ["t", "v uuid"], { "v": "undefined" });
  assertDeclines("nothing_word", ["t", "v uuid"], { "v": "undefined-1" }, { learned });
  const owner = [{ table: "t", key: "owner_id", column: "owner_id", confirmations: 6 }];
  assertDeclines("nothing_word", ["t", "owner_id uuid"], { "owner_id": "undefined" }, { learned: owner });
});
