import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("log_level takes severity for level", () => {
  assertHeals("log_level", ["logs", "level text!"], { "severity": "info" }, { "level": "info" });
});

Deno.test("log_level takes no other word", () => {
  assertDeclines("log_level", ["logs", "level text"], { "severity": "seven" });
  assertDeclines("log_level", ["permissions", "level text"], { "severity": "info" });
});
