/** What happens to a request whose handler failed: another attempt, a place in the queue, a coded answer. @module */

import { runInBackground } from "../core/background.ts";
import { isHealingError, statusOf, toPublicError } from "../core/errors.ts";
import { fitsJsonb } from "../core/jsonb.ts";
import { readSettings } from "../core/settings.ts";
import type { AnalyzedError, ErrorContext } from "../errorAnalysis.ts";
import type { CapturedError, QueuedOperationDraft, RequestHeal } from "../healingDb.ts";
import { retryWithBackoff } from "../retry.ts";
import { replayableRole } from "./callerRole.ts";
import type { SelfHealingOptions } from "./options.ts";
import { currentTraceparent, outsideTrace, traceAnswer } from "../tracing.ts";
import { captureError, defaultReporter } from "./reporting.ts";
import { MAX_KEPT_BODY, mayRepeat, spareOf } from "./spare.ts";

/** A request whose handler has failed once. */
export interface FailedRequest {
  request: Request;
  /** A copy with an unread body, if the request may be made again. */
  spare: Request | undefined;
  /** By the monotonic clock. */
  startedAt: number;
  handle: (request: Request) => Response | Promise<Response>;
}

/** Heals the request, or captures its failure and answers with an error. */
export async function answerFailure(
  thrown: unknown,
  failed: FailedRequest,
  options: SelfHealingOptions,
): Promise<Response> {
  const { request, spare } = failed;
  const requestId = requestIdOf(request);
  const { analyzeError } = await outsideTrace(() => import("../errorAnalysis.ts"));
  const context = contextOf(requestId, options);
  const analyzed = await analyzeError(thrown, context);
  if (spare !== undefined && mayRepeat(request) && analyzed.transient) {
    const healed = await tryAgain(thrown, { ...failed, spare }, options);
    if (healed !== null) {
      reportHeal(analyzed, requestId, options);
      return healed;
    }
  }
  // A caller's mistake is an answer, not a fault: it is neither captured nor kept.
  if (isCallersMistake(thrown)) return errorResponse(thrown, requestId);
  const operation = await operationOf(spare, analyzed, options);
  if (operation === undefined) {
    captureError(thrown, context, options.reporter);
    return errorResponse(thrown, requestId);
  }
  const captureAgain = () => captureError(thrown, { ...context, operation }, options.reporter);
  const isKept = await keepOperation({ ...analyzed.captured, operation }, captureAgain, options);
  return errorResponse(thrown, requestId, isKept ? KEPT : undefined);
}

const KEPT = "The request is kept and made again when the fault is mended; do not send it again.";
/** The one thing that a failing request waits for, because its answer depends on it. */
const KEEP_TIMEOUT_MS = 2_000;

/**
 * Stores the error with its operation, once: a store that fails leaves it to the queue of captures, and one that is
 * slow goes on in the background. True only when the database has said in time that it keeps the operation.
 */
async function keepOperation(
  captured: CapturedError,
  captureAgain: () => void,
  options: SelfHealingOptions,
): Promise<boolean> {
  const stored = (async () => {
    try {
      const reporter = await (options.reporter ?? defaultReporter)();
      return (await reporter.capture([captured])).queued > 0;
    } catch {
      captureAgain();
      return false;
    }
  })();
  runInBackground(() => stored);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<false>((resolve) => timer = setTimeout(resolve, KEEP_TIMEOUT_MS, false));
  const isKept = await Promise.race([stored, timeout]);
  clearTimeout(timer);
  return isKept;
}

async function tryAgain(
  thrown: unknown,
  { spare, startedAt, handle }: FailedRequest & { spare: Request },
  options: SelfHealingOptions,
): Promise<Response | null> {
  const { maxAttempts = 3, retryWithinMs = 5_000 } = options;
  const hasTime = () => performance.now() - startedAt < retryWithinMs;
  const { analyzeError } = await outsideTrace(() => import("../errorAnalysis.ts"));
  // The first attempt has been made and has failed; it counts.
  let last = thrown;
  try {
    return await retryWithBackoff(async (attempt) => {
      if (attempt === 1) throw thrown;
      // A failure that does not pass by itself is not tried once more.
      if (last !== thrown && !(await analyzeError(last)).transient) throw new TypeError("not again");
      try {
        return await handle(spareOf(spare));
      } catch (error) {
        last = error;
        throw error;
      }
    }, { maxAttempts, shouldRetry: (error) => error === last && hasTime() });
  } catch {
    return null;
  }
}

function reportHeal({ captured }: AnalyzedError, requestId: string, options: SelfHealingOptions): void {
  const heal: RequestHeal = {
    category: captured.category,
    severity: captured.severity,
    result: "success",
    message: captured.error_message.slice(0, 1_000),
    function_name: options.functionName,
    fingerprint: captured.fingerprint,
    strategy: "retry",
    tier: "deterministic",
    request_id: requestId,
    unit: `request:${requestId}`,
    pattern: {
      pattern_name: `${captured.error_type}: retry in the request`,
      error_signature: captured.error_signature,
      fix_strategy: { kind: "retry" },
      category: captured.category,
      origin: "deterministic",
    },
  };
  runInBackground(async () => await (await (options.reporter ?? defaultReporter)()).healed([heal]));
}

/** The request as an operation to make again; undefined unless its author, its key and its caller allow that. */
async function operationOf(
  spare: Request | undefined,
  { mendable }: AnalyzedError,
  options: SelfHealingOptions,
): Promise<QueuedOperationDraft | undefined> {
  const key = spare?.headers.get("idempotency-key");
  if (spare === undefined || !options.replay || !mendable || !key || key.length > 200) return undefined;
  const role = await replayableRole(spare.headers, options.settings ?? readSettings());
  if (role === null || spare.bodyUsed) return undefined;
  try {
    const text = await spare.text();
    if (text.length > MAX_KEPT_BODY) return undefined;
    const payload = text === "" ? {} : JSON.parse(text);
    if (!fitsJsonb(payload)) return undefined;
    return {
      kind: "invoke_function",
      target: options.functionName,
      payload,
      idempotency_key: key,
      caller_role: role,
    };
  } catch {
    // A body that is no JSON cannot be kept as one.
    return undefined;
  }
}

function contextOf(requestId: string, { functionName, projectId }: SelfHealingOptions): ErrorContext {
  const traceparent = currentTraceparent();
  return {
    functionName,
    requestId,
    ...(projectId === undefined ? {} : { projectId }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** The caller's own id when it is a harmless one, so that logs on both sides meet. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given !== null && /^[\w.-]{8,100}$/.test(given) ? given : crypto.randomUUID();
}

/** The answer to a request that failed. */
export function errorResponse(thrown: unknown, requestId: string, hint?: string): Response {
  const publicError = toPublicError(thrown, requestId);
  return Response.json({ ...publicError, hint: hint ?? publicError.hint }, {
    status: statusOf(publicError.code),
    headers: {
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "x-request-id, traceparent",
      "x-request-id": requestId,
      ...traceAnswer(),
    },
  });
}

/** True for a coded refusal of the author's own, or of our SQL functions; what the database itself says is evidence. */
function isCallersMistake(thrown: unknown): boolean {
  if (!isHealingError(thrown)) return false;
  const status = statusOf(thrown.code);
  const sqlState = thrown.details?.sqlState;
  const isOurs = sqlState === undefined || (typeof sqlState === "string" && sqlState.startsWith("PT"));
  return isOurs && status >= 400 && status < 500 && thrown.code !== "RATE_LIMITED";
}
