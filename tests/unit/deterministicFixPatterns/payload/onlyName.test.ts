import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("only_name takes the only name", () => {
  assertHeals("only_name", ["users", "full_name text"], { "name": "Ada" }, { "full_name": "Ada" });
  assertHeals("only_name", ["subscribers", "name text"], { "full_name": "Ada" }, { "name": "Ada" });
});

Deno.test("only_name takes none of several", () => {
  assertDeclines("only_name", ["people", "first_name text; last_name text"], { "name": "Ada Lovelace" });
  assertDeclines("only_name", ["people", "full_name text; display_name text"], { "name": "Ada" });
  assertDeclines("only_name", ["people", "full_name text; model_name text"], { "name": "Ada" });
});
