/** Tests of a project's files. @module */

import { HealingError } from "../core/errors.ts";
import type { RpcPort } from "../core/ports.ts";
import { type FileTestRow, saveFileTests } from "../engineDb.ts";
import { HARNESS, HARNESS_FILE } from "./harness.ts";
import { type Probe, probesOf } from "./probes.ts";
import { isSource, Project, type SourceFile } from "./project.ts";
import {
  type Outcome,
  renderTests,
  TEST_FOLDER,
  type TestFile,
  testPathOf,
  type TestRunner,
} from "./render.ts";

/** The probes of one file. */
export interface FileProbes {
  source: string;
  probes: Probe[];
}

/** Runs the probes on the version that is good; what comes out otherwise at each try is left out. */
export type OutcomeRecorder = (
  files: readonly SourceFile[],
  probes: readonly FileProbes[],
) => Promise<ReadonlyMap<string, ReadonlyMap<string, Outcome>>>;

/** How tests are made. */
export interface GenerateOptions {
  /** `deno` for edge functions, otherwise `vitest`. */
  runner?: TestRunner;
  /** Without one nothing is compared with what it was. */
  record?: OutcomeRecorder;
}

/** What was made. */
export interface GeneratedTests {
  /** To write beside the project, the harness among them. */
  files: TestFile[];
  /** Tests in all. */
  tests: number;
  /** Sources that got none, and why. */
  skipped: { path: string; reason: string }[];
}

const MOST_FILES = 2_000;
const LONGEST_FILE = 500_000;

/** Makes the tests; see the door. */
export async function generateTests(
  files: readonly SourceFile[],
  framework: string,
  projectId: string,
  client?: RpcPort,
  { runner = framework.includes("edge") || framework === "deno" ? "deno" : "vitest", record }:
    GenerateOptions = {},
): Promise<GeneratedTests> {
  refuseTooMuch(files);
  const { probes, skipped } = probeFiles(files);
  const recorded = record === undefined ? undefined : await record(files, probes);
  const made = probes.flatMap(
    ({ source, probes: all }): { source: string; probes: Probe[]; file: TestFile }[] => {
      const known = recorded?.get(source);
      // What could not be recorded steadily shows nothing.
      const steady = recorded === undefined ? all : all.filter(({ name }) => known?.has(name));
      if (steady.length === 0) {
        skipped.push({ path: source, reason: "nothing it does comes out the same twice" });
        return [];
      }
      return [{ source, probes: steady, file: renderTests(source, steady, known, runner) }];
    },
  );
  if (client !== undefined && made.length > 0) {
    await saveFileTests(
      client,
      projectId,
      made.map((one) => rowOf(one, framework)),
    );
  }
  return {
    files: made.length === 0
      ? []
      : [{ path: `${TEST_FOLDER}/${HARNESS_FILE}`, code: HARNESS }, ...made.map(({ file }) => file)],
    tests: made.reduce((sum, one) => sum + one.probes.length, 0),
    skipped,
  };
}

function refuseTooMuch(files: readonly SourceFile[]): void {
  if (files.length > MOST_FILES) {
    throw new HealingError("PAYLOAD_TOO_LARGE", `${files.length} files are more than ${MOST_FILES}`, {
      hint: "Send fewer at once",
    });
  }
  const wrong = files.find(({ path }) =>
    path.startsWith("/") || path.includes("\\") || path.includes("\0") || path.split("/").includes("..")
  );
  if (wrong !== undefined) {
    throw new HealingError(
      "BAD_REQUEST",
      `The path ${JSON.stringify(wrong.path.slice(0, 200))} leaves the project`,
      {
        hint: "Send paths relative to the project",
      },
    );
  }
}

function probeFiles(
  files: readonly SourceFile[],
): { probes: FileProbes[]; skipped: GeneratedTests["skipped"] } {
  const project = new Project(files.filter(({ content }) => content.length <= LONGEST_FILE));
  const skipped: GeneratedTests["skipped"] = [];
  const probes = files.filter(({ path }) => isSource(path)).flatMap(({ path }): FileProbes[] => {
    const module = project.module(path);
    if (module === null) {
      skipped.push({ path, reason: "it cannot be read" });
      return [];
    }
    const found = named(probesOf(module, project));
    if (found.length === 0) {
      skipped.push({ path, reason: "it exports nothing that can be asked without harm" });
    }
    return found.length === 0 ? [] : [{ source: path, probes: found }];
  });
  return { probes, skipped };
}

/** Names are what a recording is looked up by, so no two are alike. */
function named(probes: readonly Probe[]): Probe[] {
  const seen = new Map<string, number>();
  return probes.map((probe) => {
    const count = (seen.get(probe.name) ?? 0) + 1;
    seen.set(probe.name, count);
    return count === 1 ? probe : { ...probe, name: `${probe.name} (${count})` };
  });
}

function rowOf(
  { source, probes, file }: { source: string; probes: Probe[]; file: TestFile },
  framework: string,
): FileTestRow {
  const types = new Set(probes.map(({ type }) => type));
  return {
    test_name: `tests of ${source}`,
    test_type: types.has("handler") ? "handler" : types.has("component") ? "component" : "unit",
    test_prompt: `${probes.length} calls of ${source}`,
    files: [source],
    test_file: testPathOf(source),
    test_code: file.code,
    framework,
  };
}
