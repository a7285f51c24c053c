/** `retry`: makes the failed operations of an error again, each under its idempotency key. @module */

import type { ReplayReport } from "../core/ports.ts";
import { z } from "../core/validation.ts";
import { type FixActionKind, type FixContext, GO, refused } from "./kind.ts";

const schema = z.strictObject({ kind: z.literal("retry") });

/** Parameters of `retry`. */
export type Retry = z.infer<typeof schema>;

/** The report of an apply, so that its probe judges that very attempt and never makes the operations twice. */
const reports = new WeakMap<FixContext, ReplayReport>();

/** The kind `retry`. */
export const retry: FixActionKind<Retry> = {
  kind: "retry",
  group: "call",
  needs: "replay",
  schema,
  risk: () => "low",
  target: () => "operations",
  describe: () => "make the queued operations of this error again, each under its idempotency key",
  precondition: (context) =>
    Promise.resolve(context.replay === undefined ? refused("there is no operation to make again") : GO),
  snapshot: () => Promise.resolve({ nothingToTakeBack: true }),
  async apply(context) {
    if (context.replay === undefined) {
      throw new TypeError(
        "Cannot retry as the context has no queued operation",
      );
    }
    reports.set(context, await context.replay());
  },
  probe(context) {
    const report = reports.get(context) ??
      { attempted: 0, succeeded: 0, failures: [] };
    const measured = `${report.succeeded} of ${report.attempted} operations succeeded when made again` +
      (report.failures[0] === undefined ? "" : `; first failure: ${report.failures[0]}`);
    return Promise.resolve({
      ok: report.attempted > 0 && report.succeeded === report.attempted,
      measured,
    });
  },
  // A call that was made cannot be unmade; its own idempotency key keeps it from being made twice.
  revert: () => Promise.resolve(),
};
