/** What the gate over documentation accepts and refuses. @module */

import { checkSources } from "../../scripts/gates/documented.ts";
import type { Gate } from "../../scripts/lib/gate.ts";
import { accepts, refuses } from "../helpers/gateFixture.ts";

const gate: Gate = { name: "documented", run: checkSources };
const FILE = "supabase/functions/_shared/door.ts";

Deno.test("documentedGate accepts files that say what they are for and exports with a sentence", async () => {
  await accepts(gate, {
    [FILE]: `/**\n * What it is for.\n *\n * @module\n */

/** Opens. */
export function open(a: string): void;
export function open(a: number): void;
export function open() {}

/**
 * A list that goes on:
 * - one
 */
export const LIST = [1];
/** A shape. @see open */
export interface Shape {}
export { z } from "npm:zod@4.6.7";
function hidden() {}
`,
    "scripts/run.ts": "#!/usr/bin/env -S deno run\n/** Runs. @module */\n",
    "tests/unit/a.test.ts": "Deno.test('x', () => {});",
    "supabase/functions/_shared/core/database.types.ts": "export type A = 1;",
  });
});

Deno.test("documentedGate refuses a file without a module comment", async () => {
  await refuses(gate, { [FILE]: "// A line. @module\nconst a = 1;" }, [
    /door\.ts:1: does not say what it is for/,
  ]);
  await refuses(gate, { "tests/helpers/a.ts": "/** Not it. */\nconst a = 1;\n/** @module */" }, [
    /a\.ts:1: does not say/,
  ]);
});

Deno.test("documentedGate refuses an export without a sentence", async () => {
  const head = "/** Door. @module */\n\n";
  await refuses(gate, { [FILE]: `${head}export function open() {}` }, [
    /door\.ts:3: open has no documentation/,
  ]);
  await refuses(gate, { [FILE]: `${head}/** half */\nexport class Door {}` }, [
    /door\.ts:4: Door is documented by half a sentence/,
  ]);
  await refuses(gate, { [FILE]: `${head}/** */\nexport const A = 1, B = 2;` }, [/A, B has no documentation/]);
  await refuses(gate, { [FILE]: `${head}export type T = 1;` }, [/T has no documentation/]);
});
