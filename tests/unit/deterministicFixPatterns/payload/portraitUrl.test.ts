import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("portrait_url takes the URL of a picture for the avatar", () => {
  assertHeals("portrait_url", ["profiles", "avatar_url text"], { "photo": "https://x/a.png" }, {
    "avatar_url": "https://x/a.png",
  });
});

Deno.test("portrait_url takes no other text, none of two and no other table", () => {
  assertDeclines("portrait_url", ["profiles", "avatar_url text"], { "photo": "a.png" });
  assertDeclines("portrait_url", ["profiles", "avatar_url text; photo_url text"], {
    "picture": "https://x/a.png",
  });
  assertDeclines("portrait_url", ["roads", "avatar_url text"], { "photo": "https://x/a.png" });
});
