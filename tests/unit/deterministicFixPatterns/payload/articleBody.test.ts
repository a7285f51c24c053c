import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("article_body takes the words for an article's text", () => {
  assertHeals("article_body", ["posts", "content text!"], { "body": "b" }, { "content": "b" });
});

Deno.test("article_body takes no type, no object and none of two", () => {
  assertDeclines("article_body", ["posts", "content_type text"], { "body": "b" });
  assertDeclines("article_body", ["posts", "content text"], { "body": { "a": 1 } });
  assertDeclines("article_body", ["posts", "content text; text text"], { "body": "b" });
});
