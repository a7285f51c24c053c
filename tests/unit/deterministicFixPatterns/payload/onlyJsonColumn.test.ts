import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("only_json_column takes the only object for the only json column that is needed", () => {
  assertHeals("only_json_column", ["events", "type text!; payload jsonb!"], {
    "type": "a",
    "data": { "x": 1 },
  }, { "type": "a", "payload": { "x": 1 } });
});

Deno.test("only_json_column takes none of two, none that is not needed and no text", () => {
  assertDeclines("only_json_column", ["t", "payload jsonb!; metadata jsonb!"], { "data": { "x": 1 } });
  assertDeclines("only_json_column", ["t", "settings jsonb"], { "data": { "x": 1 } });
  assertDeclines("only_json_column", ["t", "payload jsonb!"], { "data": "x" });
  assertDeclines("only_json_column", ["t", "payload jsonb!"], { "data": { "x": 1 }, "context": { "y": 1 } });
  assertDeclines("only_json_column", ["t", "content jsonb!"], { "metadata": { "x": 1 } });
});
