import assert from "node:assert/strict";
import { batchesOf, Spool } from "../../supabase/functions/_shared/spool.ts";

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => JSON.stringify({ n: from + index }));

async function newPath(): Promise<string> {
  return `${await Deno.makeTempDir()}/waiting.jsonl`;
}

/** Empties a spool into a list. */
async function taken(spool: Spool): Promise<string[]> {
  const lines: string[] = [];
  await spool.empty((batch) => Promise.resolve(void lines.push(...batch)));
  return lines;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("Spool.empty() delivers in order what was appended, and removes the file", async () => {
  const path = await newPath();
  const spool = new Spool(path);
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => spool.append(numbers(index * 10, index * 10 + 10))),
  );
  assert.deepEqual(await taken(spool), numbers(0, 500));
  assert.equal(await exists(path), false);
  assert.deepEqual(await taken(spool), []);
});

Deno.test("Spool.empty() keeps the file when a delivery fails, and delivers again from the start", async () => {
  const path = await newPath();
  const spool = new Spool(path);
  await spool.append(numbers(0, 250));
  let calls = 0;
  const failing = spool.empty(() => ++calls < 3 ? Promise.resolve() : Promise.reject(new Error("away")));
  await assert.rejects(failing, /away/);
  assert.deepEqual(await taken(new Spool(path)), numbers(0, 250), "also for the next process");
});

Deno.test("Spool.empty() also delivers what comes while it delivers, and loses nothing at the removal", async () => {
  const path = await newPath();
  const spool = new Spool(path);
  await spool.append(numbers(0, 10));
  const lines: string[] = [];
  let more = 10;
  await spool.empty(async (batch) => {
    lines.push(...batch);
    if (more < 100) await spool.append(numbers(more, more += 10));
  });
  assert.deepEqual(lines, numbers(0, 100));
  const racing = Array.from({ length: 200 }, (_, index) => spool.append(numbers(index, index + 1)));
  const found = await Promise.all(Array.from({ length: 20 }, () => taken(spool)));
  await Promise.all(racing);
  found.push(await taken(spool));
  assert.deepEqual(found.flat().sort(), numbers(0, 200).sort(), "each exactly once");
  assert.equal(await exists(path), false);
});

Deno.test("Spool goes on behind a line that a crash cut in two, and delivers both parts of the story", async () => {
  const path = await newPath();
  await Deno.writeTextFile(path, '{"n":0}\n{"n":1,"te');
  const spool = new Spool(path);
  assert.ok(await spool.size() > 0);
  await spool.append(numbers(2, 4));
  assert.deepEqual(await taken(spool), ['{"n":0}', '{"n":1,"te', '{"n":2}', '{"n":3}']);
});

Deno.test("Spool takes a batch whole or, when the file has reached its size, not at all", async () => {
  const spool = new Spool(await newPath(), { maxBytes: 20 });
  assert.deepEqual(await spool.append(numbers(0, 2)), { kind: "written" });
  assert.deepEqual(await spool.append(numbers(2, 3)), { kind: "full" });
  assert.deepEqual(await taken(spool), numbers(0, 2));
  assert.deepEqual(await spool.append(numbers(2, 3)), { kind: "written" });
});

Deno.test("Spool says when nothing can be written: a full disk, a folder that is none", async () => {
  const full = await new Spool("/dev/full").append(["x"]);
  assert.ok(full.kind === "failed" && /space/i.test(String(full.error)), JSON.stringify(full));
  const nowhere = new Spool("/dev/null/waiting.jsonl");
  assert.equal((await nowhere.append(["x"])).kind, "failed");
  await assert.rejects(taken(nowhere));
});

Deno.test("Spool refuses a size that makes no sense", () => {
  assert.throws(() => new Spool("x", { maxBytes: 0 }), RangeError);
});

Deno.test("batchesOf() keeps to a hundred lines and half a million characters, and lets a longer line travel alone", () => {
  assert.deepEqual([...batchesOf([])], []);
  assert.deepEqual([...batchesOf(numbers(0, 201))].map((batch) => batch.length), [100, 100, 1]);
  const [small, large] = ["s", "l".repeat(600_000)];
  assert.deepEqual([...batchesOf([small, large, small])].map((batch) => batch.length), [1, 1, 1]);
});
