/**
 * `reset_connection`: makes the operations of an error again on a fresh connection. The database is left alone.
 *
 * Behind a transaction pooler each transaction may get another connection of the server, and a statement that was
 * prepared on one is unknown, or known already, on the next. A fresh connection helps once; for good, the client has
 * to prepare no statements (`prepare: false`, no `name` on a query), or to use the pooler's session port.
 *
 * @module
 */

import { z } from "../core/validation.ts";
import type { FixActionKind } from "./kind.ts";
import { retry } from "./retry.ts";

const schema = z.strictObject({ kind: z.literal("reset_connection") });

/** Parameters of `reset_connection`. */
export type ResetConnection = z.infer<typeof schema>;

/** The kind `reset_connection`. */
export const resetConnection: FixActionKind<ResetConnection> = {
  kind: "reset_connection",
  group: "call",
  needs: "replay",
  schema,
  risk: () => "low",
  target: () => "connection",
  describe: () =>
    "make the queued operations again on a fresh connection; for good, let the client prepare no statements behind a transaction pooler",
  precondition: (context) => retry.precondition(context, { kind: "retry" }),
  snapshot: (context) => retry.snapshot(context, { kind: "retry" }),
  apply: (context) => retry.apply(context, { kind: "retry" }),
  probe: (context) => retry.probe(context, { kind: "retry" }),
  revert: () => Promise.resolve(),
};
