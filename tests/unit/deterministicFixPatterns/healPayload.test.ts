import assert from "node:assert/strict";
import {
  confidenceWithEvidence,
  CONFIRMATIONS_NEEDED,
  healPayload,
  PAYLOAD_RULES,
} from "../../../supabase/functions/_shared/deterministicFixPatterns.ts";
import { type TableLine, tableOf } from "../../helpers/payloads.ts";

type Row = Record<string, unknown>;

const UUID = "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11";

function heal(columns: string, row: Row, table = "t") {
  return healPayload(tableOf([table, columns]), row);
}

Deno.test("healPayload() changes nothing of a row that fits", () => {
  const row = { id: 1, tags: ["a"], meta: { a: [1, { b: null }] }, at: "2026-01-01T00:00:00Z", n: null };
  const healed = heal("id int!; tags text[]; meta jsonb; at timestamptz; n text", row);
  assert.deepEqual(healed, {
    decision: "map",
    row,
    applied: [],
    unmapped: [],
    problems: [],
    reason: "0 changes",
  });
});

Deno.test("healPayload() saves what is clear and names what has to be parked", () => {
  const cases: [columns: string, row: Row, saved: Row, parked: string[]][] = [
    ["price numeric", { price_id: 1 }, {}, ["price_id"]],
    ["user_id uuid; userId uuid", { user_ID: UUID }, {}, ["user_ID"]],
    ["created_at timestamptz", { created_at: null, createdAt: "2026-01-01" }, { created_at: null }, [
      "createdAt",
    ]],
    ["n int", { N: 1, "n ": 2 }, {}, ["N", "n "]],
    ["name text", { name: "x", unknown: 1, more: 2 }, { name: "x" }, ["unknown", "more"]],
  ];
  for (const [columns, row, saved, parked] of cases) {
    const healed = heal(columns, row);
    assert.equal(healed.decision, "partial", columns);
    assert.deepEqual(healed.row, saved);
    assert.deepEqual(healed.unmapped, parked);
    assert.deepEqual(healed.problems.map(({ key }) => key), parked);
  }
});

Deno.test("healPayload() refuses a row whole when a column has no value or one that does not fit", () => {
  const cases: [columns: string, row: Row, problem: string][] = [
    ["role text!; content text!", { content: "no role" }, "role missing"],
    ["qty int", { qty: 2.5 }, "qty mistyped"],
    ["qty int", { Qty: "many" }, "Qty mistyped"],
    ["code varchar(3)", { code: "ABCD" }, "code too_long"],
    ["n text!", { n: null }, "n null_not_allowed"],
    ["n text!; other text", { n: undefined, other: "x" }, "n missing"],
  ];
  for (const [columns, row, problem] of cases) {
    const healed = heal(columns, row);
    assert.equal(healed.decision, "refuse", columns);
    assert.deepEqual(healed.row, row);
    assert.deepEqual([healed.applied, healed.unmapped], [[], []]);
    assert.deepEqual(healed.problems.map(({ key, code }) => `${key} ${code}`), [problem]);
  }
});

Deno.test("healPayload() asks an update for no required column and keeps its null", () => {
  const table = tableOf(["t", "name text!; state text! = 'new'; note text"]);
  assert.deepEqual(healPayload(table, { Note: null }, { operation: "update" }).row, { note: null });
  assert.equal(healPayload(table, { state: null }, { operation: "update" }).decision, "refuse");
});

Deno.test("healPayload() sends no value that a readable check or an enum refuses", () => {
  const state = { name: "state", type: "text", nullable: true, default: null };
  const checks = ["CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))"];
  const jobs = { table: "jobs", columns: [{ ...state, checks }] };
  assert.deepEqual(healPayload(jobs, { status: "open" }).row, { state: "open" });
  assert.deepEqual(healPayload(jobs, { status: "queued" }).unmapped, ["status"]);
  const mood = { table: "jobs", columns: [{ ...state, type: "public.mood", enumValues: ["in_progress"] }] };
  assert.deepEqual(healPayload(mood, { status: "In Progress" }).row, { state: "in_progress" });
  assert.deepEqual(healPayload(mood, { status: "progress" }).unmapped, ["status"]);
});

