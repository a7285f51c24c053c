/** What holds of every healed row, whatever the table and the row are. @module */

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import {
  type ColumnFacts,
  type HealedPayload,
  healPayload,
  type TableFacts,
} from "../../supabase/functions/_shared/deterministicFixPatterns.ts";
import { validateRow } from "../../supabase/functions/_shared/schemaValidator.ts";
import { assertProperty, fc } from "../helpers/property.ts";

type Row = Record<string, unknown>;

const UUID = "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11";

/** Names that mean each other, that nearly do, and that must not. */
const name = fc.oneof(
  fc.constantFrom(
    ..."id user_id userId UserID owner_id owner author author_id created_at createdAt created updated_at title name full_name \
content message text body role sender token api_token password amount price price_id total subtotal email emial mail \
description desc descripton image image_url url link src width height weight heigth w h q a question answer response \
status state type kind tags tag metadata meta data payload is_active active inactive enabled disabled min_x max_x \
duration duration_ms duration_sec expires_at expires_in start start_at begin end end_at lat lng longitude zip \
postal_code address address_city city completed is_complete done position order order_no"
      .split(" "),
  ),
  fc.string({ maxLength: 6 }),
  fc.constantFrom("__proto__", "constructor", "nаme", "na\u200bme", "first name", "e-mail", ""),
);
const type = fc.constantFrom(
  ..."text varchar(3) bigint[] boolean[] int smallint bigint numeric numeric(5,2) float8 boolean uuid timestamptz timestamp date jsonb text[] int[] \
vector(2) enum(in_progress|done) point".split(" "),
);
const value = fc.oneof(
  fc.constantFrom<unknown>(
    "",
    "1",
    "3.0",
    "2.5",
    "true",
    "maybe",
    UUID,
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "https://x/y.png",
    "a@b.c",
    '{"a":1}',
    "[1,2]",
    '["a"]',
    "{",
    "a, b",
    "In Progress",
    "user",
    0,
    1,
    3,
    2.5,
    1767225600,
    1767225600000,
    2 ** 60,
    Number.NaN,
    true,
    false,
    null,
    undefined,
    { a: 1 },
    { id: UUID, name: "A" },
    { city: "B" },
    ["a"],
    [1, 2],
    5n,
    10n ** 20n,
    new Date(0),
    "9007199254740993",
    '["9007199254740993"]',
    ["1", "true"],
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string(),
);
const columns = fc.uniqueArray(
  fc.record({
    name,
    type,
    nullable: fc.boolean(),
    default: fc.constantFrom(null, null, "now()"),
    generated: fc.constantFrom(false, false, false, true),
  }),
  { selector: (column) => column.name, maxLength: 8 },
);
const table = fc.record<TableFacts>({
  table: fc.constantFrom(
    "t",
    "messages",
    "todos",
    "bookings",
    "images",
    "surveys",
    "ledger",
    "rpc:f",
    "files",
    "",
  ),
  columns,
});
const row = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 6 })
  .map((entries) => Object.fromEntries(entries) as Row);

/** Half of the rows take names of the table itself, so that many land. */
const cases = fc.tuple(table, row, fc.array(fc.tuple(fc.nat(), value), { maxLength: 5 })).map(
  ([facts, base, own]): [TableFacts, Row] => [facts, {
    ...base,
    ...Object.fromEntries(own.flatMap(([at, item]) => {
      const column = facts.columns[at % Math.max(1, facts.columns.length)];
      return column === undefined ? [] : [[column.name, item]];
    })),
  }],
);

function holds(judge: (facts: TableFacts, input: Row, healed: HealedPayload) => void): void {
  assertProperty(
    fc.property(cases, ([facts, input]) => judge(facts, input, healPayload(facts, input))),
    { runs: 3_000 },
  );
}

Deno.test("healPayload() stores under no key that is no column, and nothing of a refused row", () => {
  holds((facts, input, { decision, row, unmapped, applied }) => {
    if (decision === "refuse") return assert.deepEqual([row, unmapped, applied], [{ ...input }, [], []]);
    const names = new Set(facts.columns.map((column) => column.name));
    for (const key of Object.keys(row)) assert.ok(names.has(key), key);
  });
});

Deno.test("healPayload() loses no key: each is in the row, was applied, or is named as unmapped", () => {
  holds((_facts, input, healed) => {
    const known = new Set([
      ...Object.keys(healed.row),
      ...healed.applied.map(({ from }) => from),
      ...healed.unmapped,
    ]);
    for (const key of Object.keys(input)) assert.ok(known.has(key), key);
    assert.equal(healed.decision === "partial", healed.unmapped.length > 0);
  });
});

