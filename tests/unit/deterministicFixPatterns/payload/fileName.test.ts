import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("file_name takes the words for a file's name", () => {
  assertHeals("file_name", ["uploads", "name text!"], { "filename": "a.png" }, { "name": "a.png" });
});

Deno.test("file_name takes no path, no size and no other table", () => {
  assertDeclines("file_name", ["uploads", "name text"], { "path": "a/b" });
  assertDeclines("file_name", ["uploads", "file_size int"], { "filename": "a" });
  assertDeclines("file_name", ["people", "name text"], { "filename": "a" });
});
