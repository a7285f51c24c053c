import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("picture_url takes the URL of a picture for one", () => {
  assertHeals("picture_url", ["products", "image_url text"], { "photo": "https://x/a.png" }, {
    "image_url": "https://x/a.png",
  });
});

Deno.test("picture_url takes none of two, no hash and no other text", () => {
  assertDeclines("picture_url", ["products", "image_url text; cover_image_url text"], {
    "photo": "https://x/a.png",
  });
  assertDeclines("picture_url", ["products", "image_hash text"], { "photo": "https://x/a.png" });
  assertDeclines("picture_url", ["products", "image_url text"], { "photo": "a" });
});
