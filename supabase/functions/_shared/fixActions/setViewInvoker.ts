/** `set_view_invoker`: lets a view show each caller only the rows that the caller may see. @module */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { lazily } from "./lazily.ts";

const schema = z.strictObject({
  kind: z.literal("set_view_invoker"),
  /** The view under its full name; only ever compared with the catalogue. */
  view: z.string().min(3).max(127).regex(/^[^.]+\.[^.]+$/, "a schema and a name"),
});

/** Parameters of `set_view_invoker`. */
export type SetViewInvoker = z.infer<typeof schema>;

/** The kind `set_view_invoker`. */
export const setViewInvoker: FixActionKind<SetViewInvoker> = lazily({
  kind: "set_view_invoker",
  group: "database",
  needs: "sql",
  schema,
  // A view may be meant to show everybody a sum over rows that nobody may see.
  risk: () => "high",
  target: ({ view }) => `view:${view}`,
  describe: ({ view }) => `let the view ${view} show each caller only the rows that the caller may see`,
}, async () => (await import("./setViewInvoker/steps.ts")).setViewInvokerSteps);
