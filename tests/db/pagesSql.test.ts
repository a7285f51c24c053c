/** Every statement of every page, in the order of its page, as an admin asks it of a project in which something of each has happened. */

import assert from "node:assert/strict";
import type { Block } from "../../scripts/lib/documents.ts";
import { splitStatements } from "../../supabase/functions/_shared/sqlStatements.ts";
import { isEmpty } from "../helpers/answers.ts";
import { prepared } from "../helpers/engine.ts";
import { fillIn, liveThroughAll, namesPlaceholder } from "../helpers/pageWorld.ts";
import { blocksByPage } from "../helpers/pages.ts";
import type { TestDatabase } from "../helpers/database.ts";

const ADMIN = { sub: "ada", app_metadata: { role: "admin" } };
/** Secrets and users are the owner's. */
const OWNERS = /\b(vault|auth)\.|\bpg_trigger\b|healing_private\.|\bdispatch_function\b/;
/** Nothing is slow here, no deployment has failed, the fourth cycle has not run, and Vault answers nothing. */
const MAY_BE_EMPTY = /find_optimisations|where cycle = 4|from vercel_deployments where|vault\.update_secret/;

interface Statement {
  at: string;
  sql: string;
}

function statementsOf(blocks: readonly Block[]): Statement[] {
  return blocks.filter(({ reason }) => reason === undefined).flatMap(({ page, line, code }) =>
    splitStatements(code).map(({ text }) => ({ at: `${page}:${line}`, sql: text }))
  );
}

/** Runs a page and takes all of it back; answers with what is wrong. */
async function runPage(database: TestDatabase, statements: readonly Statement[]): Promise<string[]> {
  const [admin, owner] = [await database.connect("authenticator"), await database.connect()];
  const claims = JSON.stringify({ role: "authenticated", ...ADMIN });
  await owner.query("begin");
  await admin.query("begin");
  await admin.query(
    "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
    [
      claims,
    ],
  );
  const problems: string[] = [];
  for (const { at, sql } of statements) {
    const client = OWNERS.test(sql) ? owner : admin;
    await client.query("savepoint statement");
    try {
      const { rows, command } = await client.query(await fillIn(database, sql));
      if (command === "SELECT" && isEmpty(rows) && !MAY_BE_EMPTY.test(sql)) {
        problems.push(`${at}: no rows: ${sql}`);
      }
      // What is done with one row of many is one way out of several: the next statement shows another.
      if (namesPlaceholder(sql)) await client.query("rollback to savepoint statement");
    } catch (error) {
      problems.push(`${at}: ${(error as Error).message}: ${sql}`);
      await client.query("rollback to savepoint statement");
    }
  }
  await admin.end();
  await owner.end();
  return problems;
}

Deno.test("every SQL statement of the pages runs for an admin, and has an answer", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await liveThroughAll(database, contract);
  const problems: string[] = [];
  for (const blocks of (await blocksByPage("sql")).values()) {
    problems.push(...await runPage(database, statementsOf(blocks)));
  }
  assert.deepEqual(problems, []);
});
