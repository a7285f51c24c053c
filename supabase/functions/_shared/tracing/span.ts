/** One piece of work in a trace, and what is kept of it. @module */

import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { TraceContext } from "./traceContext.ts";

/** What an attribute may be. */
export type AttributeValue = string | number | boolean;

/** Which side of a call a span is. */
export type SpanKind = "internal" | "server" | "client";

/** A span as its work sees it. Nothing here throws, also after its end. */
export interface Span {
  readonly context: TraceContext;
  /** Notes a fact; beyond 32 of them further ones are dropped. */
  setAttribute(key: string, value: AttributeValue): void;
  /** Marks it as failed. */
  fail(error: unknown): void;
  /** Ends it; only the first end counts. */
  end(): void;
  /** Runs work as its child, where the project's own tracing has to know. */
  activate<Result>(work: () => Result): Result;
}

/** How a span begins. */
export interface SpanStart {
  name: string;
  kind: SpanKind;
  /** The place that it is below; none begins a trace. */
  parent: TraceContext | undefined;
  attributes?: Readonly<Record<string, AttributeValue>> | undefined;
  /** Places in other traces that it has to do with. */
  links?: readonly TraceContext[] | undefined;
}

/** A span that has ended. */
export interface FinishedSpan {
  context: TraceContext;
  parentSpanId: string | undefined;
  name: string;
  kind: SpanKind;
  /** Milliseconds since the epoch. */
  startMs: number;
  /** By the monotonic clock, so never below 0. */
  durationMs: number;
  attributes: ReadonlyMap<string, AttributeValue>;
  links: readonly TraceContext[];
  /** Undefined when it did not fail. */
  failure: string | undefined;
}

const MAX_ATTRIBUTES = 32;

/** A span that this library records itself. */
export class RecordedSpan implements Span {
  readonly #start: SpanStart;
  readonly #clock: Clock;
  readonly #onEnd: (span: FinishedSpan) => void;
  readonly #startMs: number;
  readonly #startedAt: number;
  readonly #attributes: Map<string, AttributeValue>;
  #failure: string | undefined;
  #hasEnded = false;

  constructor(
    readonly context: TraceContext,
    start: SpanStart,
    clock: Clock,
    onEnd: (span: FinishedSpan) => void,
  ) {
    this.#start = start;
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#startMs = clock.now();
    this.#startedAt = clock.monotonic();
    this.#attributes = new Map(Object.entries(start.attributes ?? {}).slice(0, MAX_ATTRIBUTES));
  }

  setAttribute(key: string, value: AttributeValue): void {
    if (this.#hasEnded || (this.#attributes.size >= MAX_ATTRIBUTES && !this.#attributes.has(key))) return;
    this.#attributes.set(key, value);
  }

  fail(error: unknown): void {
    this.#failure ??= messageOf(error);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { name, kind, parent, links = [] } = this.#start;
    this.#onEnd({
      context: this.context,
      parentSpanId: parent?.spanId,
      name,
      kind,
      startMs: this.#startMs,
      durationMs: Math.max(0, this.#clock.monotonic() - this.#startedAt),
      attributes: this.#attributes,
      links,
      failure: this.#failure,
    });
  }

  activate<Result>(work: () => Result): Result {
    return work();
  }
}

const NOWHERE: TraceContext = { traceId: "0".repeat(32), spanId: "0".repeat(16), isSampled: false };

/** The span of work that nobody records. */
export const NO_SPAN: Span = {
  context: NOWHERE,
  setAttribute() {},
  fail() {},
  end() {},
  activate: (work) => work(),
};