Deno.test("healPayload() lets learning act only when it is confirmed often enough, and for its own table", () => {
  const line: TableLine = ["tasks", "id uuid! = gen(); created_by uuid!"];
  const learned = {
    table: "tasks",
    key: "user_id",
    column: "created_by",
    confirmations: CONFIRMATIONS_NEEDED,
  };
  const decide = (changes: object) =>
    healPayload(tableOf(line), { user_id: UUID }, { learned: [{ ...learned, ...changes }] }).decision;
  assert.equal(decide({}), "map");
  assert.equal(decide({ confirmations: CONFIRMATIONS_NEEDED - 1 }), "refuse");
  assert.equal(decide({ confirmations: Number.NaN }), "refuse");
  assert.equal(decide({ table: "notes" }), "refuse");
  assert.equal(decide({ column: "absent" }), "refuse");
});

Deno.test("healPayload() takes a name for two columns, learned for both, for neither", () => {
  const learned = ["a_id", "b_id"].map((column) => ({ table: "t", key: "ref", column, confirmations: 9 }));
  const healed = healPayload(tableOf(["t", "a_id uuid; b_id uuid"]), { ref: UUID }, { learned });
  assert.deepEqual(healed.unmapped, ["ref"]);
});

Deno.test("healPayload() takes names of every object and hostile names for names like any other", () => {
  const row = JSON.parse(
    '{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2, "hasOwnProperty": 3}',
  );
  const healed = heal("name text; __proto__ jsonb", row);
  assert.equal(healed.decision, "partial");
  assert.deepEqual(healed.unmapped, ["constructor", "toString", "hasOwnProperty"]);
  assert.deepEqual(Object.keys(healed.row), ["__proto__"]);
  assert.equal(({} as Row).polluted, undefined);
  const hostile = {
    "name'); drop table t; --": 1,
    "na\u202eme": 2,
    "name\0": 3,
    ["n".repeat(100_000)]: 4,
    "": 5,
  };
  const left = heal("name text", hostile);
  assert.deepEqual(left.unmapped, Object.keys(hostile));
  assert.ok(left.reason.length < 1_000);
});

Deno.test("healPayload() never throws, whatever a row is made of", () => {
  const cyclic: Row = {};
  cyclic.self = cyclic;
  const shared = Array.from({ length: 60 }).reduce<unknown[]>((inner) => [inner, inner], []);
  const values = [
    cyclic,
    shared,
    Number.NaN,
    Infinity,
    2 ** 60,
    10n ** 30n,
    Symbol("s"),
    () => 1,
    new Map(),
    new Set(),
    new Date("x"),
    "\ud800",
    "a\0b",
    Object.create({ inherited: 1 }),
    Array(10_000),
    new Proxy({}, {
      ownKeys: () => {
        throw new Error("no");
      },
    }),
  ];
  const types = [
    "text",
    "jsonb",
    "int",
    "bigint",
    "numeric(5,2)",
    "float8",
    "uuid",
    "timestamptz",
    "date",
    "text[]",
    "vector(2)",
    "boolean",
    "odd",
  ];
  for (const type of types) {
    for (const value of values) {
      for (const key of ["v", "V", "other"]) {
        const { decision } = heal(`v ${type}`, { [key]: value });
        assert.ok(["map", "partial", "refuse"].includes(decision));
      }
    }
  }
  for (
    const row of [
      null,
      undefined,
      [],
      1,
      "x",
      new Proxy({}, {
        ownKeys: () => {
          throw new Error("no");
        },
      }),
    ]
  ) {
    assert.equal(heal("v text", row as unknown as Row).decision, "refuse");
  }
});

Deno.test("healPayload() stores no number that has been rounded before it came", () => {
  assert.equal(heal("n bigint", { n: 2 ** 53 + 2 }).decision, "refuse");
  assert.equal(heal("n float8", { n: 2 ** 60 }).decision, "map");
  assert.deepEqual(heal("n bigint", { n: "9223372036854775807" }).row, { n: "9223372036854775807" });
  assert.equal(heal("n bigint", { n: "9223372036854775808" }).decision, "refuse");
});

