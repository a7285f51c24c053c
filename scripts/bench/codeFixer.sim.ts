/**
 * What the code fixer does with broken code, with correct code, and how long it takes for a large project.
 *
 * `--list` names the cases that were not right. A case that got worse, a correct file that was changed, fewer than 95 % of
 * the fixable cases, or more than 10 s of the processor for 1,000 files of 200 lines break the bound.
 *
 * @module
 */

import process from "node:process";
import { applyAutoFixes, checkFiles, loadCodeRules } from "../../supabase/functions/_shared/autoFixEngine.ts";
import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { type CaseVerdict, judgeCase, readCorpus } from "../lib/codeCorpus.ts";
import { readDependencies, readOwnSource } from "../lib/correctCode.ts";
import { print } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";
import { type Finding, reportFindings } from "../lib/simulation.ts";

const LIMITS = { files: 20_000, fileBytes: 2_000_000, totalBytes: 500_000_000, pathLength: 400 };

print(`${(await loadCodeRules()).length} rules`);
reportFindings([...await judgeCorpus(), ...await judgeCorrect(), ...await measureSize()]);

async function judgeCorpus(): Promise<Finding[]> {
  const verdicts: CaseVerdict[] = [];
  const rows = [];
  for (const { name, cases } of await readCorpus()) {
    const own: CaseVerdict[] = [];
    for (const one of cases) own.push(await judgeCase(one));
    const fixable = own.filter((one) => one.fixable);
    rows.push({
      corpus: name,
      cases: own.length,
      fixable: fixable.length,
      fixed: fixable.filter(({ right }) => right).length,
      "left alone": own.filter((one) => !one.fixable && one.right).length,
      worse: own.filter(({ worse }) => worse).length,
    });
    verdicts.push(...own);
  }
  printTable(rows);
  if (Deno.args.includes("--list")) {
    for (const { id, rule, right, reason } of verdicts) if (!right) print(`${id} ${rule}: ${reason}`);
  }
  const fixable = verdicts.filter((one) => one.fixable);
  const fixed = fixable.filter(({ right }) => right).length;
  return [
    {
      scenario: "broken files",
      figure: "fixed (%)",
      value: 100 * fixed / fixable.length,
      bound: { atLeast: 95 },
      runs: fixable.length,
    },
    {
      scenario: "broken files",
      figure: "made worse",
      value: verdicts.filter(({ worse }) => worse).length,
      bound: { atMost: 0 },
      runs: verdicts.length,
    },
  ];
}

async function judgeCorrect(): Promise<Finding[]> {
  let files = 0;
  let changed = 0;
  for (const project of [await readOwnSource(), ...await readDependencies()]) {
    const outcome = await applyAutoFixes(project.files, undefined, { limits: LIMITS });
    files += project.files.length;
    changed += outcome.changed.length;
    for (const { path, rule } of outcome.applied) print(`${project.name}: ${path} was changed: ${rule}`);
  }
  return [{
    scenario: "correct files",
    figure: "changed",
    value: changed,
    bound: { atMost: 0 },
    runs: files,
  }];
}

/** Of a machine that others use too, the time on the wall tells about the others: the bound is on the processor's. */
async function measureSize(): Promise<Finding[]> {
  const files = largeProject(1_000, 200);
  await checkFiles(files.slice(0, 20));
  const [start, before] = [performance.now(), cpuMs()];
  await checkFiles(files);
  const [wall, processor] = [(performance.now() - start) / 1000, (cpuMs() - before) / 1000];
  const lines = files.reduce((sum, { content }) => sum + content.split("\n").length - 1, 0);
  const scenario = `1,000 files, ${lines} lines`;
  return [
    { scenario, figure: "seconds of the processor", value: processor, bound: { atMost: 10 }, runs: 1 },
    { scenario, figure: "seconds on the wall", value: wall, runs: 1 },
  ];
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Components that import one another, as long as they are asked to be. */
function largeProject(count: number, lines: number): ProjectFile[] {
  const manifest = { dependencies: { react: "^19.0.0", "react-dom": "^19.0.0" } };
  const files = Array.from({ length: count - 1 }, (_, index) => ({
    path: `src/components/Panel${index}.tsx`,
    content: panel(index, lines),
  }));
  return [{ path: "package.json", content: JSON.stringify(manifest) }, ...files];
}

function panel(index: number, lines: number): string {
  const other = Math.max(0, index - 1);
  const head = [
    'import { useEffect, useMemo, useState } from "react";',
    ...(index === 0 ? [] : [`import { Panel${other} } from "./Panel${other}";`]),
    `export interface Panel${index}Props { id: string; values: number[]; onSelect: (id: string) => void }`,
  ];
  const part = (number: number) => [
    `export function use${index}Part${number}(values: number[]) {`,
    "  const [selected, setSelected] = useState<number | null>(null);",
    "  const total = useMemo(() => values.reduce((sum, value) => sum + value, 0), [values]);",
    "  useEffect(() => {",
    "    if (total > 100 && selected === null) setSelected(values[0] ?? null);",
    "  }, [total, selected, values]);",
    "  return { selected, total, label: `${selected ?? 0} of ${total}` };",
    "}",
  ];
  const tail = [
    `export function Panel${index}({ id, values, onSelect }: Panel${index}Props) {`,
    `  const { selected, label } = use${index}Part0(values);`,
    '  return <section className="panel">',
    "    <h2 onClick={() => onSelect(id)}>{label}</h2>",
    "    {values.map((value) => <p key={value}>{value === selected ? <b>{value}</b> : value}</p>)}",
    index === 0 ? "    <hr />" : `    <Panel${other} id={id} values={values} onSelect={onSelect} />`,
    "  </section>;",
    "}",
  ];
  const room = Math.floor((lines - head.length - tail.length) / 8);
  const parts = Array.from({ length: room }, (_, number) => part(number)).flat();
  const rest = Array.from(
    { length: lines - head.length - tail.length - parts.length },
    (_, number) => `// ${number}`,
  );
  return [...head, ...parts, ...tail, ...rest, ""].join("\n");
}
