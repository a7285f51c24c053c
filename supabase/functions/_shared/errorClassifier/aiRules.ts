/**
 * Model providers: OpenAI, Anthropic and those that speak like them.
 *
 * Codes and texts before statuses: a used-up quota and a request that is too large both answer 429 and never succeed.
 *
 * @module
 */

import type { ClassifierRule } from "./rule.ts";
import type { Signals } from "./signals.ts";

const PROVIDERS = new Set([
  "APIError",
  "APIConnectionError",
  "APIConnectionTimeoutError",
  "APIUserAbortError",
  "BadRequestError",
  "AuthenticationError",
  "PermissionDeniedError",
  "NotFoundError",
  "ConflictError",
  "UnprocessableEntityError",
  "RateLimitError",
  "InternalServerError",
  "OpenAIError",
  "AnthropicError",
]);

/** The rules in their order. */
export const AI_RULES: readonly ClassifierRule[] = [
  {
    key: "ai.quota",
    errorType: "quota_exhausted",
    codes: [
      "insufficient_quota",
      "billing_hard_limit_reached",
      "billing_not_active",
      "billing_error",
      "quota_exceeded",
      "credit_balance_too_low",
    ],
  },
  {
    key: "ai.quota_text",
    errorType: "quota_exhausted",
    pattern:
      /exceeded your current quota|credit balance is too low|billing hard limit|insufficient (?:credits|quota)|out of credits/i,
  },
  {
    key: "ai.balance_text",
    errorType: "quota_exhausted",
    pattern: /insufficient (?:funds|balance)/i,
    when: isProvider,
  },
  {
    key: "ai.too_large_text",
    errorType: "request_too_large",
    category: "ai",
    pattern: /Request too large for (?<model>[\w.:/{}-]{1,100})/,
  },
  {
    key: "ai.too_large_by_numbers",
    errorType: "request_too_large",
    category: "ai",
    when: asksForMoreThanTheLimit,
  },
  {
    key: "ai.context_length",
    errorType: "context_length",
    codes: ["context_length_exceeded", "string_above_max_length"],
  },
  {
    key: "ai.context_length_text",
    errorType: "context_length",
    pattern:
      /maximum context length|prompt is too long|context window|input length and `?max_tokens`? exceed|reduce the length of the (?:messages|prompt)/i,
  },
  {
    key: "ai.overloaded",
    errorType: "provider_overloaded",
    codes: ["server_is_overloaded", "overloaded_error", "engine_overloaded", "slow_down", "model_overloaded"],
  },
  {
    key: "ai.overloaded_text",
    errorType: "provider_overloaded",
    pattern: /(?:servers? (?:are|is)|model is|engine is) (?:currently )?overloaded/i,
  },
  { key: "ai.overloaded_status", errorType: "provider_overloaded", statuses: [529] },
  {
    key: "ai.content_refused",
    errorType: "content_refused",
    codes: [
      "content_policy_violation",
      "content_filter",
      "invalid_prompt",
      "moderation_blocked",
      "image_content_policy_violation",
    ],
  },
  {
    key: "ai.content_refused_text",
    errorType: "content_refused",
    pattern:
      /flagged as potentially violating|content[_ ]filter|content management policy|finish_reason: content_filter/i,
  },
  { key: "ai.region", errorType: "region_blocked", codes: ["unsupported_country_region_territory"] },
  {
    key: "ai.region_text",
    errorType: "region_blocked",
    pattern: /country, region, or territory not supported/i,
  },
  {
    key: "ai.model_missing",
    errorType: "model_not_found",
    codes: ["model_not_found", "DeploymentNotFound"],
    pattern: /model [`'"]?(?<model>[\w.:/-]{1,100})/,
  },
  {
    key: "ai.model_missing_code",
    errorType: "model_not_found",
    codes: ["model_not_found", "DeploymentNotFound", "not_found_error"],
  },
  {
    key: "ai.model_missing_text",
    errorType: "model_not_found",
    pattern:
      /The model [`'"](?<model>[^`'"\n]{1,100})[`'"] (?:does not exist|has been deprecated|is not available)/,
  },
  {
    key: "ai.parameter",
    errorType: "unsupported_parameter",
    pattern:
      /Un(?:supported|recognized|known) (?:parameter|value|request argument(?: supplied)?):? [`'"](?<parameter>[^`'"\n]{1,100})[`'"]/,
  },
  {
    key: "ai.parameter_code",
    errorType: "unsupported_parameter",
    codes: ["unsupported_parameter", "unsupported_value", "unknown_parameter"],
  },
  {
    key: "ai.schema",
    errorType: "invalid_schema",
    pattern: /Invalid schema for (?:response_format|function|tool) [`'"]?(?<schema>[\w.{}-]{1,100})/,
  },
  {
    key: "ai.schema_code",
    errorType: "invalid_schema",
    codes: ["invalid_json_schema", "invalid_function_parameters"],
  },
  { key: "ai.json_word", errorType: "invalid_conversation", pattern: /must contain the word 'json'/ },
  {
    key: "ai.tool_calls",
    errorType: "invalid_conversation",
    pattern:
      /'?tool_calls?'? must be followed by|tool_call_ids? did not have response|messages with role 'tool' must be a response|tool_use` ids were found without/,
  },
  {
    key: "ai.key",
    errorType: "auth_failed",
    category: "ai",
    codes: ["invalid_api_key", "authentication_error", "account_deactivated"],
  },
  {
    key: "ai.key_text",
    errorType: "auth_failed",
    category: "ai",
    pattern: /Incorrect API key provided|invalid x-api-key/i,
  },
  {
    key: "ai.rate_limit",
    errorType: "rate_limited",
    category: "ai",
    codes: ["rate_limit_exceeded", "rate_limit_error", "RESOURCE_EXHAUSTED", "requests", "tokens"],
  },
  { key: "ai.rate_limit_text", errorType: "rate_limited", category: "ai", pattern: /Rate limit reached for/ },
  {
    key: "ai.client_timeout",
    errorType: "timeout",
    category: "ai",
    names: ["APIConnectionTimeoutError"],
    note: "the provider may have answered and charged",
  },
  { key: "ai.request_timed_out", errorType: "timeout", category: "ai", pattern: /^Request timed out\.$/m },
  {
    key: "ai.wrapped_rate_limit",
    errorType: "rate_limited",
    category: "ai",
    statuses: [429],
    pattern: /Provider returned error/,
  },
  {
    key: "ai.wrapped_refusal",
    errorType: "invalid_request",
    category: "ai",
    pattern: /Provider returned error/,
    when: ({ status = 0 }) => status >= 400 && status < 500,
  },
  {
    key: "ai.server_text",
    errorType: "provider_error",
    pattern: /The server had an error (?:while )?processing your request|Provider returned error/,
  },
  { key: "ai.server_code", errorType: "provider_error", codes: ["server_error", "api_error"] },
  {
    key: "ai.being_updated",
    errorType: "conflict",
    category: "ai",
    transient: true,
    pattern: /resource is being updated by another process/,
  },
  { key: "ai.connection", errorType: "network", category: "ai", names: ["APIConnectionError"] },
  { key: "ai.server_status", errorType: "provider_error", statuses: [500, 502, 503, 504], when: isProvider },
  { key: "ai.rate_status", errorType: "rate_limited", category: "ai", statuses: [429], when: isProvider },
  {
    key: "ai.conflict_status",
    errorType: "conflict",
    category: "ai",
    transient: true,
    statuses: [409],
    when: isProvider,
  },
  {
    key: "ai.refused_status",
    errorType: "invalid_request",
    category: "ai",
    statuses: [400, 422],
    when: (signals) => isProvider(signals) || signals.codes.includes("invalid_request_error"),
  },
];

function isProvider(signals: Signals): boolean {
  return PROVIDERS.has(signals.name) || /^(?:openai|anthropic|ai|llm|openrouter)/i.test(signals.source);
}

/** `Limit 30000, Requested 31250`: waiting does not help when one request alone is above the limit. */
function asksForMoreThanTheLimit({ text }: Signals): boolean {
  const [, limit, requested] = /Limit:? (\d{1,12})[^\n]{0,60}?Requested:? (\d{1,12})/i.exec(text) ?? [];
  return limit !== undefined && Number(requested) > Number(limit);
}
