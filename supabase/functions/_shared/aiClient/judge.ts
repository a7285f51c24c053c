/**
 * Judges a failed request: again, elsewhere, or not at all.
 *
 * Loaded with the first failure only. The classifier decides what it was; the table here decides what to do about it.
 * What is permanent is never repeated, whatever its status says. Refusals, filters and blocked regions end the call:
 * nobody else is asked. A rate limit may lead to another model or endpoint, which has a limit of its own, never to
 * another key for the same one.
 *
 * @module
 */

import { type HealingErrorCode, isHealingError } from "../core/errors.ts";
import { classifyError, type ErrorType } from "../errorClassifier.ts";
import { sanitizeError, sanitizeText, sanitizeValue } from "../errorSanitizer.ts";
import { retryAfterOf } from "../retry.ts";
import type { AiAction, AiDetour, AiJudgement } from "./failure.ts";
import type { AiRefuser } from "./types.ts";

interface Rule {
  action: AiAction;
  code: HealingErrorCode;
  hint: string;
  detour?: AiDetour;
  /** By default what is tried again or elsewhere speaks against the target. */
  isTargetFault?: boolean;
  maxAttempts?: number;
  refusedBy?: AiRefuser;
}

const AGAIN: Rule = {
  action: "retry",
  code: "UNAVAILABLE",
  hint: "Try again later, or name a fallback in AI_FALLBACKS",
};
const ELSEWHERE: Rule = {
  action: "fallback",
  code: "UNAVAILABLE",
  hint: "Check the endpoint's address, or name a fallback in AI_FALLBACKS",
};
const MISCONFIGURED: Rule = { ...ELSEWHERE, code: "CONFIG_MISSING", hint: "Check the key and its rights" };
const WRONG: Rule = {
  action: "giveUp",
  code: "BAD_REQUEST",
  hint: "Correct the request; the endpoint's words are in the details",
};
const TOO_LARGE: Rule = {
  action: "fallback",
  code: "PAYLOAD_TOO_LARGE",
  hint: "Shorten the prompt or split the work; the limit is in the details",
  detour: "otherModel",
  isTargetFault: false,
};
const REFUSED: Rule = {
  action: "refused",
  code: "FORBIDDEN",
  hint: "Give the refusal to the person who asked; it is not to be evaded",
  refusedBy: "policy",
};

const RULES: Partial<Record<ErrorType | "invalid_reply" | "reply_too_large", Rule>> = {
  rate_limited: { ...AGAIN, code: "RATE_LIMITED", detour: "otherModelOrEndpoint" },
  quota_exhausted: {
    ...MISCONFIGURED,
    detour: "otherEndpoint",
    hint: "The account's quota is used up: a person has to look at its plan and billing",
  },
  request_too_large: TOO_LARGE,
  context_length: TOO_LARGE,
  provider_overloaded: AGAIN,
  provider_error: AGAIN,
  server_error: AGAIN,
  service_unavailable: AGAIN,
  relay_error: AGAIN,
  network: AGAIN,
  connection_reset: AGAIN,
  conflict: { ...AGAIN, code: "CONFLICT" },
  // Once more, with more time: it may have been charged already.
  timeout: { ...AGAIN, code: "TIMEOUT", maxAttempts: 2, hint: "Ask for less, stream, or give it more time" },
  invalid_reply: {
    ...AGAIN,
    maxAttempts: 2,
    hint: "Check that OPENAI_BASE_URL is the address of a model's API",
  },
  reply_too_large: {
    ...ELSEWHERE,
    code: "PAYLOAD_TOO_LARGE",
    hint: "Lower maxOutputTokens, or raise maxReplyBytes",
  },
  auth_failed: { ...MISCONFIGURED, detour: "otherEndpoint" },
  permission_denied: { ...MISCONFIGURED, detour: "otherEndpoint" },
  model_not_found: { ...MISCONFIGURED, hint: "Check the name in OPENAI_MODEL or AI_FALLBACKS" },
  not_found: { ...MISCONFIGURED, hint: "Check OPENAI_BASE_URL" },
  method_not_allowed: { ...MISCONFIGURED, hint: "Check OPENAI_BASE_URL" },
  dns_failure: ELSEWHERE,
  tls_error: ELSEWHERE,
  network_unreachable: ELSEWHERE,
  invalid_url: ELSEWHERE,
  unsupported_parameter: WRONG,
  invalid_schema: WRONG,
  invalid_conversation: WRONG,
  invalid_request: WRONG,
  content_refused: REFUSED,
  region_blocked: { ...REFUSED, refusedBy: "region" },
  aborted: { action: "giveUp", code: "ABORTED", hint: "The caller stopped it" },
};

