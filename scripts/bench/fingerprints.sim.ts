/**
 * Fingerprints on labelled failures: split = P(different | same cause), merge = P(same | different cause), for every
 * set; and what one costs, also when the message or the stack is ten megabytes of something hostile.
 *
 * `--cases FILE` judges a set of your own instead: one JSON object a line, `{group, type?, message, stack?, code?}`,
 * where lines with the same group have the same cause. `--json` prints the findings as one JSON text.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import {
  fingerprintError,
  type FingerprintInput,
} from "../../supabase/functions/_shared/errorFingerprint.ts";
import type { Cause } from "../../tests/unit/errorFingerprint/cause.ts";
import { readCases } from "../../tests/unit/errorFingerprint/cases.ts";
import { judge } from "../../tests/unit/errorFingerprint/judge.ts";
import { LABELLED_SETS } from "../../tests/unit/errorFingerprint/sets.ts";
import { print } from "../lib/print.ts";
import { brokenBounds, type Finding, reportFindings } from "../lib/simulation.ts";

const SPLIT = { atMost: 5 };
const MERGE = { atMost: 0.5 };
const MEGABYTE = 1_000_000;
/** Time is that of the processor, so that a busy machine does not count against the code. */
const HOSTILE_PARTS = [
  "a ",
  "1 ",
  "[",
  '{"',
  "'",
  '"\\',
  "/a",
  "1-",
  "x=",
  "user jane ",
  "12 Mar ",
  "5 m",
  "日本",
  "Key (a)=(",
  "select ",
];

/** Split and merge of each set, in percent. */
export async function judgeSets(sets: Readonly<Record<string, readonly Cause[]>>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [scenario, causes] of Object.entries(sets)) {
    const { samePairs, splits, differentPairs, merges } = await judge(causes);
    findings.push(
      { scenario, figure: "split, %", value: 100 * splits.length / samePairs, runs: samePairs, bound: SPLIT },
      {
        scenario,
        figure: "merge, %",
        value: 100 * merges.length / differentPairs,
        runs: differentPairs,
        bound: MERGE,
      },
      { scenario, figure: "ns for one", value: await timeOfOne(causes), runs: 5 },
    );
  }
  return findings;
}

async function timeOfOne(causes: readonly Cause[]): Promise<number> {
  const errors = causes.flatMap(({ variants }) => variants);
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const startedAt = performance.now();
    for (const error of errors) await fingerprintError(error);
    times.push(performance.now() - startedAt);
  }
  return Math.round(1e6 * Math.min(...times) / errors.length);
}

/** The slowest of the hostile texts at one and at ten megabytes, and how the two compare. */
async function timeHostile(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const field of ["message", "stack"] as const) {
    const small = await slowest(field, MEGABYTE);
    const large = await slowest(field, 10 * MEGABYTE);
    const scenario = `hostile ${field}`;
    findings.push(
      {
        scenario,
        figure: "slowest of 10 MB, ms of CPU",
        value: large,
        bound: { atMost: 5 },
        runs: HOSTILE_PARTS.length,
      },
      { scenario, figure: "10 MB against 1 MB", value: large / small, runs: HOSTILE_PARTS.length },
    );
  }
  return findings;
}

async function slowest(field: "message" | "stack", length: number): Promise<number> {
  const times: number[] = [];
  for (const part of HOSTILE_PARTS) {
    const text = part.repeat(Math.ceil(length / part.length));
    times.push(await fastestOf(15, { message: "x", [field]: text }));
  }
  return Math.max(...times);
}

async function fastestOf(rounds: number, error: FingerprintInput): Promise<number> {
  let fastest = Infinity;
  for (let round = 0; round < rounds; round++) {
    const startedAt = cpuUsage();
    await fingerprintError(error);
    const { user, system } = cpuUsage(startedAt);
    fastest = Math.min(fastest, (user + system) / 1_000);
  }
  return fastest;
}

async function main(args: readonly string[]): Promise<void> {
  const place = args.indexOf("--cases");
  const file = place < 0 ? undefined : args[place + 1];
  const sets = file === undefined ? LABELLED_SETS : { [file]: readCases(await Deno.readTextFile(file)) };
  const findings = [...await judgeSets(sets), ...await timeHostile()];
  if (!args.includes("--json")) return reportFindings(findings);
  print(JSON.stringify(findings));
  if (brokenBounds(findings).length > 0) Deno.exitCode = 1;
}

if (import.meta.main) await main(Deno.args);
