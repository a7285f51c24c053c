import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("notification_body takes the words for what a notification says", () => {
  assertHeals("notification_body", ["notifications", "body text!"], { "message": "m" }, { "body": "m" });
});

Deno.test("notification_body takes none of two and no title", () => {
  assertDeclines("notification_body", ["notifications", "body text; content text"], { "message": "m" });
  assertDeclines("notification_body", ["notifications", "body text"], { "title": "m" });
});
