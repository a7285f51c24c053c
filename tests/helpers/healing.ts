/** Healing a call on a clock that passes by itself. @module */

import assert from "node:assert/strict";
import {
  applyHealingStrategy,
  type HealableOperation,
  type HealingOutcome,
  type HealingStrategyName,
  type HealingStrategyOptions,
  StrategyMemory,
} from "../../supabase/functions/_shared/healingStrategies.ts";
import { RetryBudget } from "../../supabase/functions/_shared/retry.ts";
import { VirtualClock } from "./virtualClock.ts";

/** An error as a client throws it. */
export function failure(message: string, parts: object = {}): Error {
  return Object.assign(new Error(message), parts);
}

/** A service that is busy. */
export function busy(): Error {
  return failure("busy", { status: 503 });
}
/** A service that asks to be left alone. */
export function limited(seconds: string): Error {
  return failure("slow down", { status: 429, headers: new Headers({ "retry-after": seconds }) });
}

/** Heals a read that answers "fresh" when it is made again, unless the test says otherwise. */
export async function heal(
  thrown: unknown,
  changes: Partial<HealableOperation<string>> = {},
  options: HealingStrategyOptions = {},
) {
  const clock = new VirtualClock();
  const budget = new RetryBudget();
  budget.start();
  const operation = {
    name: "target",
    effect: "read" as const,
    run: () => Promise.resolve("fresh"),
    ...changes,
  };
  const outcome = await clock.run(applyHealingStrategy<string>(thrown, operation, {
    clock,
    budget,
    memory: new StrategyMemory({ clock }),
    random: { next: () => 0.5, uuid: () => "" },
    ...options,
  }));
  return { outcome, elapsedMs: clock.monotonic() };
}

/** Why a strategy was not tried; fails when it was. */
export function refusalOf(outcome: HealingOutcome<unknown>, name: HealingStrategyName): string {
  const found = outcome.refused.find(({ strategy }) => strategy === name);
  assert.ok(found, `${name} was not refused: ${JSON.stringify(outcome.tried)}`);
  return found.reason;
}

/** The answer, or what stands in for it. */
export function valueOf(outcome: HealingOutcome<string>): string | undefined {
  return "value" in outcome ? outcome.value : undefined;
}
