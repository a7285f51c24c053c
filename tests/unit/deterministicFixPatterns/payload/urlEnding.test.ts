import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("url_ending adds, drops and changes the ending of a URL", () => {
  assertHeals("url_ending", ["products", "image_url text"], { "image": "https://x/y.png" }, {
    "image_url": "https://x/y.png",
  });
  assertHeals("url_ending", ["t", "website text"], { "website_url": "https://x" }, {
    "website": "https://x",
  });
});

Deno.test("url_ending takes no other text and none of several", () => {
  assertDeclines("url_ending", ["t", "image_url text"], { "image": "cat.png" });
  assertDeclines("url_ending", ["t", "image_hash text"], { "image": "https://x/y.png" });
  assertDeclines("url_ending", ["t", "image_url text; cover_image_url text"], { "image": "https://x/y.png" });
});
