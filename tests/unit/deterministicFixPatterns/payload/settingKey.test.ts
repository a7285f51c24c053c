import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("setting_key takes the name of a setting for its key", () => {
  assertHeals("setting_key", ["settings", "key text!; value jsonb!"], { "name": "k", "value": 1 }, {
    "key": "k",
    "value": 1,
  });
});

Deno.test("setting_key takes no credential and no other table", () => {
  assertDeclines("setting_key", ["settings", "api_key text"], { "name": "k" });
  assertDeclines("setting_key", ["doors", "key text"], { "name": "k" });
});
