/** The commands of a page: each task exists, each option is one of its program, each file is there. @module */

import { blocksOf, isPage, spansOf } from "../../lib/documents.ts";
import type { GateContext } from "../../lib/gate.ts";

interface Command {
  at: string;
  text: string;
}

const TASK = /^(?:npx -y deno@2|deno) task (?:--quiet )?([\w:]+)/;
const FILE = /^(?:npx -y deno@2|deno) run .*?(scripts\/\S+\.ts)/;

/** What is wrong with the commands of all pages. */
export async function checkCommands(context: GateContext): Promise<string[]> {
  const pages = (await context.files()).filter(isPage);
  const problems: string[] = [];
  for (const page of pages) {
    for (const command of commandsOf(page, await context.read(page))) {
      const problem = await judge(context, command.text);
      if (problem !== undefined) problems.push(`${command.at}: ${command.text}: ${problem}`);
    }
  }
  return problems;
}

/** Commands in blocks, one a line, and in the text. */
function commandsOf(page: string, text: string): Command[] {
  const inBlocks = blocksOf(page, text).filter(({ language }) => language === "sh").flatMap((
    { code, line },
  ) => code.split("\n").map((command, index) => ({ at: `${page}:${line + index}`, text: command })));
  const inText = spansOf(text).map(({ line, code }) => ({ at: `${page}:${line}`, text: code }));
  return [...inBlocks, ...inText];
}

async function judge(context: GateContext, command: string): Promise<string | undefined> {
  const files = await context.files();
  const file = FILE.exec(command)?.[1];
  if (file !== undefined) return files.includes(file) ? undefined : `there is no ${file}`;
  const task = TASK.exec(command)?.[1];
  if (task === undefined) return undefined;
  const { tasks } = JSON.parse(await context.read("deno.json")) as { tasks: Record<string, string> };
  const script = /scripts\/([\w/]+)\.ts/.exec(tasks[task] ?? "")?.[1];
  if (!(task in tasks)) return `there is no task ${task}`;
  const words = command.replace(/ #.*$/, "").split(/\s+/).slice(command.split(/\s+/).indexOf("task") + 2);
  const bench = task === "bench" ? words.find((word) => /^[a-z]\w*$/.test(word)) : undefined;
  if (bench !== undefined && !files.some((path) => path.startsWith(`scripts/bench/${bench}.`))) {
    return `there is no bench ${bench}`;
  }
  const sources = await sourcesOf(context, bench === undefined ? script : `bench/${bench}`);
  const unknown = words.map((word) => /^\[?--([\w-]+)/.exec(word)?.[1])
    .find((option) => option !== undefined && !sources.includes(`--${option}`) && !knows(sources, option));
  return unknown === undefined ? undefined : `its program knows no --${unknown}`;
}

/** As the standard parser of arguments has it: a key of its options. */
function knows(sources: string, option: string): boolean {
  return sources.includes(`"${option}": {`) || new RegExp(`\\b${option}: \\{ type:`).test(sources);
}

/** The text of a program: its own file, its folder, and what it imports itself. */
async function sourcesOf(context: GateContext, script: string | undefined): Promise<string> {
  if (script === undefined) return "";
  const own = (await context.files()).filter((path) =>
    path.startsWith(`scripts/${script}.`) || path.startsWith(`scripts/${script}/`)
  );
  const texts = await Promise.all(own.map((path) => context.read(path)));
  const imported = [...texts.join("\n").matchAll(/["']\.\/((?:lib|stack)\/\w+\.ts)["']/g)].map(([, path]) =>
    `scripts/${path}`
  );
  return [...texts, ...await Promise.all(imported.map((path) => context.read(path)))].join("\n");
}
