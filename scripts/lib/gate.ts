/**
 * What a gate is, and what it may look at.
 *
 * A gate reads the project through a {@link GateContext} and answers with problems; it never prints and never
 * ends the process. Because the context names the root, a test can point a gate at a tree that it must refuse.
 *
 * @module
 */

import { parseSource, type ts } from "./typescript.ts";

/** One rule of the house that a program can check. */
export interface Gate {
  /** The word that `deno task gates <name>` takes. */
  name: string;
  /** Answers with problems, each a sentence that says where it is and what to do; none means passed. */
  run(context: GateContext): Promise<string[]>;
}

/** The rows of one catalogue query. */
export type Rows = <Row extends object>(sql: string) => Promise<Row[]>;

/** What a gate may look at. */
export interface GateContext {
  /** The folder of the project, absolute and without a slash at the end. */
  root: string;
  /** True when files that a gate generates are to be written instead of compared. */
  write: boolean;
  /** Paths of all files of the project, relative to the root and sorted. */
  files(): Promise<string[]>;
  /** The text of a file. */
  read(path: string): Promise<string>;
  /** The syntax tree of a TypeScript file. */
  parse(path: string): Promise<ts.SourceFile>;
  /** Reads the catalogue of a fresh database that holds the platform and every migration. */
  rows: Rows;
  /** The same for a project that grants everything to everyone by itself, as projects did before 2026-10-30. */
  generousRows: Rows;
  /** Adds a line that is shown under the gate whether it passes or not. */
  note(line: string): void;
}

// The same names as in .gitignore: what is not part of the project is not judged.
const FOREIGN_FOLDERS = new Set([".git", ".data", ".temp", "node_modules", "coverage", "dist"]);
// In a second working tree of one repository `.git` is a file.
const FOREIGN_FILES = /(^\.env|\.log|^\.DS_Store|^\.git)$/;

/** Lists the files below a folder, relative to it and sorted, without what the project ignores. */
export async function listFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  async function enter(folder: string): Promise<void> {
    for await (const entry of Deno.readDir(`${root}/${folder}`)) {
      if (entry.isDirectory && !FOREIGN_FOLDERS.has(entry.name)) await enter(`${folder}${entry.name}/`);
      if (entry.isFile && !FOREIGN_FILES.test(entry.name)) found.push(`${folder}${entry.name}`);
    }
  }
  await enter("");
  return found.sort();
}

/** Settings of {@link createGateContext}. */
export interface GateContextOptions {
  write?: boolean;
  /** Where catalogue gates read; without it such a gate fails with a clear sentence. */
  rows?: Rows;
  generousRows?: Rows;
  note?: (line: string) => void;
}

/** A context that reads each file once. */
export function createGateContext(root: string, options: GateContextOptions = {}): GateContext {
  const texts = new Map<string, Promise<string>>();
  const trees = new Map<string, Promise<ts.SourceFile>>();
  let files: Promise<string[]> | undefined;

  function read(path: string): Promise<string> {
    return remember(texts, path, () => Deno.readTextFile(`${root}/${path}`));
  }
  return {
    root,
    write: options.write ?? false,
    files: () => files ??= listFiles(root),
    read,
    parse: (path) => remember(trees, path, async () => parseSource(path, await read(path))),
    rows: options.rows ?? refuseRows,
    generousRows: options.generousRows ?? refuseRows,
    note: options.note ?? (() => {}),
  };
}

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

function refuseRows(): Promise<never> {
  return Promise.reject(new TypeError("Cannot read the catalogue: this context has no database"));
}

/**
 * Compares a generated file with the one in the project, or writes it when the context says so.
 *
 * @returns the problems: none, or one sentence.
 */
export async function compareGenerated(context: GateContext, path: string, text: string): Promise<string[]> {
  const known = (await context.files()).includes(path) ? await context.read(path) : undefined;
  if (known === text) return [];
  if (context.write) {
    await Deno.mkdir(`${context.root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${context.root}/${path}`, text);
    context.note(`wrote ${path}`);
    return [];
  }
  const where = known === undefined ? "it is missing" : firstDifference(known, text);
  return [`${path} is out of date (${where}): run deno task gates --write and read the change`];
}

function firstDifference(known: string, wanted: string): string {
  const have = known.split("\n");
  const want = wanted.split("\n");
  const index = want.findIndex((line, at) => line !== have[at]);
  const line = index === -1 ? want.length : index;
  return `line ${line + 1} should be ${JSON.stringify(want[line] ?? "the end")}, is ${
    JSON.stringify(have[line] ?? "the end")
  }`;
}
