/** Kinds whose work is loaded when it is first needed: an import of the kinds costs their words alone. @module */

import type { FixActionKind } from "./kind.ts";

/** What a kind does, apart from what it says. */
export type FixSteps<Action extends { kind: string }> = Pick<
  FixActionKind<Action>,
  "precondition" | "snapshot" | "apply" | "probe" | "revert"
>;

/** Joins what a kind says with what it does, which `load` brings; the rules are looked at around each fix. */
export function lazily<Action extends { kind: string }>(
  words: Omit<FixActionKind<Action>, keyof FixSteps<Action>>,
  load: () => Promise<FixSteps<Action>>,
): FixActionKind<Action> {
  return {
    ...words,
    precondition: async (context, action) => await (await load()).precondition(context, action),
    snapshot: async (context, action) => await (await load()).snapshot(context, action),
    async apply(context, action) {
      const [steps, { guarded }] = await Promise.all([load(), import("./guard.ts")]);
      await guarded(steps).apply(context, action);
    },
    probe: async (context, action) => await (await load()).probe(context, action),
    revert: async (context, action, rollbackPoint) =>
      await (await load()).revert(context, action, rollbackPoint),
  };
}
