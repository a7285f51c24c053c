import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("boolean_prefix adds and drops is and has on booleans", () => {
  assertHeals("boolean_prefix", ["todos", "title text!; is_completed boolean! = false"], {
    "title": "x",
    "completed": true,
  }, { "title": "x", "is_completed": true });
  assertHeals("boolean_prefix", ["t", "archived boolean"], { "isArchived": false }, { "archived": false });
});

Deno.test("boolean_prefix keeps away from rights, opposites and other types", () => {
  assertDeclines("boolean_prefix", ["t", "is_admin boolean"], { "admin": true });
  assertDeclines("boolean_prefix", ["t", "disabled boolean"], { "isEnabled": true });
  assertDeclines("boolean_prefix", ["t", "is_public boolean"], { "public": true });
  assertDeclines("boolean_prefix", ["t", "is_read boolean"], { "read": "2026-01-01T00:00:00Z" });
});
