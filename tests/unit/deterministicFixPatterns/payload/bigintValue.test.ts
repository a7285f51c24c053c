import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("bigint_value takes a BigInt, digit by digit", () => {
  assertHeals("bigint_value", ["t", "v bigint"], { "v": 5n }, { "v": 5 });
  assertHeals("bigint_value", ["t", "v bigint"], { "v": 9007199254740993n }, { "v": "9007199254740993" });
});

Deno.test("bigint_value takes none that is out of range and no other column", () => {
  assertDeclines("bigint_value", ["t", "v int"], { "v": 9007199254740993n });
  assertDeclines("bigint_value", ["t", "v jsonb"], { "v": 5n });
  assertDeclines("bigint_value", ["t", "v boolean"], { "v": 1n });
});
