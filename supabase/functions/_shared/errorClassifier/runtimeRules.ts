/** Programs: JSON that is none, null references, missing modules, what the runtime forbids. @module */

import type { ClassifierRule } from "./rule.ts";

/** The rules in their order. */
export const RUNTIME_RULES: readonly ClassifierRule[] = [
  {
    key: "runtime.source_syntax",
    errorType: "source_syntax_error",
    pattern:
      /Unexpected (?:token '(?:export|import|const|let|class|function|=>|await)'|identifier|reserved word)|Cannot use import statement outside|Missing initializer in const|Invalid or unexpected token/,
  },
  {
    key: "json.truncated",
    errorType: "json_truncated",
    pattern: /Unexpected end of (?:JSON )?input|Unterminated string in JSON/i,
  },
  {
    key: "json.invalid",
    errorType: "json_invalid",
    pattern:
      /is not valid JSON|in JSON at position|after JSON at position|Unexpected token .{1,12}(?: in JSON|, ")|^Unexpected token|Expected (?:property name|double-quoted|',').{0,60} JSON|Bad control character in string literal|JSON Parse error|invalid json|JSON\.parse/im,
  },
  { key: "json.schema", errorType: "schema_mismatch", names: ["ZodError", "ValidationError", "AjvError"] },
  {
    key: "json.schema_text",
    errorType: "schema_mismatch",
    pattern:
      /"code":\s?"(?:invalid_type|invalid_union|unrecognized_keys|invalid_enum_value|invalid_value|too_small|too_big)"|must (?:have required property|be equal to one of the allowed values)|\bZodError\b|\bajv errors?\b|not in enum/i,
  },
  {
    key: "runtime.null_reference",
    errorType: "null_reference",
    pattern:
      /Cannot (?:read|set) propert(?:y|ies) (?:'[^'\n]{1,100}' )?of (?:undefined|null)(?: \((?:reading|setting) '(?<property>[^'\n]{1,100})'\))?|(?:undefined|null) is not an object|Cannot destructure property '(?<property2>[^'\n]{1,100})'|can't access property/,
  },
  {
    key: "runtime.undefined",
    errorType: "undefined_identifier",
    pattern:
      /(?<identifier>[\w$]{1,100}) is not defined|Cannot access '(?<identifier2>[\w$]{1,100})' before initialization|Can't find variable: (?<identifier3>[\w$]{1,100})/,
  },
  {
    key: "runtime.recursion",
    errorType: "recursion_limit",
    category: "runtime",
    scope: "unknown",
    pattern: /Maximum call stack size exceeded|too much recursion/,
  },
  {
    key: "runtime.missing_export",
    errorType: "missing_export",
    pattern: /does not provide an export named '?(?<identifier>[\w$]{1,100})/,
  },
  {
    key: "runtime.missing_module",
    errorType: "missing_module",
    pattern:
      /Module not found|Cannot find module|ERR_MODULE_NOT_FOUND|not prefixed with \/ or \.\/|Relative import path|Import '[^'\n]{1,200}' failed/,
  },
  {
    key: "runtime.unserializable",
    errorType: "unserializable_value",
    pattern: /Do not know how to serialize a BigInt|Converting circular structure|could not be cloned/,
  },
  { key: "runtime.date", errorType: "invalid_date", pattern: /Invalid time value|Invalid date/i },
  {
    key: "runtime.response",
    errorType: "invalid_response",
    category: "runtime",
    pattern: /null body status cannot have body|Body (?:already consumed|is unusable|has already been)/,
  },
  { key: "runtime.permission", errorType: "runtime_permission", names: ["PermissionDenied", "NotCapable"] },
  {
    key: "runtime.permission_text",
    errorType: "runtime_permission",
    pattern:
      /is blocklisted on the current context|Requires (?:net|read|write|env|run|sys|ffi) access|Spawning subprocesses is not allowed|EACCES|EPERM/,
  },
  {
    key: "runtime.address_in_use",
    errorType: "address_in_use",
    pattern: /EADDRINUSE|Address already in use/i,
  },
  { key: "runtime.file", errorType: "missing_file", pattern: /ENOENT|No such file or directory/ },
  { key: "runtime.disk", errorType: "platform_limit", category: "runtime", pattern: /ENOSPC|EDQUOT/ },
  {
    key: "runtime.type_error",
    errorType: "type_error",
    pattern:
      /is not (?:a function|iterable|a constructor|an? (?:object|array|string|number))\b|is not callable/,
  },
  { key: "runtime.syntax", errorType: "source_syntax_error", names: ["SyntaxError"] },
  { key: "driver.undefined_value", errorType: "invalid_input", codes: ["UNDEFINED_VALUE"] },
  {
    key: "driver.undefined_text",
    errorType: "invalid_input",
    pattern: /UNDEFINED_VALUE|Undefined values are not allowed/,
  },
  {
    key: "runtime.encoding",
    errorType: "invalid_encoding",
    pattern: /The encoded data was not valid|U\+FFFD|invalid utf-?8/i,
  },
  {
    key: "runtime.config",
    errorType: "config_missing",
    pattern:
      /(?<setting>[A-Z][A-Z0-9_]{2,60}) (?:is not set|is required|must be set|is missing)|supabase(?:Url|Key) is required|Missing (?:required )?environment variable/,
  },
];
