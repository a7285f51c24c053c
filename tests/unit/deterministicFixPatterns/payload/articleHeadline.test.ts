import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("article_headline takes the headline for the title", () => {
  assertHeals("article_headline", ["posts", "title text!"], { "headline": "t" }, { "title": "t" });
});

Deno.test("article_headline takes no subtitle and overwrites nothing", () => {
  assertDeclines("article_headline", ["posts", "subtitle text"], { "headline": "t" });
  assertDeclines("article_headline", ["posts", "title text"], { "title": "a", "headline": "b" });
});
