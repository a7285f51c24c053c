import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("file_path takes the name of a file for its path", () => {
  assertHeals("file_path", ["project_files", "path text!"], { "filename": "a.ts" }, { "path": "a.ts" });
});

Deno.test("file_path takes none of two columns and no other table", () => {
  assertDeclines("file_path", ["files", "path text; file_path text"], { "filename": "a" });
  assertDeclines("file_path", ["files", "path text"], { "path": "a", "filename": "b" });
  assertDeclines("file_path", ["people", "path text"], { "filename": "a" });
});
