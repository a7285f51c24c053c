/** A breaker on a clock of its own, and calls that a test makes through it. @module */

import assert from "node:assert/strict";
import {
  type BreakerEvent,
  CircuitBreaker,
  type CircuitBreakerOptions,
  isCircuitOpenError,
} from "../../supabase/functions/_shared/circuitBreaker.ts";
import { FakeClock } from "./fakeClock.ts";

/** A call that fails. */
export function down(): Promise<never> {
  return Promise.reject(new Error("down"));
}

/** A call that succeeds. */
export function up(): Promise<string> {
  return Promise.resolve("up");
}

/** A breaker, its clock, and what it has told. */
export function createBreaker(options: CircuitBreakerOptions = {}) {
  const clock = new FakeClock("2026-11-21T12:00:00Z");
  const events: BreakerEvent[] = [];
  const breaker = new CircuitBreaker("target", { clock, onEvent: (event) => events.push(event), ...options });
  return { breaker, clock, events, kinds: () => events.map((event) => event.kind) };
}

/** Calls that fail, one after another. */
export async function fail(breaker: CircuitBreaker, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await assert.rejects(breaker.execute(down));
}

/** Whether a call is refused; it must not have been made then. */
export async function isRefused(breaker: CircuitBreaker): Promise<boolean> {
  let wasCalled = false;
  const error = await breaker.execute(() => void (wasCalled = true)).catch((thrown) => thrown);
  assert.equal(wasCalled, !isCircuitOpenError(error));
  return isCircuitOpenError(error);
}
