/**
 * The bridge to OpenTelemetry: where the project has registered a tracer provider of its own, our spans are its spans.
 *
 * A project registers by the API package, which keeps what is registered in one place that all copies and versions 1.x
 * of it agree on. It is read there, and the package itself is not loaded: that takes longer than loading supabase-js
 * does, and every function would pay for it, also the many that have no provider.
 *
 * @module
 */

import { messageOf } from "../core/errors.ts";
import type { AttributeValue, Span, SpanKind, SpanStart } from "./span.ts";
import type { TraceContext } from "./traceContext.ts";

/** What a project can register, as far as it is needed here. */
interface Registered {
  trace?: {
    getTracer(name: string): { startSpan(name: string, options: object, around: Context): ForeignSpan };
  };
  context?: ContextManager;
}

interface ContextManager {
  active(): Context;
  with<Result>(context: Context, work: () => Result): Result;
}

interface Context {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): Context;
  deleteValue(key: symbol): Context;
}

interface ForeignSpan {
  spanContext(): SpanContext;
  setAttribute(key: string, value: AttributeValue): unknown;
  setStatus(status: { code: number; message: string }): unknown;
  end(endedAt?: number): void;
}

interface SpanContext {
  traceId: string;
  spanId: string;
  traceFlags: number;
  traceState?: { serialize(): string };
}

const REGISTERED = Symbol.for("opentelemetry.js.api.1");
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 0, server: 1, client: 2 };
const STATUS_ERROR = 2;
const SAMPLED = 1;
const MAX_REASON = 1_000;
const NO_ID = /^0*$/;

/** True when the project has a tracer provider. */
export function hasProvider(): boolean {
  return registered()?.trace !== undefined;
}

/** Begins a span of the project's provider; undefined without one, or when it gives none that is real. */
export function startForeignSpan(start: SpanStart): Span | undefined {
  const { trace, context: manager } = registered() ?? {};
  if (trace === undefined) return undefined;
  try {
    const around = parentContext(start.parent, manager?.active() ?? EMPTY);
    const span = trace.getTracer("self-healing").startSpan(start.name, {
      kind: KINDS[start.kind],
      attributes: { ...start.attributes },
      links: (start.links ?? []).map((link) => ({ context: foreignContext(link) })),
    }, around);
    const isReal = !NO_ID.test(span.spanContext().traceId);
    return isReal ? new BridgedSpan(span, around.setValue(SPAN_KEY, span), manager) : undefined;
  } catch {
    // A provider that fails must not fail the call that it watches.
    return undefined;
  }
}

function registered(): Registered | undefined {
  return (globalThis as { [REGISTERED]?: Registered })[REGISTERED];
}

/** What the project's own instrumentation has begun around us is nearer than what the request's header says. */
function parentContext(parent: TraceContext | undefined, active: Context): Context {
  const around = (active.getValue(SPAN_KEY) as ForeignSpan | undefined)?.spanContext();
  if (parent === undefined || around?.traceId === parent.traceId) return active;
  const context = { ...foreignContext(parent), isRemote: true };
  return active.setValue(SPAN_KEY, { spanContext: () => context });
}

function foreignContext({ traceId, spanId, isSampled }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: isSampled ? SAMPLED : 0 };
}

class BridgedSpan implements Span {
  readonly context: TraceContext;
  #failure: Promise<void> | undefined;

  constructor(
    private readonly span: ForeignSpan,
    private readonly around: Context,
    private readonly manager: ContextManager | undefined,
  ) {
    const { traceId, spanId, traceFlags, traceState } = span.spanContext();
    const state = traceState?.serialize();
    this.context = {
      traceId,
      spanId,
      isSampled: (traceFlags & SAMPLED) !== 0,
      ...(state ? { traceState: state } : {}),
    };
  }

  setAttribute(key: string, value: AttributeValue): void {
    quietly(() => this.span.setAttribute(key, value));
  }

  fail(error: unknown): void {
    this.#failure ??= this.#tell(messageOf(error));
  }

  end(): void {
    const endedAt = Date.now();
    if (this.#failure === undefined) quietly(() => this.span.end());
    else void this.#failure.then(() => quietly(() => this.span.end(endedAt)));
  }

  /** What failed may quote a secret, and where the project sends its spans is not known here. */
  async #tell(reason: string): Promise<void> {
    try {
      const { sanitizeText } = await import("../errorSanitizer.ts");
      this.span.setStatus({ code: STATUS_ERROR, message: sanitizeText(reason, { maxLength: MAX_REASON }) });
    } catch {
      // As above: what watches a call does not fail it.
    }
  }

  activate<Result>(work: () => Result): Result {
    return this.manager === undefined ? work() : this.manager.with(this.around, work);
  }
}

/** A context of its own kind, for a project that has registered no context manager. */
class PlainContext implements Context {
  constructor(private readonly values: ReadonlyMap<symbol, unknown>) {}

  getValue(key: symbol): unknown {
    return this.values.get(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new PlainContext(new Map(this.values).set(key, value));
  }

  deleteValue(key: symbol): Context {
    return new PlainContext(new Map([...this.values].filter(([known]) => known !== key)));
  }
}

const EMPTY: Context = new PlainContext(new Map());

function quietly(work: () => unknown): void {
  try {
    work();
  } catch {
    // The project's own tracing has its own ways of reporting trouble.
  }
}
