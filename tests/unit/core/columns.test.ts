import assert from "node:assert/strict";
import {
  type ColumnFacts,
  isRequired,
  isTemporalText,
  judgeValue,
  showName,
  typeOf,
} from "../../../supabase/functions/_shared/core/columns.ts";

const UUID = "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11";

function column(type: string, changes: Partial<ColumnFacts> = {}): ColumnFacts {
  return { name: "v", type, nullable: true, default: null, ...changes };
}

Deno.test("typeOf() reads the names that Postgres prints and those that people write", () => {
  const families: [family: string, names: string[]][] = [
    ["integer", ["integer", "int", "int4", "smallint", "bigint", "bigserial"]],
    ["numeric", ["numeric", "numeric(10,2)", "decimal(3)"]],
    ["text", ["text", "character varying(20)", "varchar(5)", "character(3)", "citext", "extensions.citext"]],
    ["timestamptz", ["timestamp with time zone", "timestamp(3) with time zone", "timestamptz"]],
    ["timestamp", ["timestamp without time zone", "timestamp"]],
    ["float", ["double precision", "real", "float8"]],
    ["json", ["jsonb", "json"]],
    ["array", ["text[]", "integer[]", "character varying(20)[]"]],
    ["vector", ["vector(3)", "extensions.vector(3)", "halfvec(2)"]],
    ["network", ["inet", "cidr"]],
    ["hardware", ["macaddr"]],
    ["enum", ["enum(a|b)"]],
    ["other", ["point", "public.mood", "tsvector", ""]],
  ];
  for (const [family, names] of families) {
    for (const name of names) assert.equal(typeOf(column(name)).family, family, name);
  }
  assert.deepEqual(typeOf(column("character varying(20)")), { family: "text", maxLength: 20 });
  assert.deepEqual(typeOf(column("char")), { family: "text", maxLength: 1 });
  assert.deepEqual(typeOf(column("text", { maxLength: 7 })), { family: "text", maxLength: 7 });
  assert.deepEqual(typeOf(column("numeric(10,2)")), { family: "numeric", precision: 10, scale: 2 });
  assert.deepEqual(typeOf(column("public.mood", { enumValues: ["a"] })), { family: "enum", labels: ["a"] });
  assert.equal(typeOf(column("public.email", { baseType: "text" })).family, "text");
});

Deno.test("judgeValue() accepts what lands unchanged", () => {
  const accepted: [type: string, values: unknown[]][] = [
    ["smallint", [-32768, 32767, "12"]],
    ["bigint", ["9223372036854775807", 2 ** 53 - 1]],
    ["numeric(4,2)", [99.99, "99.990", -1, "1e1", "NaN"]],
    ["numeric", ["NaN", "Infinity", 1e300]],
    ["float8", ["NaN", "-Infinity", 1e300]],
    ["text", ["", "ä", "x".repeat(1_000_000)]],
    ["varchar(2)", ["ab", "🙂🙂"]],
    ["uuid", [UUID, UUID.toUpperCase(), UUID.replaceAll("-", "")]],
    ["timestamptz", [
      "2026-01-01",
      "2026-01-01T00:00:00Z",
      "2026-01-01 10:00:00+02",
      "Thu, 01 Jan 2026 00:00:00 GMT",
    ]],
    ["date", ["2024-02-29", "2026/01/02", "Jan 8, 1999", "8 January 1999", "infinity"]],
    ["interval", ["1 day", "P1DT2H", "10:30", "1 hour 30 minutes ago"]],
    ["time", ["10:30", "24:00:00"]],
    ["jsonb", [{ a: [1, "x", null] }, "text", 1, false, new Date(0)]],
    ["text[]", [["a", null], [], "{a,b}"]],
    ["vector(2)", [[1, 2.5], "[1,2]"]],
    ["inet", ["1.2.3.4", "10.0.0.0/8", "::1"]],
    ["macaddr", ["08:00:2b:01:02:03"]],
    ["point", ["(1,2)", { x: 1 }]],
  ];
  for (const [type, values] of accepted) {
    for (const value of values) {
      assert.equal(judgeValue(value, column(type)), null, `${type} ${String(value).slice(0, 40)}`);
    }
  }
});

