/** What the platform answers when a function cannot. @module */

import { jsonResponse } from "./http.ts";

/** What the platform says in place of a function. */
export type FunctionFault =
  | "NOT_FOUND"
  | "WORKER_ERROR"
  | "BOOT_ERROR"
  | "IDLE_TIMEOUT"
  | "WORKER_LIMIT"
  | "PAYLOAD_TOO_LARGE"
  | "UNAUTHORIZED_NO_AUTH_HEADER"
  | "UNAUTHORIZED_INVALID_JWT_FORMAT"
  | "UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM"
  | "UNAUTHORIZED_ASYMMETRIC_JWT"
  | "UNAUTHORIZED_LEGACY_JWT";

const FAULTS: Readonly<Record<FunctionFault, readonly [status: number, message: string]>> = {
  NOT_FOUND: [404, "Requested function was not found"],
  WORKER_ERROR: [500, "Function exited due to an error (please check logs)"],
  BOOT_ERROR: [503, "Function failed to start (please check logs)"],
  IDLE_TIMEOUT: [504, "The function did not answer within the idle time limit"],
  WORKER_LIMIT: [546, "Worker failed to respond due to a resource limit (please check logs)"],
  PAYLOAD_TOO_LARGE: [413, "The body is larger than the local stack takes"],
  UNAUTHORIZED_NO_AUTH_HEADER: [401, "Missing authorization header"],
  UNAUTHORIZED_INVALID_JWT_FORMAT: [401, "Invalid JWT"],
  UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM: [401, "Unsupported JWT algorithm"],
  UNAUTHORIZED_ASYMMETRIC_JWT: [401, "Invalid JWT"],
  UNAUTHORIZED_LEGACY_JWT: [401, "Invalid JWT"],
};

/** The platform's answer in place of a function. */
export function functionFault(code: FunctionFault): Response {
  const [status, message] = FAULTS[code];
  return jsonResponse(status, { code, message, msg: message }, { "sb-error-code": code });
}
