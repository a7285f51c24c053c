import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("text_ending adds and drops text on texts", () => {
  assertHeals("text_ending", ["t", "alt_text text"], { "alt": "a" }, { "alt_text": "a" });
  assertHeals("text_ending", ["summaries", "summary text!"], { "summary_text": "s" }, { "summary": "s" });
});

Deno.test("text_ending takes no other ending", () => {
  assertDeclines("text_ending", ["t", "content_type text"], { "content": "a" });
  assertDeclines("text_ending", ["t", "alt_text text"], { "alt": { "a": 1 } });
  assertDeclines("text_ending", ["t", "url_hash text"], { "url": "https://a" });
});
