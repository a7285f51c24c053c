/** `deno task chaos` from its arguments to its exit code. @module */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { print, printError } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";
import { FAULT_KINDS, type FaultKind } from "./plan.ts";
import { type ChaosReport, runChaos } from "./run.ts";

const USAGE = `Usage: deno task chaos [--seconds 180] [--seed N] [--kinds "KIND,KIND"] [--json]
  --seconds N   how long faults are committed; 180. Starting and ending come on top.
  --seed N      the schedule of faults, to repeat one; a new one when left out, and printed
  --kinds LIST  only these: ${FAULT_KINDS.join(", ")}
  --json        ends with one line of JSON; progress goes to standard error
  Ends with 1 when an invariant was broken, with 2 when a run could not be made.`;

interface Arguments {
  seconds: number;
  seed: number;
  kinds: readonly FaultKind[];
  json: boolean;
}

/** The arguments, or undefined when they are none. */
export function parseArguments(args: readonly string[]): Arguments | undefined {
  const found: Arguments = {
    seconds: 180,
    seed: crypto.getRandomValues(new Uint32Array(1))[0]!,
    kinds: FAULT_KINDS,
    json: false,
  };
  for (let index = 0; index < args.length; index++) {
    const [name, joined] = args[index]!.split(/=(.*)/s);
    if (name === "--json") {
      found.json = true;
      continue;
    }
    const value = joined ?? args[++index];
    if (value === undefined) return undefined;
    if (name === "--kinds") {
      const kinds = value.split(",").map((kind) => FAULT_KINDS.find((known) => known === kind.trim()));
      if (kinds.includes(undefined)) return undefined;
      found.kinds = kinds as FaultKind[];
    } else if (name === "--seed" && /^\d{1,10}$/.test(value)) found.seed = Number(value);
    else if (name === "--seconds" && /^[1-9]\d{0,4}$/.test(value)) found.seconds = Number(value);
    else return undefined;
  }
  return found;
}

/** Runs and prints; the exit code. */
export async function runChaosProgram(args: readonly string[]): Promise<number> {
  const options = parseArguments(args);
  if (options === undefined) {
    printError(USAGE);
    return 2;
  }
  if (Deno.build.os !== "linux") {
    printError("A chaos run reads /proc to find what it kills: it runs on Linux only.");
    return 2;
  }
  const { json, ...wanted } = options;
  const logFile = await Deno.makeTempFile({ prefix: "chaos-", suffix: ".log" });
  const run = runChaos({ ...wanted, logFile, onProgress: json ? printError : print });
  const report = await run.catch((error) => {
    printError(`The run of seed ${options.seed} could not be made: ${messageOf(error)}; the log: ${logFile}`);
    return undefined;
  });
  if (report === undefined) return 2;
  const broken = brokenOf(report);
  if (json) print(JSON.stringify({ ...report, broken }));
  else printReport(report);
  for (const line of broken) printError(line);
  if (broken.length === 0) {
    await Deno.remove(logFile);
    return 0;
  }
  printError(
    `Repeat it: deno task chaos --seconds ${options.seconds} --seed ${options.seed}; the log: ${logFile}`,
  );
  return 1;
}

/** One line for each invariant that did not hold. */
export function brokenOf({ judgements, brokenMidway }: ChaosReport): string[] {
  return [
    ...judgements.filter(({ isBroken }) => isBroken).map((judgement) => ({ ...judgement, after: "the end" })),
    ...brokenMidway,
  ].map(({ name, value, atMost, found, after }) =>
    `BROKEN after ${after}: ${name}: ${value}, at most ${atMost} (${found.join("; ")})`
  );
}

function printReport(report: ChaosReport): void {
  print(`\nSchedule of seed ${report.seed}:`);
  printTable(
    report.faults.map(({ atMs, kind, told }) => ({ "at, s": (atMs / 1_000).toFixed(1), fault: kind, told })),
  );
  print("\nAnswers to clients:");
  printTable(Object.entries(report.answers).map(([answer, times]) => ({ answer, times })));
  print("\nEnds of the healing:");
  printTable(Object.entries(report.outcomes).map(([end, times]) => ({ end, times })));
  print("\nMemory:");
  printTable(report.memory.map(({ name, processes, largestMb, gainedMbPerMinute: gained }) => ({
    process: name,
    lives: processes,
    "largest, MB": largestMb.toFixed(0),
    "growth, MB a minute": gained?.toFixed(1) ?? "too short a life",
  })));
  const { first, most, last } = report.connections;
  print(
    `\nConnections: ${first} at first, ${most} at most, ${last} at last. The stack was started ${report.stackStarts} times.`,
  );
  print(`Looked at ${report.checksMidway} times on the way, and after ${report.settleRounds} days of rest:`);
  printTable(report.judgements.map(({ name, value, atMost, isBroken }) => ({
    invariant: name,
    found: Number(value.toFixed(1)),
    "at most": atMost,
    holds: isBroken ? "NO" : "yes",
  })));
}
