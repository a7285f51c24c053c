/** A small project on disk, for gates to judge. @module */

import assert from "node:assert/strict";
import { createGateContext, type Gate, type GateContextOptions } from "../../scripts/lib/gate.ts";

/** What a gate said about a project, and what it wrote. */
export interface Judgement {
  problems: string[];
  notes: string[];
  /** The text of a file after the gate ran. */
  read(path: string): string | undefined;
}

/** Runs a gate over a project that consists of the given files. */
export async function judge(
  gate: Gate,
  files: Record<string, string>,
  options: GateContextOptions = {},
): Promise<Judgement> {
  const root = await Deno.makeTempDir({ prefix: "gate-" });
  try {
    await writeTree(root, files);
    const notes: string[] = [];
    const context = createGateContext(root, { ...options, note: (line) => notes.push(line) });
    const problems = await gate.run(context);
    const after = new Map<string, string>();
    for (const path of await createGateContext(root).files()) {
      after.set(path, await Deno.readTextFile(`${root}/${path}`));
    }
    return { problems, notes, read: (path) => after.get(path) };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function writeTree(root: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = `${root}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
}

/** Fails unless the gate accepts the project. */
export async function accepts(
  gate: Gate,
  files: Record<string, string>,
  options?: GateContextOptions,
): Promise<void> {
  assert.deepEqual((await judge(gate, files, options)).problems, []);
}

/** Fails unless the gate has exactly these problems, each described by a pattern. */
export async function refuses(
  gate: Gate,
  files: Record<string, string>,
  patterns: RegExp[],
  options?: GateContextOptions,
): Promise<void> {
  const { problems } = await judge(gate, files, options);
  assert.equal(problems.length, patterns.length, `problems:\n${problems.join("\n")}`);
  for (const pattern of patterns) {
    assert.ok(problems.some((problem) => pattern.test(problem)), `${pattern} in:\n${problems.join("\n")}`);
  }
}
