/** What `create_bucket` does. @module */

import { isLikelyTypo } from "../createSchema.ts";
import { GO, refused, sqlOf } from "../kind.ts";
import type { FixSteps } from "../lazily.ts";
import type { CreateBucket } from "../createBucket.ts";

/** Names that are put together from somebody's id: whoever chooses one would make buckets at will. */
const MADE_UP = /[0-9a-f]{8}-[0-9a-f]{4}|[0-9]{6,}|[0-9a-f]{16,}/;

/** What the kind does. */
export const createBucketSteps: FixSteps<CreateBucket> = {
  async precondition(context, { bucket }) {
    if (MADE_UP.test(bucket)) return refused(`the name ${bucket} is made up of somebody's id or a number`);
    const sql = sqlOf(context);
    const [place] = await sql.query<{ is_there: boolean }>(
      "select pg_catalog.to_regclass('storage.buckets') is not null as is_there",
    );
    if (!place!.is_there) return refused("this database has no storage");
    const buckets = await sql.query<{ name: string }>("select id as name from storage.buckets limit 10000");
    if (buckets.some(({ name }) => name === bucket)) {
      return { kind: "alreadyDone", reason: `bucket ${bucket} has been made meanwhile` };
    }
    const bare = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
    const alike = buckets.find(({ name }) => bare(name) === bare(bucket) || isLikelyTypo(bucket, name));
    return alike === undefined ? GO : refused(`bucket ${bucket} looks like a misspelling of ${alike.name}`);
  },
  snapshot: () => Promise.resolve({ existed: false }),
  async apply(context, { bucket }) {
    await sqlOf(context).query("insert into storage.buckets (id, name, public) values ($1, $1, false)", [
      bucket,
    ]);
  },
  async probe(context, { bucket }) {
    const found = await sqlOf(context).query<{ open: boolean }>(
      "select public as open from storage.buckets where id = $1",
      [bucket],
    );
    const ok = found.length === 1 && !found[0]!.open;
    return {
      ok,
      measured: `bucket ${bucket} ${ok ? "is there, and private" : "is not there, or not private"}`,
    };
  },
  async revert(context, { bucket }) {
    const sql = sqlOf(context);
    // Newer storage forbids the removal of its rows past its API; an empty bucket of ours leaves nothing behind.
    await sql.query("select pg_catalog.set_config('storage.allow_delete_query', 'true', true)");
    const gone = await sql.query(
      `delete from storage.buckets b where b.id = $1 and not b.public
         and not exists (select from storage.objects o where o.bucket_id = b.id) returning b.id`,
      [bucket],
    );
    await sql.query("select pg_catalog.set_config('storage.allow_delete_query', 'false', true)");
    if (gone.length === 0) {
      throw new Error(`bucket ${bucket} holds files, is public now, or is gone; it stays as it is`);
    }
  },
};
