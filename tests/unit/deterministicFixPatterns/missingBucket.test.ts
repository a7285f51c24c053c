import assert from "node:assert/strict";
import { missingBucket as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/missingBucket.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("missing_bucket takes the name from the place or from the key, and only a plain one", () => {
  const fix = { kind: "create_bucket", bucket: "avatars" };
  const foreign = {
    code: "23503",
    message: 'insert or update on table "objects" violates foreign key constraint "objects_bucketId_fkey"',
  };
  assert.deepEqual(
    rule.propose(facts({ code: "404", message: "Bucket not found", place: { bucket: "avatars" } })),
    fix,
  );
  assert.deepEqual(rule.propose(facts({ ...foreign, place: { bucket: "avatars" } })), fix);
  assert.deepEqual(
    rule.propose(
      facts({ ...foreign, message: `${foreign.message} Key (bucket_id)=(avatars) is not present` }),
    ),
    fix,
  );
  assert.equal(rule.propose(facts(foreign)), null);
  assert.equal(rule.propose(facts({ ...foreign, place: { bucket: "../x" } })), null);
  assert.equal(
    rule.propose(facts({ code: "404", message: "Object not found", place: { bucket: "avatars" } })),
    null,
  );
});
