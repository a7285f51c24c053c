import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("number_text reads exactly what the text says", () => {
  assertHeals("number_text", ["t", "v int"], { "v": "3" }, { "v": 3 });
  assertHeals("number_text", ["t", "v numeric(10,2)"], { "v": "19.90" }, { "v": 19.9 });
  assertHeals("number_text", ["t", "v float8"], { "v": "1e3" }, { "v": 1000 });
  assertHeals("number_text", ["t", "v int"], { "v": " 7 " }, { "v": 7 });
});

Deno.test("number_text rounds nothing and guesses no locale", () => {
  assertDeclines("number_text", ["t", "v int"], { "v": "1,234" });
  assertDeclines("number_text", ["t", "v int"], { "v": "2.5" });
  assertDeclines("number_text", ["t", "v int"], { "v": "12abc" });
  assertDeclines("number_text", ["t", "v int"], { "v": "" });
  assertDeclines("number_text", ["t", "v bigint"], { "v": "9007199254740993" });
  assertDeclines("number_text", ["t", "v numeric"], { "v": "0.1234567890123456789" });
  assertDeclines("number_text", ["t", "v numeric(4,1)"], { "v": "1.25" });
  assertDeclines("number_text", ["t", "v int"], { "v": "0x10" });
  assertDeclines("number_text", ["t", "v smallint"], { "v": "70000" });
});
