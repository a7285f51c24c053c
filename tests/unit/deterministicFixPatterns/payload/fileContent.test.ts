import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("file_content takes code for the content of a file", () => {
  assertHeals("file_content", ["project_files", "path text!; content text!"], {
    "path": "a",
    "code": "let a",
  }, { "path": "a", "content": "let a" });
});

Deno.test("file_content takes no type and no other table", () => {
  assertDeclines("file_content", ["files", "content_type text"], { "content": "x" });
  assertDeclines("file_content", ["promo_codes", "content text"], { "code": "SALE" });
  assertDeclines("file_content", ["files", "content text"], { "code": { "a": 1 } });
});
