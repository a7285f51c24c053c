import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("completion_tokens takes output for completion", () => {
  assertHeals("completion_tokens", ["ai_usage", "prompt_tokens int; completion_tokens int"], {
    "output_tokens": 1,
  }, { "completion_tokens": 1 });
});

Deno.test("completion_tokens takes no input and no text", () => {
  assertDeclines("completion_tokens", ["ai_usage", "completion_tokens int"], { "input_tokens": 1 });
  assertDeclines("completion_tokens", ["ai_usage", "completion_tokens int"], { "output_tokens": "abc" });
});
