/** A store of breakers whose answers a test gives, when and in the order that it wants. @module */

import assert from "node:assert/strict";
import {
  type BreakerReport,
  type BreakerStore,
  type BreakerView,
  type CircuitBreakerOptions,
  type ProbeClaim,
} from "../../supabase/functions/_shared/circuitBreaker.ts";
import { createBreaker } from "./breakerCalls.ts";
import { waitFor } from "./waiting.ts";

/** What the store answers; a closed breaker unless said otherwise. */
export function view(changes: Partial<BreakerView> = {}): BreakerView {
  const base = { id: "1", version: 1, state: "closed", mode: "auto", remainingMs: 0, isLast: false } as const;
  return { ...base, activeIsolates: 0, opened: false, ...changes };
}

/** What the store was asked. */
export interface Question {
  kind: "report" | "claim" | "finish";
  asked: unknown;
  answer: (answer: unknown) => Promise<void>;
  fail: () => Promise<void>;
}

/** A store whose answers the test gives, one by one. */
export class ScriptedStore implements BreakerStore {
  readonly questions: Question[] = [];
  reports: BreakerReport[] = [];

  report(report: BreakerReport): Promise<BreakerView> {
    this.reports.push(report);
    return this.#ask("report", report);
  }

  claimProbe(claim: { name: string; leaseMs: number }): Promise<ProbeClaim> {
    return this.#ask("claim", claim);
  }

  finishProbe(end: { name: string; probeNumber: number }): Promise<BreakerView> {
    return this.#ask("finish", end);
  }

  /** The oldest open question of a kind, once it is asked. */
  async next(kind: Question["kind"]): Promise<Question> {
    await waitFor(`a ${kind}`, () => this.questions.some((question) => question.kind === kind), 1_000);
    const index = this.questions.findIndex((question) => question.kind === kind);
    return this.questions.splice(index, 1)[0]!;
  }

  #ask<Answer>(kind: Question["kind"], asked: unknown): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const settle = async (act: () => void) => {
      act();
      // What hangs on the answer runs before the test goes on.
      for (let i = 0; i < 20; i++) await Promise.resolve();
    };
    this.questions.push({
      kind,
      asked,
      answer: (answer) => settle(() => resolve(answer as Answer)),
      fail: () => settle(() => reject(new Error("no database"))),
    });
    return promise;
  }
}

/** A breaker whose fleet is the script. */
export function createScripted(options: CircuitBreakerOptions = {}) {
  const store = new ScriptedStore();
  return { store, ...createBreaker({ store, failureThreshold: 2, ...options }) };
}

/** A breaker that the fleet holds open, past its cooldown. */
export async function openFleet(options: CircuitBreakerOptions = {}) {
  const fleet = createScripted(options);
  await fleet.breaker.execute(() => "up");
  await (await fleet.store.next("report")).answer(view({ version: 5, state: "open", remainingMs: 1_000 }));
  assert.equal(fleet.breaker.state, "open");
  fleet.clock.advance(1_000);
  return fleet;
}
