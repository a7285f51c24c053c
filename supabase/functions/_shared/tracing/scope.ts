/** The place in a trace that code runs in, carried through every `await` behind it. @module */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Span } from "./span.ts";
import type { TraceContext } from "./traceContext.ts";

/** Where code runs. A trace that nobody asks for is never begun: ids are made when they are first needed. */
export class TraceScope {
  #context: TraceContext | undefined;

  constructor(
    context: TraceContext | undefined,
    private readonly begin: () => TraceContext,
    readonly span: Span | undefined,
    /** The request whose handler runs here, so that two wrappers around one handler count it once. */
    readonly request: Request | undefined,
  ) {
    this.#context = context;
  }

  get context(): TraceContext {
    return this.#context ??= this.begin();
  }
}

const scopes = new AsyncLocalStorage<TraceScope | undefined>();

/** The scope of the code that asks. */
export function currentScope(): TraceScope | undefined {
  return scopes.getStore();
}

/** Runs work in a scope; with undefined outside of any trace. */
export function runInScope<Result>(scope: TraceScope | undefined, work: () => Result): Result {
  return scopes.run(scope, work);
}
