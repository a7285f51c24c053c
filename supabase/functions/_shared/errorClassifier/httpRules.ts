/** HTTP statuses, when nothing said more. A 500 may be a fault that every call meets, so it is not transient. @module */

import type { ErrorType } from "./errorTypes.ts";
import type { ClassifierRule } from "./rule.ts";

type Row = readonly [errorType: ErrorType, ...statuses: number[]];

const ROWS: readonly Row[] = [
  ["auth_failed", 401, 407],
  ["platform_limit", 402, 507, 540],
  ["permission_denied", 403],
  ["not_found", 404, 410],
  ["method_not_allowed", 405],
  ["unsupported_media_type", 406, 415],
  ["timeout", 408, 504, 524, 544],
  ["conflict", 409, 412],
  ["request_too_large", 413, 414, 431],
  ["lock_timeout", 423],
  ["rate_limited", 429],
  ["region_blocked", 451],
  ["service_unavailable", 425, 502, 503, 520, 521, 522, 523, 530],
  ["tls_error", 525, 526],
  ["provider_overloaded", 529],
  ["worker_limit", 546],
];

/** One rule for each row, then whole classes of statuses. */
export const HTTP_RULES: readonly ClassifierRule[] = [
  ...ROWS.map(([errorType, ...statuses]): ClassifierRule => ({
    key: `http.${errorType}`,
    errorType,
    statuses,
    ...(errorType === "timeout" || errorType === "lock_timeout" ? { category: "network" } : {}),
  })),
  {
    key: "http.client_error",
    errorType: "invalid_request",
    when: ({ status = 0 }) => status >= 400 && status < 500,
  },
  {
    key: "http.server_error",
    errorType: "server_error",
    when: ({ status = 0 }) => status >= 500 && status < 600,
  },
];