/** The judgement on what a request rejected with; `now` is the wall clock. */
export function judgeFailure(thrown: unknown, now: number): AiJudgement {
  const { status, providerCode, errorType, message } = readFailure(thrown);
  const rule = RULES[errorType as ErrorType] ?? ruleByStatus(status);
  const isTried = rule.action === "retry" || rule.action === "fallback";
  return {
    action: rule.action,
    errorType,
    code: rule.code,
    hint: rule.hint,
    detour: rule.detour ?? "any",
    isTargetFault: rule.isTargetFault ?? isTried,
    mayHaveCost: status === undefined && !NEVER_ARRIVED.test(`${errorType} ${message}`),
    maxAttempts: rule.maxAttempts ?? 3,
    refusedBy: rule.refusedBy,
    retryAfterMs: safely(() => retryAfterOf(thrown, now)),
    facts: {
      ...(status === undefined ? {} : { status }),
      ...(providerCode === undefined ? {} : { providerCode }),
      providerMessage: sanitizeText(message, { maxLength: 300 }),
      ...numbersIn(message),
    },
  };
}

/** The request never reached a model, so that it cannot have been charged. */
const NEVER_ARRIVED = /^(?:dns_failure|tls_error|network_unreachable|invalid_url)|refused|ECONNREFUSED/i;

interface Failure {
  status: number | undefined;
  providerCode: string | undefined;
  errorType: string;
  message: string;
}

function readFailure(thrown: unknown): Failure {
  const error = sanitizeError(thrown);
  const { status, code: providerCode } = error;
  const message = [error.message, error.cause?.message].filter(Boolean).join(": ");
  const base = { status, providerCode, message };
  if (isHealingError(thrown) && thrown.code === "PAYLOAD_TOO_LARGE") {
    return { ...base, status: undefined, errorType: "reply_too_large" };
  }
  if (error.name === "InvalidReplyError" || error.name === "SyntaxError") {
    return { ...base, errorType: "invalid_reply" };
  }
  // Without an answer a body that could not be read to its end is a connection that broke.
  if (error.name === "TypeError" && status === undefined && /body|connection/i.test(message)) {
    return { ...base, errorType: "connection_reset" };
  }
  const body = { error: partOf(thrown, "error"), type: partOf(thrown, "type") };
  return { ...base, errorType: classifyError({ ...error, source: "openai", body }).errorType };
}

/** A part of anything, as plain data. */
function partOf(thrown: unknown, key: string): unknown {
  return safely(() => sanitizeValue((thrown as Record<string, unknown>)[key]));
}

/** What was thrown may have getters that throw. */
function safely<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function ruleByStatus(status: number | undefined): Rule {
  if (status === undefined) return ELSEWHERE;
  if (status >= 500) return AGAIN;
  return status < 400
    ? { ...MISCONFIGURED, hint: "The endpoint answers with a redirect: use its final address" }
    : WRONG;
}

/** The limit and what was asked, in the words of the three ways in which providers say it. */
function numbersIn(message: string): { limit?: number; requested?: number } {
  const limit = /(?:maximum context length is|Limit:?) (\d{1,9})\b/i.exec(message)?.[1];
  const requested = /(?:Requested:?|resulted in|you requested) (\d{1,9})\b/i.exec(message)?.[1];
  return {
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(requested === undefined ? {} : { requested: Number(requested) }),
  };
}
