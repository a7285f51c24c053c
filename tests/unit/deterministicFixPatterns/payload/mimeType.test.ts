import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("mime_type takes a media type for one", () => {
  assertHeals("mime_type", ["uploads", "mime_type text"], { "contentType": "image/png" }, {
    "mime_type": "image/png",
  });
});

Deno.test("mime_type takes no other text", () => {
  assertDeclines("mime_type", ["uploads", "mime_type text"], { "type": "picture" });
  assertDeclines("mime_type", ["uploads", "content_type text"], { "content": "image/png" });
});
