/** The edge runtime, its gateway and the client that calls it. @module */

import type { ClassifierRule } from "./rule.ts";

/** A failing function's body names the cause better than its wrapper. */
const BOOT = /Worker failed to boot|Function failed to start|worker boot error/i;

const NETWORK_REASON =
  /client error \(|connection (?:closed|reset|refused|error)|error sending request|os error \d|dns error|ECONN|ENOTFOUND|ETIMEDOUT|socket hang up|other side closed|timed out/i;

/** The rules in their order. */
export const EDGE_RULES: readonly ClassifierRule[] = [
  {
    key: "edge.null_body_status",
    errorType: "invalid_response",
    pattern: /null body status cannot have body/,
    category: "runtime",
  },
  {
    key: "edge.missing_package",
    errorType: "missing_package",
    pattern:
      /npm package '(?<package>[^'\n]{1,200})' does not exist|Could not find (?:constraint|version) [^\n]{0,60}npm:(?<package2>[\w@/.-]{1,200})/,
  },
  {
    key: "edge.require",
    errorType: "undefined_identifier",
    codes: ["BOOT_ERROR"],
    pattern: /(?<identifier>[\w$]{1,100}) is not defined/,
  },
  {
    key: "edge.missing_module",
    errorType: "missing_module",
    codes: ["BOOT_ERROR"],
    pattern:
      /Module not found "?(?<module>[^"\n]{1,200})|Relative import path "?(?<module2>[^"\n]{1,200})" not prefixed/,
  },
  {
    key: "edge.source_syntax",
    errorType: "source_syntax_error",
    codes: ["BOOT_ERROR"],
    pattern: /The module's source code could not be parsed|Uncaught SyntaxError/,
  },
  {
    key: "edge.missing_export",
    errorType: "missing_export",
    codes: ["BOOT_ERROR"],
    pattern: /does not provide an export named '?(?<identifier>[\w$]{1,100})/,
  },
  { key: "edge.boot_error", errorType: "boot_error", codes: ["BOOT_ERROR"] },
  { key: "edge.boot_text", errorType: "boot_error", pattern: BOOT },
  {
    key: "edge.worker_limit",
    errorType: "worker_limit",
    codes: ["WORKER_LIMIT", "WORKER_RESOURCE_LIMIT"],
    note: "the same input may end every worker: repeat it at most once",
  },
  {
    key: "edge.limit_text",
    errorType: "worker_limit",
    pattern:
      /failed to respond due to a resource limit|(?:memory|CPU time|wall clock time) limit (?:reached|exceeded)|JavaScript heap out of memory|Reached heap limit|out of memory: /i,
  },
  { key: "edge.status_546", errorType: "worker_limit", statuses: [546] },
  {
    key: "edge.idle_timeout",
    errorType: "timeout",
    codes: ["IDLE_TIMEOUT"],
    category: "runtime",
    transient: false,
    note: "the function may have run to its end",
  },
  {
    key: "edge.worker_retired",
    errorType: "worker_retired",
    pattern: /WorkerAlreadyRetired|worker has already retired/,
  },
  {
    key: "edge.request_cancelled",
    errorType: "worker_retired",
    pattern: /WorkerRequestCancelled/,
    transient: false,
    note: "the handler may have run",
  },
  { key: "edge.worker_error", errorType: "worker_error", codes: ["WORKER_ERROR"] },
  { key: "edge.function_missing", errorType: "function_not_deployed", codes: ["NOT_FOUND_FUNCTION_BLOB"] },
  {
    key: "edge.function_missing_text",
    errorType: "function_not_deployed",
    pattern: /Requested function was not found/,
  },
  { key: "edge.rate_limit", errorType: "rate_limited", codes: ["RATE_LIMIT_EXCEEDED"], category: "runtime" },
  {
    key: "edge.nested_rate_limit",
    errorType: "rate_limited",
    names: ["RateLimitError"],
    pattern: /recursive|nested|function-to-function|trace/i,
    category: "runtime",
  },
  {
    key: "edge.unauthorized",
    errorType: "auth_failed",
    codes: [
      "UNAUTHORIZED_NO_AUTH_HEADER",
      "UNAUTHORIZED_INVALID_JWT_FORMAT",
      "UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM",
      "UNAUTHORIZED_ASYMMETRIC_JWT",
      "UNAUTHORIZED_LEGACY_JWT",
      "UNAUTHORIZED_JWT",
    ],
  },
  { key: "edge.relay", errorType: "relay_error", names: ["FunctionsRelayError"] },
  { key: "edge.relay_text", errorType: "relay_error", pattern: /Relay Error invoking the Edge Function/ },
  {
    key: "edge.cors",
    errorType: "network_or_cors",
    pattern: /blocked by CORS policy|Cross-Origin Request Blocked|CORS (?:error|request did not succeed)/i,
  },
  {
    key: "edge.not_sent",
    errorType: "network_or_cors",
    pattern: /Failed to send a request to the Edge Function/,
    // A server says which network trouble it was, and knows no CORS; a browser says neither.
    when: ({ text }) => !NETWORK_REASON.test(text),
    note: "a refusal by the browser reads the same, and the function may have run",
  },
  { key: "edge.function_failed", errorType: "function_failed", codes: ["EDGE_FUNCTION_ERROR"] },
  {
    // The gateway did not reach the function, or says itself why it does not let the call through now.
    key: "edge.gateway",
    errorType: "service_unavailable",
    names: ["FunctionsHttpError"],
    when: ({ status, codes }) =>
      [502, 520, 521, 522, 523, 530].includes(status ?? 0) ||
      (status === 503 && codes.includes("SERVICE_UNAVAILABLE")),
  },
  {
    // Behind 503 may stand a boot error as well as an overload; the header that tells them apart is not here.
    key: "edge.function_failed_status",
    errorType: "function_failed",
    names: ["FunctionsHttpError"],
    when: ({ status = 500 }) => status >= 500,
  },
];
