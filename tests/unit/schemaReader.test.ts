import assert from "node:assert/strict";
import { SchemaReader } from "../../supabase/functions/_shared/schemaReader.ts";
import { FakeClock } from "../helpers/fakeClock.ts";

const SCHEMA = {
  fingerprint: "a",
  columns: [{ name: "id", type: "integer", nullable: false, default: null }],
};

Deno.test("SchemaReader.known() forgets a table after five minutes, whatever the wall clock does", () => {
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const schemas = new SchemaReader({ clock });
  schemas.learn("messages", SCHEMA);
  clock.advance(299_999);
  assert.equal(schemas.known("messages")?.fingerprint, "a");
  clock.advance(2);
  assert.equal(schemas.known("messages"), undefined);
});

Deno.test("SchemaReader.learn() keeps what it knows of a table's care, and at most so many tables", () => {
  const schemas = new SchemaReader({ maxTables: 2 });
  schemas.learn("a", SCHEMA).needsCare = true;
  schemas.learn("b", SCHEMA);
  assert.equal(schemas.learn("a", { ...SCHEMA, fingerprint: "b" }).needsCare, true);
  schemas.learn("c", SCHEMA);
  assert.deepEqual(["a", "b", "c"].map((table) => schemas.known(table)?.fingerprint), ["b", undefined, "a"]);
});

Deno.test("new SchemaReader() refuses options that make no sense", () => {
  for (const options of [{ ttlMs: 0 }, { ttlMs: Number.NaN }, { maxTables: 0 }]) {
    assert.throws(() => new SchemaReader(options), RangeError);
  }
});