Deno.test("healPayload() looks no further than equal names among thousands of unknown keys", () => {
  const row = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key_${index}`, index]));
  const healed = heal("created_at text; description text", { ...row, createdAt: "x", descripton: "y" });
  assert.deepEqual(healed.row, { created_at: "x" });
  assert.equal(healed.unmapped.length, 10_001);
});

Deno.test("healPayload() comes to an end on a megabyte of anything that looks like something", () => {
  const size = 1_000_000;
  const texts = ["1", "'", '"', "[", "{", "a,", "1,", "- ", " ", "\\", "2026-01-01", "e1", "a.b@", "http://"];
  const values: unknown[] = [
    ...texts.map((text) => text.repeat(size / text.length)),
    `[${"1,".repeat(size / 2)}1]`,
    `{"a":"${"\\\\".repeat(size / 4)}"}`,
    Array.from({ length: 200_000 }, () => "1"),
  ];
  for (
    const type of [
      "text",
      "varchar(9)",
      "jsonb",
      "int",
      "numeric",
      "timestamptz",
      "text[]",
      "vector(3)",
      "inet",
      "enum(a|b)",
    ]
  ) {
    for (const value of values) {
      for (const key of ["url", "URL", "link", "mime"]) heal(`url ${type}`, { [key]: value }, "files");
    }
  }
});

Deno.test("PAYLOAD_RULES has at least fifty rules, each with its own key, a prior in bounds and a reason", () => {
  assert.ok(PAYLOAD_RULES.length >= 50, `${PAYLOAD_RULES.length} rules`);
  assert.equal(new Set(PAYLOAD_RULES.map(({ key }) => key)).size, PAYLOAD_RULES.length);
  for (const { key, confidence, because } of PAYLOAD_RULES) {
    assert.match(key, /^[a-z]+(?:_[a-z]+)*$/);
    assert.ok(confidence >= 0.6 && confidence <= 0.98, key);
    assert.ok(because.length > 20, key);
  }
});

Deno.test("PAYLOAD_RULES stand in one file each, with a test of the same name", async () => {
  const here = new URL("./payload/", import.meta.url);
  const source = new URL(
    "../../../supabase/functions/_shared/deterministicFixPatterns/payload/",
    import.meta.url,
  );
  const tests = await filesOf(here);
  const folders = ["rename", "synonym", "cast", "field", "learned"].map((folder) =>
    new URL(`${folder}/`, source)
  );
  const rules = (await Promise.all(folders.map(filesOf))).flat();
  assert.deepEqual(rules.map((name) => name.replace(".ts", ".test.ts")).sort(), tests.sort());
  assert.equal(rules.length, PAYLOAD_RULES.length);
});

async function filesOf(folder: URL): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names;
}

Deno.test("confidenceWithEvidence() moves messages_sender_to_role from 0.95 to 0.96 with five successes", () => {
  const rule = PAYLOAD_RULES.find(({ key }) => key === "messages_sender_to_role")!;
  assert.equal(rule.confidence, 0.95);
  assert.equal(confidenceWithEvidence(rule.confidence, { successes: 0, failures: 0 }), 0.95);
  assert.equal(confidenceWithEvidence(rule.confidence, { successes: 5, failures: 0 }), 0.96);
  assert.ok(confidenceWithEvidence(rule.confidence, { successes: 5, failures: 5 }) < 0.85);
});

Deno.test("confidenceWithEvidence() refuses priors and counts that are none", () => {
  assert.throws(() => confidenceWithEvidence(1.5, { successes: 0, failures: 0 }), RangeError);
  assert.throws(() => confidenceWithEvidence(0.9, { successes: -1, failures: 0 }), RangeError);
  assert.throws(() => confidenceWithEvidence(0.9, { successes: 0, failures: Number.NaN }), RangeError);
});
