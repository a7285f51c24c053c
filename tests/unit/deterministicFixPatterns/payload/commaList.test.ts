import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

const learned = [{ table: "t", key: "v", column: "v", confirmations: 6 }];

Deno.test("comma_list splits words once that is confirmed", () => {
  assertHeals("comma_list", ["t", "v text[]"], { "v": "a, b" }, { "v": ["a", "b"] }, { learned });
});

Deno.test("comma_list splits no prose and no JSON", () => {
  assertDeclines("comma_list", ["t", "v text[]"], { "v": "12, High Street" }, { learned });
  assertDeclines("comma_list", ["t", "v text[]"], { "v": "Dear Ada, hello" }, { learned });
  assertDeclines("comma_list", ["t", "v text[]"], { "v": "[a,b" }, { learned });
  assertDeclines("comma_list", ["t", "v int[]"], { "v": "1,2" }, { learned });
  assertDeclines("comma_list", ["t", "v text[]"], { "v": "a," }, { learned });
});
