/**
 * The one line that an author adds around a function: it heals what passes by itself, captures the rest, and answers
 * with a coded error instead of a stack trace.
 *
 * While nothing fails it costs one `try`. Everything else is loaded and done after a failure, and the database is
 * only ever written to in the background: no caller waits for it, and its absence changes no answer.
 *
 * @example
 * ```ts
 * import { captureError, withSelfHealing } from "./errorInterceptor.ts";
 *
 * const handler = withSelfHealing(() => Promise.resolve(new Response("hello")), { functionName: "chat" });
 * captureError(new Error("noticed, and gone on"), { functionName: "chat" });
 * console.assert(typeof handler === "function");
 * ```
 *
 * @module
 */

import { isHealingError, statusOf, toPublicError } from "./core/errors.ts";
import { fitsJsonb } from "./core/jsonb.ts";
import { type PlatformSettings, readSettings } from "./core/settings.ts";
import type { AnalyzedError, ErrorContext } from "./errorAnalysis.ts";
import { replayableRole } from "./errorInterceptor/callerRole.ts";
import { CaptureQueue, type FailureSink } from "./errorInterceptor/captureQueue.ts";
import type { CapturedError, QueuedOperationDraft, RequestHeal } from "./healingDb.ts";
import { retryWithBackoff } from "./retry.ts";

export type { FailureSink } from "./errorInterceptor/captureQueue.ts";

/** Where the interceptor reports; by default the project's database, with the service role. */
export interface Reporter extends FailureSink {
  /** Stores errors with their operations; `queued` says how many of the operations are kept. */
  capture(errors: readonly CapturedError[]): Promise<{ queued: number }>;
  /** Records heals that happened in requests. */
  healed(heals: readonly RequestHeal[]): Promise<unknown>;
}

/** How a function is wrapped. */
export interface SelfHealingOptions {
  /** Name under which its errors are grouped. */
  functionName: string;
  /**
   * Calls in all for a failure that passes by itself; 3. Only requests that may be repeated are: `GET` and `HEAD`,
   * and others when they carry an `idempotency-key` header.
   */
  maxAttempts?: number;
  /**
   * `true` queues a failed request for replay when its fault is mended, if it carries an `idempotency-key` header
   * and no person's token. The function has to honour that key.
   */
  replay?: boolean;
  projectId?: string;
  settings?: PlatformSettings;
  reporter?: () => Promise<Reporter>;
}

/** Bodies up to this many bytes are kept for a second attempt and for replay. */
const MAX_KEPT_BODY = 256_000;

/** Wraps a request handler: heals or captures its failures, and always answers. */
export function withSelfHealing<Rest extends unknown[]>(
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
  options: SelfHealingOptions,
): (request: Request, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const spare = keepSpare(request, options);
    try {
      return await handler(request, ...rest);
    } catch (thrown) {
      return await answerFailure(thrown, request, spare, (again) => handler(again, ...rest), options)
        .catch(() => errorResponse(thrown, requestIdOf(request)));
    }
  };
}

/** Captures an error in the background: returns at once, never waits for the database and never throws. */
export function captureError(
  thrown: unknown,
  context: ErrorContext = {},
  reporter?: () => Promise<Reporter>,
): void {
  try {
    queueFor(reporter ?? defaultReporter).push(thrown, context);
  } catch {
    // Whoever captures an error has trouble enough.
  }
}

/** Resolves when every captured error is stored or logged; for tests and for the end of a worker. */
export async function flushErrors(): Promise<void> {
  await Promise.all([...queues.values()].map((queue) => queue.flush()));
}

const queues = new Map<() => Promise<Reporter>, CaptureQueue>();
let reporterOfProject: Promise<Reporter> | undefined;

function queueFor(reporter: () => Promise<Reporter>): CaptureQueue {
  let queue = queues.get(reporter);
  if (queue === undefined) {
    queue = new CaptureQueue({
      sink: reporter,
      analyze: async (thrown, context) => (await import("./errorAnalysis.ts")).analyzeError(thrown, context),
    });
    queues.set(reporter, queue);
    globalThis.addEventListener("beforeunload", () => void queue?.flush());
  }
  return queue;
}

