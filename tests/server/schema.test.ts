/** The schema that the migrations build on a real server, and that pg_cron runs what they schedule there. @module */

import assert from "node:assert/strict";
import { GOLDEN_SCHEMA } from "../../scripts/gates/schema.ts";
import { dumpSchema } from "../../scripts/lib/schemaDump.ts";
import { catalogueRows } from "../helpers/catalogueRows.ts";
import { createServerDatabase, openCronDatabase, serverTest } from "../helpers/serverRing.ts";

serverTest("dumpSchema() gives the golden schema on the server's version of Postgres as well", async () => {
  await using database = await createServerDatabase();
  const golden = await Deno.readTextFile(new URL(`../../${GOLDEN_SCHEMA}`, import.meta.url));
  assert.equal(await dumpSchema(await catalogueRows(database)), golden);
});

serverTest("dumpSchema() gives the golden schema beside a real pg_cron", async () => {
  await using database = await openCronDatabase();
  const golden = await Deno.readTextFile(new URL(`../../${GOLDEN_SCHEMA}`, import.meta.url));
  assert.equal(await dumpSchema(await catalogueRows(database)), golden);
});
