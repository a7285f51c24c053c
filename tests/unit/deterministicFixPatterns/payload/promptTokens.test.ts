import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("prompt_tokens takes input for prompt", () => {
  assertHeals("prompt_tokens", ["ai_usage", "prompt_tokens int; completion_tokens int"], {
    "input_tokens": 1,
  }, { "prompt_tokens": 1 });
});

Deno.test("prompt_tokens takes no output and no text", () => {
  assertDeclines("prompt_tokens", ["ai_usage", "prompt_tokens int"], { "output_tokens": 1 });
  assertDeclines("prompt_tokens", ["ai_usage", "prompt_tokens int"], { "input_tokens": "abc" });
});
