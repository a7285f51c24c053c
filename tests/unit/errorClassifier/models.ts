/** Answers of model providers with their verdicts. @module */

import { type Labelled, permanent, transient } from "./labelled.ts";

function openai(name: string, status: number, code: string | undefined, message: string) {
  return { name, status, message: `${status} ${message}`, ...(code === undefined ? {} : { code }) };
}

/** Permanent errors that look transient stand first. */
export const MODELS: readonly Labelled[] = [
  permanent(
    "quota_exhausted",
    openai(
      "RateLimitError",
      429,
      "insufficient_quota",
      "You exceeded your current quota, please check your plan",
    ),
  ),
  permanent("quota_exhausted", {
    message: '429 {"error":{"message":"Quota.","type":"insufficient_quota","code":"insufficient_quota"}}',
  }),
  permanent(
    "quota_exhausted",
    openai("BadRequestError", 400, undefined, "Your credit balance is too low to access the API"),
  ),
  permanent(
    "request_too_large",
    openai(
      "RateLimitError",
      429,
      "rate_limit_exceeded",
      "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 41234.",
    ),
    { model: "gpt-4o" },
    "ai",
  ),
  permanent(
    "request_too_large",
    openai(
      "RateLimitError",
      429,
      "rate_limit_exceeded",
      "Rate limit reached: Limit 30000, Used 0, Requested 31250.",
    ),
    undefined,
    "ai",
  ),
  transient(
    "rate_limited",
    openai(
      "RateLimitError",
      429,
      "rate_limit_exceeded",
      "Rate limit reached for gpt-4o: Limit 30000, Used 29120, Requested 1300.",
    ),
    "ai",
  ),
  permanent(
    "context_length",
    openai(
      "BadRequestError",
      400,
      "context_length_exceeded",
      "This model's maximum context length is 8192 tokens.",
    ),
  ),
  permanent(
    "context_length",
    openai("BadRequestError", 400, undefined, "prompt is too long: 210000 tokens > 200000 maximum"),
  ),
  transient(
    "provider_overloaded",
    openai("InternalServerError", 503, "server_is_overloaded", "Our servers are currently overloaded."),
  ),
  transient("provider_overloaded", {
    status: 529,
    body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
  }),
  transient(
    "provider_error",
    openai("InternalServerError", 500, undefined, "The server had an error while processing your request."),
  ),
  transient("provider_error", openai("InternalServerError", 502, undefined, "<html>Bad Gateway</html>")),
  transient("rate_limited", {
    status: 200,
    body: { error: { message: "Provider returned error", code: 429 } },
  }, "ai"),
  transient("timeout", { name: "APIConnectionTimeoutError", message: "Request timed out." }, "ai"),
  transient("network", { name: "APIConnectionError", message: "Connection error." }, "ai"),
  permanent(
    "model_not_found",
    openai(
      "NotFoundError",
      404,
      "model_not_found",
      "The model `gpt-9` does not exist or you do not have access to it.",
    ),
    { model: "gpt-9" },
  ),
  permanent(
    "unsupported_parameter",
    openai(
      "BadRequestError",
      400,
      "unsupported_parameter",
      "Unsupported parameter: 'max_tokens' is not supported with this model.",
    ),
    { parameter: "max_tokens" },
  ),
  permanent(
    "invalid_schema",
    openai(
      "BadRequestError",
      400,
      undefined,
      "Invalid schema for response_format 'plan': In context=(), 'required' is required",
    ),
    { schema: "plan" },
  ),
  permanent(
    "invalid_conversation",
    openai("BadRequestError", 400, undefined, "'messages' must contain the word 'json' in some form"),
  ),
  permanent(
    "content_refused",
    openai(
      "BadRequestError",
      400,
      "invalid_prompt",
      "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
    ),
  ),
  permanent(
    "region_blocked",
    openai(
      "PermissionDeniedError",
      403,
      "unsupported_country_region_territory",
      "Country, region, or territory not supported",
    ),
  ),
  permanent(
    "auth_failed",
    openai("AuthenticationError", 401, "invalid_api_key", "Incorrect API key provided"),
    undefined,
    "ai",
  ),
  permanent(
    "invalid_request",
    openai("BadRequestError", 400, undefined, "Something is wrong"),
    undefined,
    "ai",
  ),
  permanent("model_not_found", {
    status: 404,
    body: { type: "error", error: { type: "not_found_error", message: "model: x" } },
  }),
];
