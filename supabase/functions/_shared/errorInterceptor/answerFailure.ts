/** What happens to a request whose handler failed: healing, a place in the queue, a coded answer. @module */

import { runInBackground } from "../core/background.ts";
import { HealingError } from "../core/errors.ts";
import { fitsJsonb } from "../core/jsonb.ts";
import { readSettings } from "../core/settings.ts";
import { part } from "../core/unknownValues.ts";
import { type AnalyzedError, analyzeError, type ErrorContext } from "../errorAnalysis.ts";
import type { QueuedOperationDraft } from "../healingDb.ts";
import type { HealableOperation, HealingMeans, HealingOutcome } from "../healingStrategies.ts";
import { withTimeout } from "../timeout.ts";
import { replayableRole } from "./callerRole.ts";
import { contextOf, type FailedCall, heal, isCallersMistake, meansOf } from "./heal.ts";
import type { SelfHealingOptions } from "./options.ts";
import { captureError, defaultReporter } from "./reporting.ts";
import { errorResponse, named, requestIdOf } from "./response.ts";
import { isNews } from "./settleCall.ts";
import { effectOf, MAX_KEPT_BODY, spareOf } from "./spare.ts";

/** A request whose handler has failed once. */
export interface FailedRequest extends FailedCall {
  request: Request;
  /** A copy with an unread body, if the request may be made again. */
  spare: Request | undefined;
  handle: (request: Request) => Response | Promise<Response>;
  means: ((request: Request) => HealingMeans<Response>) | undefined;
}

/** Heals the request, or captures its failure and answers with an error. */
export async function answerFailure(
  thrown: unknown,
  failed: FailedRequest,
  options: SelfHealingOptions,
): Promise<Response> {
  const { request, since } = failed;
  const requestId = requestIdOf(request);
  // A caller's mistake is an answer, not a fault: it is neither healed nor captured nor kept.
  if (isCallersMistake(thrown)) return errorResponse(thrown, requestId);
  if (isHangUp(thrown, request.signal)) return errorResponse(HUNG_UP, requestId);
  const context = contextOf(options, { requestId });
  const analyzed = await analyzeError(thrown, context);
  const kept = new KeptRequest(thrown, failed, { analyzed, context, options });
  const operation = await operationOf(failed, kept, options);
  const outcome = await heal(thrown, analyzed, operation, failed, {
    ...options,
    context,
    signal: request.signal,
  });
  if (outcome.kind === "healed") return outcome.value;
  if (!kept.isStored && isNews(thrown, since)) {
    captureError(thrown, { ...context, analyzed }, options.reporter);
  }
  return answerTo(thrown, outcome, requestId);
}

const HUNG_UP = new HealingError("ABORTED", "The caller has hung up");

/** True when the work was stopped because nobody waits for it any more: that is no fault. */
function isHangUp(thrown: unknown, { aborted, reason }: AbortSignal): boolean {
  return aborted && (thrown === reason || part(thrown, "name") === "AbortError");
}

function answerTo(thrown: unknown, outcome: HealingOutcome<Response>, requestId: string): Response {
  switch (outcome.kind) {
    case "standIn": {
      const { standIn } = outcome;
      const what = standIn.kind === "cached" ? `cached; age=${Math.round(standIn.ageMs / 1_000)}` : "default";
      return named(outcome.value, what);
    }
    case "skipped":
      return named(new Response(null, { status: 204, headers: { "x-request-id": requestId } }), "skipped");
    case "queued":
      return errorResponse(thrown, requestId, KEPT);
    default:
      return errorResponse(thrown, requestId);
  }
}

const KEPT = "The request is kept and made again when the fault is mended; do not send it again.";

async function operationOf(
  failed: FailedRequest,
  kept: KeptRequest,
  options: SelfHealingOptions,
): Promise<HealableOperation<Response>> {
  const { request, spare, handle } = failed;
  const supplied = meansOf(
    failed.means && (() => failed.means!(spare === undefined ? request : spareOf(spare))),
  );
  const draft = await kept.draft(options);
  return {
    ...supplied,
    ...(draft === undefined ? {} : { queue: { enqueue: () => kept.keep(draft) } }),
    name: options.functionName,
    // Without a spare copy the body is used up, whatever the method.
    effect: spare === undefined ? "write" : effectOf(request),
    run: async (signal) => {
      const again: unknown = await handle(new Request(spareOf(spare!), { signal }));
      if (again instanceof Response) return again;
      throw new TypeError(`The handler of ${options.functionName} returned no Response`);
    },
  };
}

/** The one thing that a failing request waits for, because its answer depends on it. */
const KEEP_TIMEOUT_MS = 2_000;

/** A failed request on its way into the queue of operations. */
class KeptRequest {
  /** True when the error goes to the store together with the request: it is not captured besides. */
  isStored = false;

  constructor(
    private readonly thrown: unknown,
    private readonly failed: FailedRequest,
    private readonly known: { analyzed: AnalyzedError; context: ErrorContext; options: SelfHealingOptions },
  ) {}

  /** The request as an operation to make again; undefined unless its author, its key and its caller allow that. */
  async draft(options: SelfHealingOptions): Promise<QueuedOperationDraft | undefined> {
    const { spare } = this.failed;
    const key = spare?.headers.get("idempotency-key");
    if (spare === undefined || !options.replay || !key || key.length > 200) return undefined;
    const role = await replayableRole(spare.headers, options.settings ?? readSettings());
    if (role === null || spare.bodyUsed) return undefined;
    try {
      const read = () => spareOf(spare).text();
      const text = await withTimeout(read, KEEP_TIMEOUT_MS, { operation: "reading a request to keep" });
      if (text.length > MAX_KEPT_BODY) return undefined;
      const payload = text === "" ? {} : JSON.parse(text);
      if (!fitsJsonb(payload)) return undefined;
      const target = options.functionName;
      return { kind: "invoke_function", target, payload, idempotency_key: key, caller_role: role };
    } catch {
      // A body that does not come, or is no JSON, cannot be kept as one.
      return undefined;
    }
  }

  /**
   * Stores the error with its operation, once: a store that fails leaves it to the queue of captures, and one that is
   * slow goes on in the background. Kept only when the database has said in time that it keeps the operation.
   */
  async keep(operation: QueuedOperationDraft): Promise<{ id: string } | null> {
    const { analyzed, context, options } = this.known;
    this.isStored = true;
    const stored = (async () => {
      try {
        const reporter = await (options.reporter ?? defaultReporter)();
        return (await reporter.capture([{ ...analyzed.captured, operation }])).queued > 0;
      } catch {
        captureError(this.thrown, { ...context, analyzed, operation }, options.reporter);
        return false;
      }
    })();
    runInBackground(() => stored);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<false>((resolve) => timer = setTimeout(resolve, KEEP_TIMEOUT_MS, false));
    const isKept = await Promise.race([stored, timeout]);
    clearTimeout(timer);
    return isKept ? { id: operation.idempotency_key } : null;
  }
}
