/** What the reference shows of a door, and that it notices when a door has changed. */

import assert from "node:assert/strict";
import { createReferenceGate } from "../../scripts/gates/reference.ts";
import type { Layer } from "../../scripts/layers.ts";
import { judge, refuses } from "../helpers/gateFixture.ts";

const LAYER: Layer = { name: "core", rule: "No I/O.", ordered: true, budgetKb: 1, doors: ["door"] };
const gate = createReferenceGate([LAYER]);
const PAGE = "docs/reference/core.md";
const FILES = {
  "supabase/functions/_shared/door.ts": `/** Opens and shuts. More of it. @module */

export { shut as close } from "./door/shut.ts";
export { z } from "npm:zod@4.6.7";

/** Opens; see {@link close}. */
export function open(name: string): void;
export function open(name: number): void;
export function open(name: unknown): void { hidden(name); }
/** How wide, in metres. */
export const WIDTH: number = 1;
/** Knows its state. */
export class Door extends Thing {
  #key = 1;
  /** True while open. */
  isOpen = false;
  private inner = 2;
  /** Turns the key. */
  turn(times: number): boolean { return times > this.#key; }
}
function hidden(_: unknown) {}
`,
  "supabase/functions/_shared/door/shut.ts": `/** Part of it. @module */

/** Shuts it. */
export async function shut(options: { quietly?: boolean } = {}): Promise<void> { await 1; }
`,
};

Deno.test("referenceGate writes what a door exports, with signature and words, and nothing private", async () => {
  const page = (await judge(gate, FILES, { write: true })).read(PAGE)!;
  assert.match(page, /^# Core\n\nNo I\/O\. Written by .*\n\n## door\n\nOpens and shuts\.\n/);
  const headings = [...page.matchAll(/^### (.*)$/gm)].map(([, name]) => name);
  assert.deepEqual(headings, ["close", "open", "WIDTH", "Door"]);
  assert.match(page, /Opens; see `close`\.\n\n```ts\nfunction open\(name: string\): void;\n```/);
  assert.match(page, /async function shut\(options: \{ quietly\?: boolean \} = \{\}\): Promise<void>;/);
  assert.match(page, /const WIDTH: number;/);
  assert.match(page, /class Door extends Thing \{\n {2}\/\*\* True while open\. \*\/\n {2}isOpen;\n/);
  assert.match(page, /turn\(times: number\): boolean;\n\}/);
  assert.doesNotMatch(page, /hidden|#key|inner|zod/);
});

Deno.test("referenceGate refuses a page that is missing or says something else", async () => {
  await refuses(gate, FILES, [/docs\/reference\/core\.md is out of date \(it is missing\)/]);
  const page = (await judge(gate, FILES, { write: true })).read(PAGE)!;
  assert.deepEqual((await judge(gate, { ...FILES, [PAGE]: page })).problems, []);
  await refuses(gate, { ...FILES, [PAGE]: page.replace("Shuts it", "Opens it") }, [
    /out of date \(line \d+ should be "Shuts it\."/,
  ]);
});
