import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("token_total takes tokens for the total when they are the sum", () => {
  assertHeals("token_total", ["llm_calls", "prompt_tokens int; completion_tokens int; total_tokens int"], {
    "promptTokens": 10,
    "completionTokens": 5,
    "tokens": 15,
  }, { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15 });
});

Deno.test("token_total takes no other number and no credential", () => {
  assertDeclines("token_total", ["llm_calls", "prompt_tokens int; completion_tokens int; total_tokens int"], {
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "tokens": 14,
  });
  assertDeclines("token_total", ["api_clients", "total_tokens int; access_token text"], { "tokens": "abc" });
});
