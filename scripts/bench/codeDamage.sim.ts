/**
 * What the code fixer makes of mechanical damage: each file of the corpus' correct projects loses one small thing of each
 * kind, at a place that chance chooses.
 *
 * A file is restored when it is the same again but for the order of imports and the marks at the ends of lines. What is no
 * defect of one file (an `await` that nobody misses) stays as it is. The one thing that may hardly be is a file that says
 * something else and in which nothing is wrong any more. `--list` names those; `--seed N` chooses other places.
 *
 * @module
 */

import { applyAutoFixes } from "../../supabase/functions/_shared/autoFixEngine.ts";
import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { type CodeCorpus, readCorpus } from "../lib/codeCorpus.ts";
import { type Damage, damagesOf } from "../lib/codeDamage.ts";
import { print } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";
import { reportFindings } from "../lib/simulation.ts";

type Outcome = "restored" | "told" | "unseen" | "otherwise";

const chosen = Deno.args.indexOf("--seed");
let state = chosen < 0 ? 2_026 : Number(Deno.args[chosen + 1]);
const counts = new Map<string, Record<Outcome, number>>();

for (const corpus of await readCorpus()) await damageAll(corpus);
printTable([...counts].toSorted().map(([damage, outcomes]) => ({ damage, ...outcomes })));
const runs = total("restored") + total("told") + total("unseen") + total("otherwise");
const visible = runs - total("unseen");
reportFindings([
  {
    scenario: "damage that shows in the project",
    figure: "restored (%)",
    value: 100 * total("restored") / visible,
    bound: { atLeast: 90 },
    runs: visible,
  },
  {
    scenario: "damage that shows in the project",
    figure: "made otherwise (%)",
    value: 100 * total("otherwise") / visible,
    bound: { atMost: 3 },
    runs: visible,
  },
]);

function total(outcome: Outcome): number {
  return [...counts.values()].reduce((sum, one) => sum + one[outcome], 0);
}

async function damageAll({ name, base }: CodeCorpus): Promise<void> {
  for (const file of base) {
    for (const [kind, places] of Map.groupBy(damagesOf(file.path, file.content), (one) => one.kind)) {
      const damage = places[Math.floor(chance() * places.length)]!;
      const outcome = await outcomeOf(base, file, damage);
      const row = counts.get(kind) ?? { restored: 0, told: 0, unseen: 0, otherwise: 0 };
      row[outcome]++;
      counts.set(kind, row);
      if (outcome === "otherwise" && Deno.args.includes("--list")) {
        print(`${name} ${file.path}:${damage.line}: ${kind}`);
      }
    }
  }
}

async function outcomeOf(
  base: readonly ProjectFile[],
  file: ProjectFile,
  { text }: Damage,
): Promise<Outcome> {
  const damaged = base.map((one) => one.path === file.path ? { ...one, content: text } : one);
  const { files, applied, remaining } = await applyAutoFixes(damaged);
  const isRestored = files.every(({ content }, index) =>
    comparable(content) === comparable(base[index]!.content)
  );
  if (isRestored) return "restored";
  if (remaining.length > 0) return "told";
  return applied.length === 0 ? "unseen" : "otherwise";
}

/** Without what says nothing: the order of imports and of their names, marks at the ends of lines, indentation. */
function comparable(content: string): string {
  const lines = content.split("\n").map((line) => line.trim().replace(/[,;]$/, "")).filter(Boolean)
    .map((line) =>
      line.replace(/\{ ([^}]*) \}/g, (_, names: string) => `{ ${names.split(", ").sort().join(", ")} }`)
    );
  const isImport = (line: string) => /^(?:import|const .*require)/.test(line);
  return [...lines.filter(isImport).sort(), ...lines.filter((line) => !isImport(line))].join("\n");
}

/** The same places for the same seed. */
function chance(): number {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return state / 2_147_483_648;
}
