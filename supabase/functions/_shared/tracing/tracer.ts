/**
 * Decides which work is recorded, and runs it where its place in the trace is known.
 *
 * Without an exporter, and without a provider of the project's own, nothing is recorded: work merely runs in a scope
 * whose ids are made when somebody asks for them.
 *
 * @module
 */

import { type Clock, systemClock } from "../core/clock.ts";
import { createLogger, type Logger } from "../core/logger.ts";
import { optionCheck } from "../core/options.ts";
import { type Random, systemRandom } from "../core/random.ts";
import { hasProvider, startForeignSpan } from "./openTelemetry.ts";
import { currentScope, runInScope, TraceScope } from "./scope.ts";
import {
  type AttributeValue,
  NO_SPAN,
  RecordedSpan,
  type Span,
  type SpanKind,
  type SpanStart,
} from "./span.ts";
import { type SpanCounts, type SpanExporter, SpanQueue } from "./spanQueue.ts";
import { newSpanId, newTraceId, readHeaders, type TraceContext } from "./traceContext.ts";

const check = optionCheck("create Tracer");

/** How a tracer works. */
export interface TracerOptions {
  /** Where finished spans go, loaded with the first batch; without one none is recorded. */
  exporter?: (() => Promise<SpanExporter>) | undefined;
  /** Share of the traces begun here that is recorded, 0..1; 1. A trace that came with a request says so itself. */
  ratio?: number;
  /** Spans that may wait to be sent; 2,048. Beyond them further ones are counted and dropped. */
  maxWaiting?: number;
  /** Spans in one batch; 512. */
  maxBatch?: number;
  /** How long the first span of a batch waits for others, in milliseconds; 5,000. */
  delayMs?: number;
  /** How long the collector may take, in milliseconds; 10,000. */
  timeoutMs?: number;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
}

/** What may be said about a span besides its name. */
export interface SpanOptions {
  kind?: SpanKind;
  attributes?: Readonly<Record<string, AttributeValue>>;
  /** Places in other traces that it has to do with. */
  links?: readonly TraceContext[];
}

/** Records spans. One an isolate is enough. */
export class Tracer {
  readonly #ratio: number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #queue: SpanQueue | undefined;

  /** Throws a `RangeError` for an option that makes no sense. */
  constructor(options: TracerOptions = {}) {
    const { ratio = 1, maxWaiting = 2_048, maxBatch = 512, delayMs = 5_000, timeoutMs = 10_000 } = options;
    check("ratio", ratio, ratio >= 0 && ratio <= 1, ">= 0 and <= 1");
    for (const [key, value] of Object.entries({ maxWaiting, maxBatch })) {
      check(key, value, Number.isInteger(value) && value >= 1, "a whole number >= 1");
    }
    check("delayMs", delayMs, Number.isFinite(delayMs) && delayMs >= 0, ">= 0");
    check("timeoutMs", timeoutMs, Number.isFinite(timeoutMs) && timeoutMs > 0, "> 0");
    this.#ratio = ratio;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    const { exporter, logger = createLogger("tracing") } = options;
    if (exporter === undefined) return;
    const limits = { maxWaiting, maxBatch, delayMs, timeoutMs };
    this.#queue = new SpanQueue({ exporter, clock: this.#clock, logger, ...limits });
  }

  /** How many spans were sent, dropped, and wait. */
  get counts(): SpanCounts {
    return this.#queue?.counts ?? { sent: 0, dropped: 0, waiting: 0 };
  }

  /** Runs the handler of a request as the server's side of its trace; the second wrapper of a request adds nothing. */
  request(request: Request, name: string, work: () => Promise<Response>): Promise<Response> {
    if (currentScope()?.request === request) return work();
    const remote = readHeaders(request.headers);
    const span = this.#isRecording ? this.#start(serverSpan(request, name, remote)) : undefined;
    if (span !== undefined) return this.#within(span, request, async () => noteStatus(span, await work()));
    // No function of ours waits in between: on the platform's Deno each `await` inside of a scope costs 2 us.
    return runInScope(new TraceScope(remote, this.#begin, undefined, request), work);
  }

  /** Runs work as a span below the one around it; outside of any it begins a trace. */
  async span<Result>(
    name: string,
    work: (span: Span) => Promise<Result> | Result,
    { kind = "internal", attributes, links }: SpanOptions = {},
  ): Promise<Result> {
    if (!this.#isRecording) return await work(NO_SPAN);
    const around = currentScope();
    const span = this.#start({ name, kind, parent: around?.context, attributes, links });
    if (span === undefined) return await work(NO_SPAN);
    return await this.#within(span, around?.request, () => work(span));
  }

  /** Sends what waits. */
  async flush(): Promise<void> {
    await this.#queue?.flush();
  }

  get #isRecording(): boolean {
    return this.#queue !== undefined || hasProvider();
  }

  /** A trace that nobody records. */
  readonly #begin = (): TraceContext => ({
    traceId: newTraceId(this.#random),
    spanId: newSpanId(this.#random),
    isSampled: false,
  });

  /** Undefined when it is not to be recorded. */
  #start(start: SpanStart): Span | undefined {
    const foreign = startForeignSpan(start);
    if (foreign !== undefined || this.#queue === undefined) return foreign;
    const { parent } = start;
    if (parent?.isSampled === false) return undefined;
    const traceId = parent?.traceId ?? newTraceId(this.#random);
    if (parent === undefined && !isChosen(traceId, this.#ratio)) return undefined;
    const context = { ...parent, traceId, spanId: newSpanId(this.#random), isSampled: true };
    const queue = this.#queue;
    return new RecordedSpan(context, start, this.#clock, (span) => queue.push(span));
  }

  async #within<Result>(
    span: Span,
    request: Request | undefined,
    work: () => Promise<Result> | Result,
  ): Promise<Result> {
    const scope = new TraceScope(span.context, this.#begin, span, request);
    try {
      return await span.activate(() => runInScope(scope, work));
    } catch (error) {
      span.fail(error);
      throw error;
    } finally {
      span.end();
    }
  }
}

function serverSpan(request: Request, name: string, parent: TraceContext | undefined): SpanStart {
  return { name, kind: "server", parent, attributes: { "http.request.method": request.method } };
}

/** The same answer for one trace wherever it is asked, since the last half of its id is random. */
function isChosen(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(20), 16) < ratio * 2 ** 48;
}

function noteStatus(span: Span, answer: Response): Response {
  span.setAttribute("http.response.status_code", answer.status);
  if (answer.status >= 500) span.fail(`answered ${answer.status}`);
  return answer;
}
