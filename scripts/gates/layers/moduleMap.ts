/** The module map in `_shared/README.md`: generated, and close enough to the truth to be believed. @module */

import type { GateContext } from "../../lib/gate.ts";
import { compareGenerated } from "../../lib/gate.ts";
import { costOf, doorPath, moduleSentence, SHARED, type SharedModule } from "../../lib/sharedLibrary.ts";
import type { Layer } from "../../layers.ts";

const PATH = `${SHARED}README.md`;
const START = "<!-- module map: written by deno task gates layers --write -->";
const END = "<!-- end of module map -->";

const HEAD = `# The library

One file a door: a function imports the doors that it needs and pays for nothing else. What sits in a folder
belongs to the door of the same name and is private to it.

${START}
${END}
`;

/**
 * Compares the map with the library. Numbers may drift by a quarter (or 2 kB) before the map counts as stale,
 * so that an ordinary edit needs no new map, and growth beyond that is accepted on purpose, in a diff.
 */
export async function compareModuleMap(
  context: GateContext,
  modules: Map<string, SharedModule>,
  layers: readonly Layer[],
): Promise<string[]> {
  const known = (await context.files()).includes(PATH) ? await context.read(PATH) : HEAD;
  const [before, after] = [known.indexOf(START), known.indexOf(END)];
  if (before === -1 || after < before) {
    return [`${PATH}: the lines around the module map are gone: put ${START} and ${END} back`];
  }
  const table = await moduleTable(context, modules, layers);
  const old = known.slice(before + START.length, after);
  const wanted = `${known.slice(0, before + START.length)}\n\n${table}\n${known.slice(after)}`;
  if (!context.write && isCloseEnough(old, table)) return [];
  return await compareGenerated(context, PATH, wanted);
}

async function moduleTable(
  context: GateContext,
  modules: Map<string, SharedModule>,
  layers: readonly Layer[],
): Promise<string> {
  const rows = [["layer", "door", "what it is", "files", "kB", "packages"]];
  for (const layer of layers) {
    for (const door of layer.doors.filter((door) => modules.has(doorPath(door)))) {
      const { files, bytes, packages } = costOf(modules, door);
      const sentence = moduleSentence(await context.read(doorPath(door))).replaceAll("|", "\\|");
      rows.push([
        layer.name,
        `\`${door}\``,
        sentence,
        `${files}`,
        `${Math.ceil(bytes / 1000)}`,
        packages.join(", "),
      ]);
    }
  }
  return alignTable(rows);
}

/** Pads the cells as the formatter does, so that both agree on the file. */
function alignTable(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return `${[line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n")}\n`;
}

function isCloseEnough(old: string, table: string): boolean {
  const [have, want] = [cellsOf(old), cellsOf(table)];
  return have.length === want.length && want.every((row, index) => {
    const other = have[index]!;
    return row.length === other.length && row.every((cell, column) => isCloseCell(other[column]!, cell));
  });
}

function isCloseCell(old: string, cell: string): boolean {
  if (!/^\d+$/.test(old) || !/^\d+$/.test(cell)) return old === cell;
  return Math.abs(Number(cell) - Number(old)) <= Math.max(2, Number(old) / 4);
}

function cellsOf(table: string): string[][] {
  return table.split("\n").filter((line) => line.startsWith("|") && !/^\|[-| ]+\|$/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
}
