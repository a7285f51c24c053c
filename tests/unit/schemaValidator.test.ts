import assert from "node:assert/strict";
import { validateRow } from "../../supabase/functions/_shared/schemaValidator.ts";
import { tableOf } from "../helpers/payloads.ts";

type Row = Record<string, unknown>;

function codes(columns: string, row: Row): string[] {
  return validateRow(tableOf(["t", columns]), row).map(({ column, code }) => `${column} ${code}`);
}

Deno.test("validateRow() finds nothing in a row that fits", () => {
  assert.deepEqual(codes("id int! = identity; name text!; at timestamptz", { name: "x", at: undefined }), []);
});

Deno.test("validateRow() names everything that does not fit at once", () => {
  const found = codes(
    "qty int!; code varchar(2); price numeric(5,2); mood enum(a|b); tags text[]; name text!; n text!",
    {
      qty: 2.5,
      code: "abc",
      price: 1.234,
      mood: "c",
      tags: "a,b",
      n: null,
      color: "red",
    },
  );
  assert.deepEqual(found, [
    "qty mistyped",
    "code too_long",
    "price too_precise",
    "mood not_a_label",
    "tags mistyped",
    "n null_not_allowed",
    "color unknown",
    "name missing",
  ]);
});

Deno.test("validateRow() finds values for columns that the database makes", () => {
  const made = { name: "v", type: "bigint", nullable: false, default: null };
  for (const how of [{ generated: true }, { identity: "always" as const }]) {
    const findings = validateRow({ table: "t", columns: [{ ...made, ...how }] }, { v: 1 });
    assert.deepEqual(findings.map(({ code }) => code), ["generated"]);
    assert.deepEqual(validateRow({ table: "t", columns: [{ ...made, ...how }] }, {}), []);
  }
});

Deno.test("validateRow() finds a value that a check or a domain refuses, and says the check", () => {
  const role = {
    name: "role",
    type: "text",
    nullable: false,
    default: null,
    checks: ["(role = ANY (ARRAY['user'::text]))"],
  };
  const [finding] = validateRow({ table: "t", columns: [role] }, { role: "boss" });
  assert.deepEqual(finding, {
    column: "role",
    code: "breaks_check",
    found: "text of 4 characters",
    wanted: role.checks[0],
  });
  const domain = { ...role, type: "public.short", baseType: "text", checks: ["(length(VALUE) < 3)"] };
  assert.equal(validateRow({ table: "t", columns: [domain] }, { role: "boss" })[0]?.code, "breaks_check");
});

Deno.test("validateRow() asks an update for no required column", () => {
  assert.deepEqual(validateRow(tableOf(["t", "name text!"]), {}, { operation: "update" }), []);
});

Deno.test("validateRow() says what it found without saying the value", () => {
  const secret = "sk_live_0123456789abcdef";
  const row = { token: secret, [`bad\n${"k".repeat(200)}`]: secret, n: secret };
  const findings = validateRow(tableOf(["t", "n int"]), row);
  assert.equal(findings.length, 3);
  assert.ok(!JSON.stringify(findings).includes(secret));
  for (const { column } of findings) assert.match(column, /^[^\n]{1,63}$/);
});

Deno.test("validateRow() bounds its findings and never throws", () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 1]));
  const findings = validateRow(tableOf(["t", "id int!"]), many);
  assert.equal(findings.length, 202);
  assert.equal(findings[200]?.found, "9800 findings more");
  assert.equal(findings[201]?.code, "missing");
  const fail = () => {
    throw new Error("no");
  };
  const angry = new Proxy({}, { ownKeys: fail, getPrototypeOf: fail, get: fail });
  for (const row of [null, [], 1, "x", angry]) {
    assert.deepEqual(validateRow(tableOf(["t", "v text"]), row as unknown as Row).map(({ code }) => code), [
      "unreadable",
    ]);
  }
  for (const type of ["text", "jsonb", "int[]"]) {
    assert.deepEqual(codes(`v ${type}`, { v: angry }), ["v mistyped"]);
  }
  assert.deepEqual(codes("v text", JSON.parse('{"__proto__": 1}')), ["__proto__ unknown"]);
});
