import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("comment_text takes the words for what a comment says", () => {
  assertHeals("comment_text", ["comments", "body text!"], { "text": "x" }, { "body": "x" });
});

Deno.test("comment_text takes no object and no other table", () => {
  assertDeclines("comment_text", ["comments", "body text"], { "text": { "a": 1 } });
  assertDeclines("comment_text", ["cars", "body text"], { "comment": "x" });
});
