import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("link_url takes a URL for one", () => {
  assertHeals("link_url", ["bookmarks", "url text!"], { "link": "https://x.y" }, { "url": "https://x.y" });
  assertHeals("link_url", ["images", "url text!"], { "src": "https://x" }, { "url": "https://x" });
});

Deno.test("link_url takes no other text and nothing derived from a URL", () => {
  assertDeclines("link_url", ["bookmarks", "url text"], { "link": "x" });
  assertDeclines("link_url", ["pages", "url_hash text"], { "link": "https://a" });
  assertDeclines("link_url", ["pages", "url text; link text"], { "href": "https://a" });
});