function defaultReporter(): Promise<Reporter> {
  reporterOfProject ??= (async () => {
    const [{ createServiceRpc }, db] = await Promise.all([
      import("./supabaseClient.ts"),
      import("./healingDb.ts"),
    ]);
    const rpc = createServiceRpc(readSettings());
    return {
      capture: (errors) => db.captureErrors(rpc, errors),
      healed: (heals) => db.recordRequestHeals(rpc, heals),
    };
  })();
  return reporterOfProject;
}

function mayRepeat(request: Request): boolean {
  return request.method === "GET" || request.method === "HEAD" || request.headers.has("idempotency-key");
}

/** A second copy of a request whose body the handler is about to use up; one without a body is its own copy. */
function spareOf(request: Request): Request {
  return request.body === null ? request : request.clone();
}

/** A copy costs memory while the body is read, so there is none of a large one. */
function keepSpare(request: Request, options: SelfHealingOptions): Request | undefined {
  if (!mayRepeat(request) && options.replay !== true) return undefined;
  return Number(request.headers.get("content-length") ?? 0) > MAX_KEPT_BODY ? undefined : spareOf(request);
}

async function answerFailure(
  thrown: unknown,
  request: Request,
  spare: Request | undefined,
  handle: (request: Request) => Response | Promise<Response>,
  options: SelfHealingOptions,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const { analyzeError } = await import("./errorAnalysis.ts");
  const analyzed = await analyzeError(thrown, { functionName: options.functionName, requestId });
  if (spare !== undefined && mayRepeat(request) && analyzed.transient) {
    const healed = await tryAgain(thrown, spare, handle, options);
    if (healed !== null) {
      reportHeal(analyzed, requestId, options);
      return healed;
    }
  }
  const operation = await operationOf(spare, analyzed, options);
  if (operation === undefined) {
    captureError(thrown, contextOf(requestId, operation, options), options.reporter);
    return errorResponse(thrown, requestId);
  }
  const isKept = await keepOperation({ ...analyzed.captured, operation }, options);
  if (!isKept) captureError(thrown, contextOf(requestId, operation, options), options.reporter);
  return errorResponse(thrown, requestId, isKept ? KEPT : undefined);
}

const KEPT = "The request is kept and made again when the fault is mended; do not send it again.";
/** The one thing that a failing request waits for, because its answer depends on it. */
const KEEP_TIMEOUT_MS = 2_000;

/** Stores the error with its operation; true only when the database has said that it keeps the operation. */
async function keepOperation(captured: CapturedError, options: SelfHealingOptions): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<null>((resolve) => timer = setTimeout(resolve, KEEP_TIMEOUT_MS, null));
  try {
    const stored = (options.reporter ?? defaultReporter)().then((reporter) => reporter.capture([captured]));
    const answer = await Promise.race([stored, timeout]);
    return answer !== null && answer.queued > 0;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

async function tryAgain(
  thrown: unknown,
  spare: Request,
  handle: (request: Request) => Response | Promise<Response>,
  options: SelfHealingOptions,
): Promise<Response | null> {
  const { analyzeError } = await import("./errorAnalysis.ts");
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
    }, { maxAttempts: options.maxAttempts ?? 3, shouldRetry: (error) => error === last });
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
  void (async () => {
    const { runInBackground } = await import("./core/background.ts");
    runInBackground(async () => await (await (options.reporter ?? defaultReporter)()).healed([heal]));
  })();
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

function contextOf(
  requestId: string,
  operation: QueuedOperationDraft | undefined,
  options: SelfHealingOptions,
): ErrorContext {
  return {
    functionName: options.functionName,
    requestId,
    ...(options.projectId === undefined ? {} : { projectId: options.projectId }),
    ...(operation === undefined ? {} : { operation }),
  };
}

/** The caller's own id when it is a harmless one, so that logs on both sides meet. */
function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given !== null && /^[\w.-]{8,100}$/.test(given) ? given : crypto.randomUUID();
}

function errorResponse(thrown: unknown, requestId: string, hint?: string): Response {
  const publicError = toPublicError(thrown, requestId);
  const status = isHealingError(thrown) ? statusOf(thrown.code) : 500;
  return Response.json({ ...publicError, hint: hint ?? publicError.hint }, {
    status,
    headers: { "access-control-allow-origin": "*", "x-request-id": requestId },
  });
}
