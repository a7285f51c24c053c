import assert from "node:assert/strict";
import { applyFix, assertRefused, healAndRevert, revertFix } from "../helpers/accessFixes.ts";
import { createTestDatabase } from "../helpers/database.ts";

const bucket = (name: string) => ({ kind: "create_bucket", bucket: name });

Deno.test("create_bucket makes a private bucket without limits, and takes it back while it is empty", async () => {
  await using database = await createTestDatabase();
  const buckets = "select id, name, public, file_size_limit, allowed_mime_types from storage.buckets";
  await healAndRevert(database, bucket("avatars"), async (measured) => {
    assert.match(measured, /there, and private/);
    assert.deepEqual(await database.query(buckets), [
      { id: "avatars", name: "avatars", public: false, file_size_limit: null, allowed_mime_types: null },
    ]);
  });
  assert.deepEqual(await database.query(buckets), []);
});

Deno.test("create_bucket leaves a bucket that holds files where it is", async () => {
  await using database = await createTestDatabase();
  assert.equal((await applyFix(database, bucket("avatars"))).kind, "applied");
  await database.query("insert into storage.objects (bucket_id, name) values ('avatars', 'me.png')");
  await assert.rejects(revertFix(database, bucket("avatars"), { existed: false }), /holds files/);
  assert.equal((await database.query("select from storage.objects")).length, 1);
});

Deno.test("create_bucket refuses misspellings, names made up of ids, and what is there already", async () => {
  await using database = await createTestDatabase();
  await database.query(
    "insert into storage.buckets (id, name) values ('avatars', 'avatars'), ('user-files', 'user-files')",
  );
  await assertRefused(database, bucket("avatar"), /misspelling of avatars/);
  await assertRefused(database, bucket("user_files"), /misspelling of user-files/);
  await assertRefused(database, bucket("avatars"), /made meanwhile/);
  await assertRefused(database, bucket("u-11111111-1111-4111-8111-111111111111"), /somebody's id/);
  for (const name of ["Avatars", "../x", "a", "x".repeat(64), "a'b"]) {
    await assert.rejects(applyFix(database, bucket(name)), { code: "FIX_REFUSED" });
  }
});
