/** Failures of networks, programs, builds and plain statuses with their verdicts. @module */

import { type Labelled, permanent, transient } from "./labelled.ts";

const url = "https://api.example.com/v1";

/** Deno 2.1 has the reason in the message, Deno 2.9 in the cause. */
export const PROGRAMS: readonly Labelled[] = [
  transient("connection_failed", {
    name: "TypeError",
    message:
      `error sending request for url (${url}): client error (Connect): tcp connect error: Connection refused (os error 111)`,
  }, "network"),
  transient("connection_failed", {
    name: "TypeError",
    message: "fetch failed",
    cause: { name: "Error", message: "connect ECONNREFUSED 127.0.0.1:5432", code: "ECONNREFUSED" },
  }),
  transient("connection_reset", {
    message:
      `error sending request for url (${url}): client error (SendRequest): connection error: Connection reset by peer (os error 104)`,
  }),
  transient("connection_reset", {
    message: "fetch failed",
    cause: { message: "other side closed", code: "UND_ERR_SOCKET" },
  }),
  transient("connection_reset", { message: "socket hang up", code: "ECONNRESET" }),
  transient("connection_reset", { name: "TypeError", message: "error reading a body from connection" }),
  transient("connection_reset", {
    message: "Client has encountered a connection error and is not queryable",
  }),
  transient("service_unavailable", { status: 425, message: "Too Early" }),
  transient("service_unavailable", {
    name: "CircuitOpenError",
    code: "UNAVAILABLE",
    message: 'The call was not made as the breaker "prices" is open',
  }),
  transient("connection_reset", {
    message: "consuming input failed: server closed the connection unexpectedly",
  }),
  transient("timeout", { name: "TimeoutError", message: "Signal timed out." }, "network"),
  transient("timeout", {
    name: "Error",
    message: "write CONNECT_TIMEOUT db.example.com:5432",
    code: "CONNECT_TIMEOUT",
  }, "network"),
  transient("dns_failure", { message: "getaddrinfo EAI_AGAIN db.example.com" }),
  permanent("dns_failure", {
    message:
      `error sending request for url (${url}): client error (Connect): dns error: failed to lookup address information: Name or service not known`,
  }),
  permanent("network_unreachable", { message: "connect ENETUNREACH 2a05:d014::1:5432" }),
  transient("connection_failed", { name: "AggregateError", code: "ECONNREFUSED", message: "" }),
  permanent("tls_error", { message: "client error (Connect): invalid peer certificate: UnknownIssuer" }),
  permanent("redirect_loop", { message: "Fetch failed: Maximum number of redirects (20) reached" }),
  permanent("invalid_url", { name: "TypeError", message: "Invalid URL: 'undefined/rest/v1/x'" }),
  permanent("port_blocked", { message: "Fetch failed: Requests to port 9 are blocked" }),
  permanent("aborted", { name: "AbortError", message: "The signal has been aborted" }),
  transient("network", { name: "TypeError", message: "fetch failed" }),
  transient("network", { name: "TypeError", message: "Failed to fetch" }),
  permanent("json_invalid", {
    name: "SyntaxError",
    message: "Unexpected token 'S', \"Sure! Here\"... is not valid JSON",
  }),
  permanent("json_truncated", { name: "SyntaxError", message: "Unexpected end of JSON input" }),
  permanent("json_truncated", {
    name: "SyntaxError",
    message: "Unterminated string in JSON at position 4096",
  }),
  permanent("source_syntax_error", { name: "SyntaxError", message: "Unexpected token 'export'" }),
  permanent("schema_mismatch", {
    name: "ZodError",
    message: '[{"code":"invalid_type","path":["name"],"message":"Required"}]',
  }),
  permanent("null_reference", {
    name: "TypeError",
    message: "Cannot read properties of undefined (reading 'message')",
  }, { property: "message" }),
  permanent("undefined_identifier", { name: "ReferenceError", message: "require is not defined" }, {
    identifier: "require",
  }),
  permanent("type_error", { name: "TypeError", message: "data.map is not a function" }),
  permanent(
    "recursion_limit",
    { name: "RangeError", message: "Maximum call stack size exceeded" },
    undefined,
    "runtime",
  ),
  permanent("missing_module", { message: 'Module not found "file:///src/a.ts".' }),
  permanent("missing_export", {
    message: "The requested module './a.ts' does not provide an export named 'foo'",
  }, { identifier: "foo" }),
  permanent("runtime_permission", {
    name: "PermissionDenied",
    message: "Deno.copyFile is blocklisted on the current context",
  }),
  permanent("unserializable_value", { name: "TypeError", message: "Do not know how to serialize a BigInt" }),
  permanent("invalid_date", { name: "RangeError", message: "Invalid time value" }),
  permanent("worker_limit", { message: "Fatal JavaScript out of memory: Reached heap limit" }),
  permanent("missing_file", { code: "ENOENT", message: "ENOENT: no such file or directory, open 'a.json'" }),
  permanent("address_in_use", {
    code: "EADDRINUSE",
    message: "listen EADDRINUSE: address already in use 127.0.0.1:8000",
  }),
  permanent("config_missing", { message: "OPENAI_API_KEY is not set" }, { setting: "OPENAI_API_KEY" }),
  permanent("invalid_input", {
    code: "UNDEFINED_VALUE",
    message: "UNDEFINED_VALUE: Undefined values are not allowed",
  }),
  permanent(
    "lockfile_out_of_sync",
    {
      message:
        "npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.",
    },
    undefined,
    "deployment",
  ),
  permanent("type_check_failed", {
    message: "TS2322 [ERROR]: Type 'string' is not assignable to type 'number'.",
  }),
  permanent("git_rejected", { message: " ! [rejected]        HEAD -> main (fetch first)" }),
  permanent(
    "migration_history",
    { message: "Remote migration versions not found in local migrations directory." },
    undefined,
    "migration",
  ),
  permanent("missing_package", {
    code: "ERR_MODULE_NOT_FOUND",
    message: "Cannot find package 'lodash' imported from /app/a.js",
  }, { package: "lodash" }),
  permanent("invalid_function_name", {
    message: "Invalid Function name. Must start with at least one letter",
  }),
  permanent("deploy_failed", { message: "unexpected deploy status 400: bad request" }),
  transient("deploy_failed", { message: "unexpected deploy status 503: try later" }),
  transient("bundle_failed", { message: "failed to bundle function: signal: killed" }),
  permanent("platform_limit", {
    status: 402,
    message: "Service for this project is restricted due to the following violations: exceed_egress_quota",
  }),
  permanent("platform_limit", { status: 540, message: "" }),
  permanent("platform_limit", { message: "503 DEPLOYMENT_PAUSED" }),
  permanent("auth_failed", { status: 401, message: "" }),
  permanent("permission_denied", { status: 403, message: "Forbidden" }),
  permanent("not_found", { status: 404, message: "" }),
  permanent("conflict", { status: 409, message: "" }),
  permanent("request_too_large", { status: 413, message: "" }),
  permanent("unsupported_media_type", { status: 415, message: "" }),
  permanent("invalid_request", { status: 422, message: "" }),
  transient("rate_limited", { status: 429, message: "" }),
  permanent("server_error", { status: 500, message: "Internal Server Error" }),
  permanent("server_error", { message: "Request failed with status code 500" }),
  transient("service_unavailable", { message: "503 <html>Service Unavailable</html>" }),
  transient("service_unavailable", { status: 502, message: "" }),
  transient("timeout", { status: 504, message: "" }, "network"),
  transient(
    "timeout",
    { name: "HealingError", code: "TIMEOUT", message: "The work did not end in 30 s" },
    "runtime",
  ),
  permanent("json_truncated", {
    name: "HealingError",
    code: "JSON_TRUNCATED",
    message: "The reply ends in the middle",
  }),
  permanent("unknown", { message: "something odd happened" }),
  permanent("unknown", {}),
];
