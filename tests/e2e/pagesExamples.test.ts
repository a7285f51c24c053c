/**
 * Every `ts` block of every page is a program: it has the right types as it stands, and it runs, on a stack with the
 * rights of a stranger; a server answers a request. What an example leaves to its author comes from
 * `authorsNames.ts`.
 */

import assert from "node:assert/strict";
import { functionEnvironment } from "../../scripts/stack/functionEnvironment.ts";
import { runSql } from "../../scripts/lib/scratchServer.ts";
import { checkExamples, runExample, supplyNames, writeExamples } from "../helpers/pageExamples.ts";
import { blocksByPage } from "../helpers/pages.ts";
import { openStack } from "../helpers/stack.ts";

const TABLES = new URL("fixtures/pages.sql", import.meta.url);
/** What the examples have left behind. */
const WRITTEN = `select exists (select from messages where role = 'user' and content = 'Hello') as stored,
  exists (select from messages where content = 'Everything') as changed, (select balance from accounts where id = 2) > 0 as moved`;

Deno.test("the examples of the pages have the right types, and run", async (test) => {
  const folder = await Deno.makeTempDir();
  await using _cleanUp = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  const blocks = await blocksByPage("ts");
  const examples = await writeExamples(folder, [...blocks.values()].flat());
  await supplyNames(await checkExamples(examples));
  assert.deepEqual([...(await checkExamples(examples)).values()].flat(), []);

  await using stack = await openStack();
  const { url, keys, dbUrl } = stack.stack;
  await runSql(dbUrl, await Deno.readTextFile(TABLES));
  const env = { ...functionEnvironment(keys, url, dbUrl), OPENAI_API_KEY: "", publishable: keys.publishable };
  for (const example of examples.filter(({ block }) => block.reason === undefined)) {
    const { page, line } = example.block;
    await test.step(`${page}:${line}`, () => runExample(example, env));
  }
  assert.deepEqual(await runSql(dbUrl, WRITTEN), [{ stored: true, changed: true, moved: true }]);
});
