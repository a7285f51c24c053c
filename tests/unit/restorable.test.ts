import assert from "node:assert/strict";
import {
  MOST_LINES,
  RestorableReader,
  toRestorableLines,
} from "../../supabase/functions/_shared/core/restorable.ts";

Deno.test("RestorableReader gives back what was said, in any order, twice, and with a log's own words around it", () => {
  const items = [
    { id: "a", message: "short" },
    { id: "b", message: '"\\\n{"healing_restorable":1,'.repeat(2_000), nested: { deep: [1, null, "ü€😀"] } },
  ];
  const { lines, left } = toRestorableLines("log", items);
  assert.equal(left, 0);
  assert.ok(lines.length > 2);
  assert.ok(
    lines.every((line) => line.length < 10_000 && !line.includes("\n")),
    "a line is one event of the log",
  );
  const reader = new RestorableReader();
  for (const line of [...lines.toReversed(), ...lines]) {
    assert.equal(reader.add(`2026-11-29T03:00:00Z [Error] ${line} (worker 7)`), true);
  }
  assert.equal(reader.add("an ordinary line {}"), false);
  const restored = reader.read();
  assert.equal(restored.incomplete, 0);
  assert.deepEqual(
    new Map(restored.items.map(({ id, item }) => [id, item])),
    new Map(items.map((item) => [item.id, item])),
  );
});

Deno.test("RestorableReader counts items that are not whole, and is not led astray by hostile lines", () => {
  const long = { id: "long", text: "x".repeat(9_000) };
  const { lines } = toRestorableLines("error", [long]);
  const reader = new RestorableReader();
  lines.slice(1).forEach((line) => reader.add(line));
  const hostile = [
    '{"healing_restorable":1,',
    '{"healing_restorable":1,"kind":"table","id":"a","part":1,"parts":1,"text":"{}"}',
    '{"healing_restorable":1,"kind":"log","id":"a","part":0,"parts":1,"text":"{}"}',
    '{"healing_restorable":1,"kind":"log","id":"a","part":1,"parts":1e9,"text":"{}"}',
    '{"healing_restorable":1,"kind":"log","id":7,"part":1,"parts":1,"text":"{}"}',
  ];
  assert.deepEqual(hostile.map((line) => reader.add(line)), hostile.map(() => false));
  reader.add('{"healing_restorable":1,"kind":"log","id":"a","part":1,"parts":1,"text":"{no json"}');
  assert.deepEqual(reader.read(), { items: [], incomplete: 2 });
});

Deno.test("toRestorableLines() keeps to the lines that a platform takes, and counts what found no room", () => {
  const items = Array.from({ length: MOST_LINES + 10 }, (_, index) => ({ id: String(index) }));
  const { lines, left } = toRestorableLines("log", items);
  assert.deepEqual([lines.length, left], [MOST_LINES, 10]);
});
