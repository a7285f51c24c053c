/** `requeue_operations`: sends operations back that were tried too often during an outage which is over. @module */

import type { Json, SqlPort } from "../core/ports.ts";
import { z } from "../core/validation.ts";
import { type FixActionKind, GO, refused, sqlOf } from "./kind.ts";

const schema = z.strictObject({
  kind: z.literal("requeue_operations"),
  /** The function or the table that they are for, as the queue names it. */
  target: z.string().min(1).max(200),
});

/** Parameters of `requeue_operations`. */
export type RequeueOperations = z.infer<typeof schema>;

/** The most that one fix sends back: the target has just come back. */
const MOST = 100;

const EXHAUSTED = `
  select q.id, q.attempt_count, q.last_error, exists (select from public.queued_operations as d
      where d.target = q.target and d.operation_kind = q.operation_kind and d.status = 'done'
        and d.finished_at > q.next_attempt_at - interval '1 hour') as works_again
  from public.queued_operations as q
  where q.target = $1 and q.status = 'needs_person' and q.attempt_count >= 10 order by q.position limit ${MOST}`;

interface Exhausted {
  id: string;
  attempt_count: number;
  last_error: string | null;
  works_again: boolean;
}

const SENT_BACK = `
  select count(*)::int as queued from public.queued_operations
  where target = $1 and status = 'queued' and sent_back and attempt_count = 0`;

/** The kind `requeue_operations`; each operation is made under its own key, and so at most once. */
export const requeueOperations: FixActionKind<RequeueOperations> = {
  kind: "requeue_operations",
  group: "runtime",
  needs: "sql",
  schema,
  // They were asked for a while ago: what they do may not be wanted any more.
  risk: () => "medium",
  target: ({ target }) => `operations:${target}`,
  describe: ({ target }) =>
    `send at most ${MOST} operations for ${target} back to the queue, which were tried too often while it was away`,
  async precondition(context, { target }) {
    const waiting = await exhaustedOf(sqlOf(context), target);
    if (waiting.length === 0) return refused(`nothing for ${target} waits because it was tried too often`);
    return waiting.some(({ works_again }) => works_again)
      ? GO
      : refused(`nothing shows that ${target} works again: it has accepted no operation since`);
  },
  async snapshot(context, { target }) {
    const waiting = await exhaustedOf(sqlOf(context), target);
    return waiting.filter(({ works_again }) => works_again)
      .map(({ id, attempt_count, last_error }) => ({ id, attempt_count, last_error }));
  },
  async apply(context, { target }) {
    await sqlOf(context).query("select healing_private.requeue_exhausted($1, $2)", [target, MOST]);
  },
  async probe(context, { target }) {
    const left = (await exhaustedOf(sqlOf(context), target)).filter(({ works_again }) => works_again).length;
    const [counted] = await sqlOf(context).query<{ queued: number }>(SENT_BACK, [target]);
    const { queued } = counted!;
    return {
      ok: queued > 0 && (left === 0 || queued >= MOST),
      measured: `${queued} operations for ${target} are queued again, and ${left} are left`,
    };
  },
  async revert(context, _action, rollbackPoint: Json) {
    await sqlOf(context).query("select healing_private.park_requeued($1::jsonb)", [
      JSON.stringify(rollbackPoint),
    ]);
  },
};

async function exhaustedOf(sql: SqlPort, target: string): Promise<Exhausted[]> {
  return await sql.query<Exhausted>(EXHAUSTED, [target]);
}
