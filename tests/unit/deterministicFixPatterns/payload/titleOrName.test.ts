import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("title_or_name takes title for name where only one is", () => {
  assertHeals("title_or_name", ["products", "name text!"], { "title": "p" }, { "name": "p" });
  assertHeals("title_or_name", ["chats", "title text"], { "name": "c" }, { "title": "c" });
});

Deno.test("title_or_name takes neither beside another of its kind", () => {
  assertDeclines("title_or_name", ["chats", "title text; model_name text"], { "name": "gpt" });
  assertDeclines("title_or_name", ["t", "title text; name text"], { "title": "a", "headline": "b" });
  assertDeclines("title_or_name", ["posts", "subtitle text"], { "title": "x" });
});
