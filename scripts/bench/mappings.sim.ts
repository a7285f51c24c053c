/**
 * How often a misnamed payload lands where its author meant it, on labelled cases, and how often it does harm.
 *
 * `--cases FILE` takes other cases than the repository's own; `--list` names what was not right; `--json` ends with
 * one line of the automatic tier's counts. Harm in either tier breaks the bound.
 *
 * @module
 */

import {
  type CaseVerdict,
  countVerdicts,
  judgeAll,
  type MappingCase,
  readCases,
} from "../lib/mappingCases.ts";
import { print, printError } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";

const corpus = new URL("../../tests/corpus/mappings/", import.meta.url);
const chosen = Deno.args[Deno.args.indexOf("--cases") + 1];
if (Deno.args.includes("--cases") && chosen === undefined) {
  printError("--cases needs the name of a file with one case a line.");
  Deno.exit(1);
}
const files = Deno.args.includes("--cases")
  ? [chosen!]
  : ["development", "holdout"].map((name) => new URL(`${name}.jsonl`, corpus));

const cases = (await Promise.all(files.map(readCases)).catch(giveUp)).flat();
const automatic = judgeAll(cases, "automatic");
const learned = judgeAll(cases, "learned");
report("automatic", automatic);
report("with confirmed learning", learned);
if (Deno.args.includes("--list")) list();
if (Deno.args.includes("--json")) print(JSON.stringify(countVerdicts(automatic)));
if ([...automatic, ...learned].includes("harmful")) Deno.exitCode = 1;

function giveUp(error: Error): never {
  printError(`The cases cannot be read: ${error.message}`);
  Deno.exit(1);
}

function report(tier: string, verdicts: readonly CaseVerdict[]): void {
  print(`\n${tier}`);
  const categories = [...new Set(cases.map(({ category }) => category))].sort();
  const rows = categories.map((category) => rowOf(category, (one) => one.category === category, verdicts));
  printTable([...rows, rowOf("all", () => true, verdicts)]);
}

function rowOf(
  name: string,
  belongs: (one: MappingCase) => boolean,
  verdicts: readonly CaseVerdict[],
): Record<string, unknown> {
  const { total, right, refused, harmful } = countVerdicts(
    verdicts.filter((_, index) => belongs(cases[index]!)),
  );
  return { category: name, total, right, "right (%)": (100 * right / total).toFixed(1), refused, harmful };
}

function list(): void {
  for (const [index, { id, category, why }] of cases.entries()) {
    const verdicts = `${automatic[index]} ${learned[index]}`;
    if (verdicts !== "right right") print(`${id}\t${category}\t${verdicts}\t${why}`);
  }
}
