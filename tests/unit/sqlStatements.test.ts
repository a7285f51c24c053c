import assert from "node:assert/strict";
import { lineAt, splitStatements } from "../../supabase/functions/_shared/sqlStatements.ts";

function texts(script: string): string[] {
  return splitStatements(script).map(({ text }) => text);
}

Deno.test("splitStatements() cuts at semicolons and leaves out what says nothing", () => {
  assert.deepEqual(texts("select 1; select 2 ;;\n ; -- the end\n"), ["select 1", "select 2"]);
  assert.deepEqual(texts(""), []);
  assert.deepEqual(texts("-- only a comment;\n/* and ; another */"), []);
});

Deno.test("splitStatements() keeps a last statement without a semicolon", () => {
  assert.deepEqual(texts("select 1; select 2 -- done"), ["select 1", "select 2 -- done"]);
});

Deno.test("splitStatements() sees no end inside strings, names and comments", () => {
  for (
    const statement of [
      "select 'a;b', 'it''s;'",
      `select ";", "a"";"`,
      "select E'\\';', e'\\\\' || ';'",
      "select 1 /* a ; /* nested ; */ ; */ + 2",
      "select 1 -- ; not here\n + 2",
      "do $$ begin perform 1; end; $$",
      "do $body$ begin perform '$$;'; end; $body$",
      "select a$b$c, $1 from x",
    ]
  ) {
    assert.deepEqual(texts(`${statement};\nselect 'next';`), [statement, "select 'next'"]);
  }
});

Deno.test("splitStatements() keeps the body of an atomic function together", () => {
  const body = `create function f(a int) returns int begin atomic
  insert into t values (a);
  select case when a > 1 then 2 else 3 end;
end`;
  assert.deepEqual(texts(`${body}; select 1`), [body, "select 1"]);
});

Deno.test("splitStatements() tells the line of each statement's first word", () => {
  const script = "-- header\n\nselect 1;\n/* two\nlines */ select\n2;\nselect 3;";
  assert.deepEqual(splitStatements(script).map(({ line }) => line), [3, 5, 7]);
});

Deno.test("splitStatements() survives text that never ends", () => {
  for (
    const script of [
      "select 'open",
      'select "open',
      "do $$ open",
      "select 1 /* open",
      "create function begin atomic",
    ]
  ) {
    assert.deepEqual(texts(script), [script]);
  }
});

Deno.test("splitStatements() loses no word of the project's own migrations", async () => {
  const directory = new URL("../../supabase/migrations/", import.meta.url);
  for await (const { name } of Deno.readDir(directory)) {
    const text = await Deno.readTextFile(new URL(name, directory));
    let place = 0;
    for (const statement of splitStatements(text)) {
      const found = text.indexOf(statement.text, place);
      assert.ok(found >= place, name);
      assert.equal(lineAt(text, found), statement.line, name);
      const between = text.slice(place, found).replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, "");
      assert.match(between, /^[\s;]*$/, name);
      place = found + statement.text.length;
    }
  }
});
