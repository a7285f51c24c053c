import assert from "node:assert/strict";
import type { ScriptStatement } from "../../supabase/functions/_shared/core/fixes.ts";
import type { SqlPort } from "../../supabase/functions/_shared/core/ports.ts";
import { parseSql, parseStatement } from "../../supabase/functions/_shared/core/sqlSyntax.ts";
import { reorder } from "../../supabase/functions/_shared/fixActions/rewriteMigration/reorder.ts";
import { stripClause } from "../../supabase/functions/_shared/fixActions/rewriteMigration/stripClause.ts";
import {
  changesOnly,
  type Failure,
  type Rewriting,
  spliced,
} from "../../supabase/functions/_shared/fixActions/rewriteMigration/transform.ts";
import { translateDialect } from "../../supabase/functions/_shared/fixActions/rewriteMigration/translateDialect.ts";
import { assertAsyncProperty, fc } from "../helpers/property.ts";

const name = fc.constantFrom("carts", "items", "Größe", 'odd"name', "select", "a1").map((text) =>
  `"${text.replaceAll('"', '""')}"`
);
const literal = fc.constantFrom("'x'", "'it''s; drop table carts'", "$$ ; $$", "E'\\n'", "1", "null");
const statement = fc.oneof(
  fc.tuple(name, name).map(([table, column]) => `create table ${table} (${column} int)`),
  fc.tuple(name, name, literal).map(([table, column, value]) =>
    `insert into ${table} (${column}) values (${value})`
  ),
  fc.tuple(name, name).map(([table, other]) => `create view ${table} as select * from ${other}`),
  fc.tuple(name, name).map(([table, column]) => `alter table ${table} add column ${column} text default 'é'`),
  name.map((table) => `drop table if exists ${table}`),
  name.map((table) => `delete from ${table}`),
);
const script = fc.array(statement.map((text): ScriptStatement => ({ text })), { minLength: 1, maxLength: 8 });

/** These transforms look at the text alone; whoever asks the database would be told here. */
const NO_DATABASE: SqlPort = {
  query: () => Promise.reject(new Error("the text is enough")),
  execute: () => Promise.reject(new Error("the text is enough")),
};

async function failureOf(statements: ScriptStatement[], failedAt: number, object: string): Promise<Failure> {
  const failed = statements[failedAt]!;
  return {
    sql: NO_DATABASE,
    script: { statements, failedAt, canRunAlone: true },
    statement: failed,
    parsed: await parseStatement(failed.text),
    object,
  };
}

function texts(rewriting: Rewriting, otherwise: readonly ScriptStatement[]): string[] {
  return (rewriting.kind === "rewritten" ? rewriting.statements : otherwise).map(({ text }) => text);
}

Deno.test("changesOnly() accepts every script whose statements were left out or moved, and no statement of another's", async () => {
  await assertAsyncProperty(
    fc.asyncProperty(script, statement, fc.integer({ min: 0, max: 8 }), async (before, strange, place) => {
      const kept = before.filter((_, index) => index !== place % before.length).reverse();
      assert.equal(await changesOnly(before, kept, { fields: ["missing_ok"] }), true);
      const isKnown = before.some(({ text }) => text === strange);
      const brought = before.map((one, index) => index === place % before.length ? { text: strange } : one);
      assert.equal(
        await changesOnly(before, brought, { fields: ["missing_ok"], qualified: ["funcname"] }),
        isKnown,
      );
      assert.equal(await changesOnly(before, [...before, { text: strange }], {}), false);
    }),
    { runs: 100 },
  );
});

Deno.test("reorder keeps every statement exactly once, whatever it moves", async () => {
  await assertAsyncProperty(
    fc.asyncProperty(script, name, fc.integer({ min: 0, max: 7 }), async (statements, table, at) => {
      const failedAt = at % statements.length;
      const object = table.slice(1, -1).replaceAll('""', '"');
      const rewriting = await reorder.rewrite(await failureOf(statements, failedAt, object));
      assert.deepEqual(texts(rewriting, statements).sort(), statements.map(({ text }) => text).sort());
      if (rewriting.kind === "refused") return;
      const first = (list: readonly ScriptStatement[]) => list.slice(0, failedAt).map(({ text }) => text);
      assert.deepEqual(first(rewriting.statements), first(statements), "what ran already stays where it is");
    }),
    { runs: 200 },
  );
});

Deno.test("strip_clause and translate_dialect change one statement only, and what they write is one valid statement", async () => {
  const clause = fc.constantFrom(
    "create policy if not exists p on t using (a = 'if not exists')",
    "create or replace policy p on t using (true)",
    "create type if not exists \"it's\" as enum ('if not exists', 'or replace')",
    "alter table t add constraint if not exists c check (a <> ' if not exists ')",
    "create table `t` (`a` int(11) unsigned auto_increment primary key, b text default '`x`')",
    "create table t (id int auto_increment); drop table carts",
    "create table t (id int name text)",
  );
  await assertAsyncProperty(
    fc.asyncProperty(script, clause, fc.integer({ min: 0, max: 8 }), async (others, broken, at) => {
      const failedAt = at % (others.length + 1);
      const statements = [...others.slice(0, failedAt), { text: broken }, ...others.slice(failedAt)];
      for (const transform of [stripClause, translateDialect]) {
        const rewriting = await transform.rewrite(await failureOf(statements, failedAt, "not"));
        if (rewriting.kind === "refused") continue;
        assert.equal(rewriting.statements.length, statements.length);
        for (const [index, { text }] of rewriting.statements.entries()) {
          if (index !== failedAt) assert.equal(text, statements[index]!.text);
        }
        const parsed = await parseSql(rewriting.statements[failedAt]!.text);
        assert.ok(parsed.ok);
        // What stands in strings is data, whatever it looks like.
        const strings = (text: string) => [...text.matchAll(/'[^']*'/g)].map(([string]) => string);
        assert.deepEqual(strings(rewriting.statements[failedAt]!.text), strings(broken));
      }
    }),
    { runs: 150 },
  );
});

Deno.test("spliced() puts every piece where it belongs, in any order", async () => {
  await assertAsyncProperty(
    fc.asyncProperty(
      fc.string({ maxLength: 20 }),
      fc.uniqueArray(fc.nat(20), { maxLength: 5 }),
      (text, places) => {
        const splices = places.filter((at) => at <= text.length).map((at) => ({
          from: at,
          to: at,
          text: "|",
        }));
        const result = spliced(text, splices);
        assert.equal(result.length, text.length + splices.length);
        assert.equal(result.replaceAll("|", ""), text.replaceAll("|", ""));
        return Promise.resolve();
      },
    ),
  );
});
