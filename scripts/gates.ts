/**
 * Runs the gates: rules of the house that a program can check. `deno task gates` runs all of them,
 * `deno task gates layers style` those that are named; `--write` writes what they generate.
 *
 * @module
 */

import { messageOf } from "../supabase/functions/_shared/core/errors.ts";
import { adaptersGate } from "./gates/adapters.ts";
import { advisorsGate } from "./gates/advisors.ts";
import { configGate } from "./gates/config.ts";
import { documentedGate } from "./gates/documented.ts";
import { grantsGate } from "./gates/grants.ts";
import { layersGate } from "./gates/layers.ts";
import { lockedGate } from "./gates/locked.ts";
import { migrationsGate } from "./gates/migrations.ts";
import { pagesGate } from "./gates/pages.ts";
import { referenceGate } from "./gates/reference.ts";
import { schemaGate } from "./gates/schema.ts";
import { styleGate } from "./gates/style.ts";
import { typesGate } from "./gates/types.ts";
import { wordsGate } from "./gates/words.ts";
import { createCatalogueReader } from "./lib/catalogueReader.ts";
import { createGateContext, type Gate, type GateContext } from "./lib/gate.ts";
import { print, printError } from "./lib/print.ts";

/** All gates, in the order in which they run: what is quick and read first comes first. */
export const GATES: readonly Gate[] = [
  layersGate,
  adaptersGate,
  configGate,
  styleGate,
  wordsGate,
  lockedGate,
  documentedGate,
  referenceGate,
  pagesGate,
  migrationsGate,
  grantsGate,
  advisorsGate,
  schemaGate,
  typesGate,
];

const ROOT = decodeURIComponent(new URL("..", import.meta.url).pathname).replace(/\/$/, "");

/** Runs the named gates (all when none is named) and says whether they passed. */
export async function runGates(names: string[], write: boolean): Promise<boolean> {
  const unknown = names.filter((name) => !GATES.some((gate) => gate.name === name));
  if (unknown.length > 0) {
    printError(
      `There is no gate ${unknown.join(", ")}; there are ${GATES.map(({ name }) => name).join(", ")}.`,
    );
    return false;
  }
  await using catalogue = createCatalogueReader();
  const notes: string[] = [];
  const context = createGateContext(ROOT, { ...catalogue, write, note: (line) => notes.push(line) });
  let failed = 0;
  const chosen = GATES.filter(({ name }) => names.length === 0 || names.includes(name));
  for (const gate of chosen) {
    if (!await runGate(gate, context, notes, names.length > 0)) failed++;
  }
  print(`${chosen.length - failed} gates passed, ${failed} failed`);
  return failed === 0;
}

async function runGate(
  gate: Gate,
  context: GateContext,
  notes: string[],
  verbose: boolean,
): Promise<boolean> {
  const start = performance.now();
  const problems = await gate.run(context).catch((error) => [`The gate itself failed: ${messageOf(error)}`]);
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  print(`${problems.length === 0 ? "passed" : "FAILED"}  ${gate.name.padEnd(12)} ${seconds} s`);
  const lines = notes.splice(0);
  // A long list of measurements is for whoever asked for this gate.
  const shown = verbose || lines.length <= 3 ? lines : lines.filter((line) => line.startsWith("wrote "));
  shown.forEach((line) => print(`        ${line}`));
  problems.forEach((problem) => print(`        ${problem}`));
  return problems.length === 0;
}

if (import.meta.main) {
  const names = Deno.args.filter((argument) => !argument.startsWith("-"));
  if (!await runGates(names, Deno.args.includes("--write"))) Deno.exit(1);
}
