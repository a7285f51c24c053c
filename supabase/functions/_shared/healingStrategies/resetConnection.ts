/** Opens the connection anew, and makes the call once more. @module */

import type { Applied, HealingStrategy, Situation } from "./strategy.ts";

/** The strategy. */
export const resetConnectionStrategy: HealingStrategy = {
  name: "RESET_CONNECTION",
  fixKind: "reset_connection",
  gives: "answer",
  refusal({ operation, failure, repeats, remainingMs }) {
    if (operation.connection === undefined) return "no connection that can be reset is given";
    return repeats.refusal(failure, remainingMs);
  },
  async apply<Result>(
    { operation, repeats }: Situation<Result>,
    signal: AbortSignal,
  ): Promise<Applied<Result>> {
    const denied = repeats.take();
    if (denied !== undefined) return { kind: "refused", reason: denied };
    await operation.connection?.reset(signal);
    const value = await repeats.call(() => operation.run(signal), signal);
    return { kind: "value", value, how: "the call succeeded on a new connection" };
  },
};
