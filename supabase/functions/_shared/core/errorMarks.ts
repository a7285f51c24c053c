/**
 * Remembers of an error what a layer has done about it, so that the layers above do not do it again.
 *
 * The memory is in the object itself, not in a shape: it survives `throw`, `cause` and two layers that do not know
 * each other, and goes when the error goes. Moments, not clocks, tell whether a mark belongs to the call at hand: a
 * program may throw one and the same error object again and again.
 *
 * @module
 */

import { part } from "./unknownValues.ts";

/** What all copies of the library in one isolate share: a project may have vendored a second one. */
interface Shared {
  moment: number;
  readonly marks: Map<string, WeakMap<object, number>>;
}

const SHARED = Symbol.for("self-healing.errorMarks.1");
const shared: Shared = (globalThis as { [SHARED]?: Shared })[SHARED] ??= { moment: 0, marks: new Map() };

/** The present moment of this isolate; each is later than the one before. */
export function nextMoment(): number {
  return ++shared.moment;
}

const MAX_CAUSES = 5;

/** One thing that can have been done about an error. */
export class ErrorMarks {
  readonly #markedAt: WeakMap<object, number>;

  /** Marks of one name are the same marks in every copy. */
  constructor(name: string) {
    this.#markedAt = shared.marks.get(name) ?? new WeakMap<object, number>();
    shared.marks.set(name, this.#markedAt);
  }

  /** Marks it; a thrown value that is no object cannot be marked. */
  mark(error: unknown): void {
    if (typeof error === "object" && error !== null) this.#markedAt.set(error, nextMoment());
  }

  /** True when the error, or what caused it, was marked after that moment. */
  has(error: unknown, since: number): boolean {
    let link = error;
    for (let depth = 0; depth < MAX_CAUSES && typeof link === "object" && link !== null; depth++) {
      if ((this.#markedAt.get(link) ?? 0) > since) return true;
      link = part(link, "cause");
    }
    return false;
  }
}
