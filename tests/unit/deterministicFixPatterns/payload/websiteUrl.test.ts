import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("website_url takes the words for somebody's site", () => {
  assertHeals("website_url", ["companies", "website text"], { "homepage": "https://x" }, {
    "website": "https://x",
  });
});

Deno.test("website_url takes no other text", () => {
  assertDeclines("website_url", ["companies", "website text"], { "homepage": "x" });
  assertDeclines("website_url", ["companies", "url_hash text"], { "homepage": "https://x" });
});