Deno.test("judgeValue() names what is wrong with what would be lost or refused", () => {
  const refused: [type: string, fault: string, values: unknown[]][] = [
    ["int", "mistyped", [2.5, "2.5", "", "x", true, [1], Number.NaN, undefined]],
    ["smallint", "out_of_range", [32768, "-32769"]],
    ["bigint", "out_of_range", [2 ** 53, "9223372036854775808"]],
    ["numeric(4,2)", "too_precise", [1.005, "0.001"]],
    ["numeric(4,2)", "out_of_range", [100, "1e2", "Infinity"]],
    ["numeric", "mistyped", ["$5", "1,234", "", {}, Infinity]],
    ["varchar(2)", "too_long", ["abc", "🙂🙂🙂"]],
    ["text", "mistyped", [1, "a\0", "\ud800", {}]],
    ["uuid", "mistyped", ["", "undefined", "123", 1]],
    ["timestamptz", "mistyped", ["", "soon", "2026-02-30", "2026-13-01", "2026-01-01T25:00:00Z", 1767225600]],
    ["date", "mistyped", ["2026-01-01T10:00:00Z", "31/12/2026"]],
    ["jsonb", "mistyped", ["{", "[1]", { a: Number.NaN }, new Map(), { a: "\0" }, 1n]],
    ["text[]", "mistyped", ["a,b", [{}], [1], '{"a":1}']],
    ["int[]", "out_of_range", [[2 ** 31]]],
    ["vector(2)", "out_of_range", [[1], [1, 2, 3]]],
    ["vector(2)", "mistyped", [["1", "2"], "[1,x]", []]],
    ["inet", "mistyped", ["unknown", "1.2.3.400", "1:2:3", "08:00:2b:01:02:03"]],
    ["macaddr", "mistyped", ["1.2.3.4", "08:00-2b:01:02:03"]],
    ["interval", "mistyped", ["3 potatoes", "P", "soon", ""]],
    ["real", "out_of_range", [1e300]],
    ["int[]", "mistyped", ["{a}", '{"1"}']],
    ["timestamptz", "mistyped", ["May 99", "31 Feb 2026", "Thu Jan 01 2026 00:00:00 GMT+0100"]],
    ["enum(a|b)", "not_a_label", ["c", "A", 1]],
  ];
  for (const [type, fault, values] of refused) {
    for (const value of values) {
      assert.equal(judgeValue(value, column(type)), fault, `${type} ${typeof value}`);
    }
  }
  assert.equal(judgeValue(null, column("int", { nullable: false })), "null_not_allowed");
});

Deno.test("judgeValue() reads simple checks as Postgres prints them, and guesses at no other", () => {
  const checks: [check: string, held: unknown[], broken: unknown[]][] = [
    ["CHECK ((v = ANY (ARRAY['user'::text, 'it''s'::text])))", ["user", "it's"], ["User", "x"]],
    ["CHECK (((v)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))", ["a"], [
      "c",
    ]],
    ["v in ('a', 'b (c)')", ["a", "b (c)"], ["c"]],
    ["CHECK ((length(v) <= 3))", ["abc", "🙂🙂🙂"], ["abcd"]],
    ["CHECK (((char_length(v) >= 1) AND (char_length(v) <= 2)))", ["a"], ["", "abc"]],
    ["(v <> 'and x'::text)", ["a"], ["and x"]],
    ["VALUE = 'x'", ["x"], ["y"]],
  ];
  for (const [check, held, broken] of checks) {
    for (const value of held) {
      assert.equal(judgeValue(value, column("text", { checks: [check] })), null, check);
    }
    for (const value of broken) {
      assert.equal(judgeValue(value, column("text", { checks: [check] })), "breaks_check", check);
    }
  }
  const numbers = column("numeric", { checks: ["CHECK (((v >= (0)::numeric) AND (v < 10.5)))"] });
  assert.deepEqual([0, 10, -1, 10.5].map((value) => judgeValue(value, numbers)), [
    null,
    null,
    "breaks_check",
    "breaks_check",
  ]);
  for (
    const unread of [
      "CHECK ((v ~ '^a'::text))",
      "CHECK (((v = 'a'::text) OR (v = 'b'::text)))",
      "CHECK ((other = 'a'::text))",
      "CHECK ((lower(v) = 'a'::text))",
      "CHECK ((v > 'a'::text))",
      "CHECK ((NOT (v = 'z'::text)))",
      "CHECK ((v = other))",
      "CHECK ((v = 'a",
      "(".repeat(3_000),
      "",
    ]
  ) assert.equal(judgeValue("z", column("text", { checks: [unread] })), null, unread);
});

Deno.test("isRequired() knows what the database fills in itself", () => {
  assert.ok(isRequired(column("int", { nullable: false })));
  for (
    const filled of [{ nullable: true }, { default: "0" }, { generated: true }, {
      identity: "always" as const,
    }, {
      identity: "by default" as const,
    }]
  ) assert.ok(!isRequired(column("int", { nullable: false, ...filled })), JSON.stringify(filled));
});

Deno.test("isTemporalText() tells days from moments and knows the calendar", () => {
  assert.equal(isTemporalText("2024-02-29"), "date");
  assert.equal(isTemporalText("2026-02-29"), null);
  assert.equal(isTemporalText("2026-01-01T10:00"), "moment");
  for (const text of ["03/04/2026", "tomorrow", "now", "2026", "x".repeat(1_000_000)]) {
    assert.equal(isTemporalText(text), null, text.slice(0, 20));
  }
});

Deno.test("showName() keeps a name on one line and short", () => {
  assert.equal(showName("a\nb\u202e\ud800"), '"a?b??"'.replace("??", "?\ufffd"));
  assert.ok(showName("x".repeat(1_000)).length <= 65);
});