Deno.test("healPayload() gives a column that the row names no other key's value", () => {
  holds((_facts, input, { decision, row, applied }) => {
    if (decision === "refuse") return;
    for (const { from, to } of applied) {
      assert.ok(from === to || !Object.hasOwn(input, to), `${from} over ${to}`);
    }
    const renamed = applied.filter(({ action }) => action === "rename_column").map(({ to }) => to);
    for (const key of Object.keys(row)) assert.ok(Object.hasOwn(input, key) !== renamed.includes(key), key);
  });
});

Deno.test("healPayload() changes nothing of a row that it has healed", () => {
  holds((facts, _input, { decision, row }) => {
    if (decision === "refuse") return;
    const again = healPayload(facts, row);
    assert.deepEqual([again.decision, again.row, again.applied], ["map", row, []]);
  });
});

Deno.test("healPayload() gives rows in which validateRow() finds nothing", () => {
  holds((facts, _input, { decision, row }) => {
    if (decision !== "refuse") assert.deepEqual(validateRow(facts, row), []);
  });
});

Deno.test("healPayload() stores values that say what was sent", () => {
  holds((_facts, input, { decision, row, applied }) => {
    if (decision === "refuse") return;
    for (const [column, stored] of Object.entries(row)) {
      const from = applied.find(({ to, action }) => to === column && action === "rename_column")?.from ??
        column;
      const isTakenApart = applied.some(({ rule, to }) => rule === "flattened_object" && to === column);
      const sent = isTakenApart ? Object.values(input[from] as Row) : [input[from]];
      assert.ok(
        sent.some((one) => saysTheSame(one, stored)),
        `${column}: ${String(input[from])} as ${String(stored)}`,
      );
    }
  });
});

/** Takes the stored value back to the form of the sent one. */
function saysTheSame(sent: unknown, stored: unknown): boolean {
  if (Object.is(sent, stored)) return true;
  if (sent === "") return stored === null;
  if (typeof stored === "number") return Number(sent) === stored && String(sent).trim() !== "";
  if (typeof stored === "boolean") return /^(?:t|true|y|yes|on|1)$/i.test(String(sent).trim()) === stored;
  if (sent instanceof Date) return sent.toISOString().startsWith(String(stored));
  if (typeof stored === "string" && typeof sent !== "object") return isSameText(sent, stored);
  if (typeof sent === "string") return saysTheSame(JSON.parse(sent), stored);
  if (typeof stored === "string") return isDeepEqual(sent, JSON.parse(stored));
  const areLists = Array.isArray(sent) && Array.isArray(stored) && sent.length === stored.length;
  return areLists ? sent.every((item, at) => saysTheSame(item, stored[at])) : isDeepEqual(sent, stored);
}

function isDeepEqual(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
}

function isSameText(sent: unknown, stored: string): boolean {
  const words = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  if (String(sent) === stored || words(String(sent)) === words(stored)) return true;
  const moment = typeof sent === "string" && !/^\d+$/.test(sent) ? Date.parse(sent) : Number(sent);
  return [moment, moment * 1_000].includes(Date.parse(stored));
}

Deno.test("healPayload() decides the same in whatever order columns and keys stand", () => {
  const shuffled = fc.tuple(cases, fc.infiniteStream(fc.nat()));
  assertProperty(
    fc.property(shuffled, ([[facts, input], order]) => {
      const mixed = (items: readonly unknown[]) =>
        items.map((item) => ({ item, at: order.next().value as number })).sort((one, other) =>
          one.at - other.at
        )
          .map(({ item }) => item);
      const other = { table: facts.table, columns: mixed(facts.columns) as ColumnFacts[] };
      const first = healPayload(facts, input);
      const second = healPayload(
        other,
        Object.fromEntries(mixed(Object.entries(input)) as [string, unknown][]),
      );
      assert.deepEqual(second.row, first.row);
      assert.equal(second.decision, first.decision);
      assert.deepEqual([...second.unmapped].sort(), [...first.unmapped].sort());
      const inOrder = (healed: HealedPayload) => healed.applied.map((one) => JSON.stringify(one)).sort();
      assert.deepEqual(inOrder(second), inOrder(first));
    }),
    { runs: 3_000 },
  );
});
