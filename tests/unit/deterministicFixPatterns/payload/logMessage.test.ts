import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("log_message takes the words for what a log tells", () => {
  assertHeals("log_message", ["logs", "message text!"], { "text": "x" }, { "message": "x" });
});

Deno.test("log_message takes no object and no other table", () => {
  assertDeclines("log_message", ["logs", "message text"], { "text": { "a": 1 } });
  assertDeclines("log_message", ["parcels", "message text"], { "text": "x" });
});
