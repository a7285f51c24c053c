/**
 * `deno run --allow-all scripts/bench/jsonParserPeers.ts [--write]`: measures our JSON parser against its peers and
 * prints the table; `--write` puts it into docs/robust-json-parser.md and README.md.
 *
 * Quality is measured on generated cases and on the golden ones, all categories weighed equally. The generator is
 * ours and was written with our rules in mind, so read the figures as "how far by these rules", not as a verdict.
 *
 * @module
 */

import { HOSTILE_SHAPES } from "../../tests/helpers/hostileJson.ts";
import { markdownTable, writeIntoDocument } from "../lib/documentTable.ts";
import { print } from "../lib/print.ts";
import { CONTESTANTS } from "./peers/contestants.ts";
import type { Quality } from "./peers/trial.ts";

const TRIAL = new URL("./peers/trial.ts", import.meta.url).pathname;
const DOCUMENTS = ["../../docs/robust-json-parser.md", "../../README.md"];
const COLUMNS = [
  "parser",
  "exact",
  "silently wrong",
  "accepts non-JSON",
  "valid, MB/s",
  "one defect, MB/s",
  "two defects a record, MB/s",
  "streaming 40 kB",
  "hostile, 100 kB, slowest",
];
const PATIENCE_MS = 60_000;
const HOSTILE_PATIENCE_MS = 10_000;

/** What a process printed; undefined when it died or was stopped. */
async function trial<Result>(name: string, args: string[], patienceMs: number): Promise<Result | undefined> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", TRIAL, name, ...args],
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(patienceMs),
  }).spawn();
  const { code, stdout } = await child.output();
  return code === 0 ? JSON.parse(new TextDecoder().decode(stdout)) : undefined;
}

async function speedOf(name: string, text: string): Promise<string> {
  const speed = await trial<number | string>(name, ["speed", text], PATIENCE_MS);
  if (speed === undefined) return "does not end";
  return typeof speed === "string" ? speed : speed < 10 ? speed.toFixed(1) : speed.toFixed(0);
}

async function streamOf(name: string): Promise<string> {
  const ms = await trial<number>(name, ["stream"], PATIENCE_MS);
  return ms === undefined ? "does not end" : `${ms.toFixed(0)} ms`;
}

/** The slowest shape, and the shapes that ended the process or took too long. */
async function hostileOf(name: string): Promise<string> {
  let slowest = 0;
  let lost = 0;
  for (const shape of Object.keys(HOSTILE_SHAPES)) {
    const ms = await trial<number>(name, ["hostile", shape], HOSTILE_PATIENCE_MS);
    if (ms === undefined) lost++;
    else slowest = Math.max(slowest, ms);
  }
  const text = `${slowest.toFixed(0)} ms`;
  return lost === 0
    ? text
    : `${text}; ${lost} of ${Object.keys(HOSTILE_SHAPES).length} end the process or take over 10 s`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

async function rowOf(name: string): Promise<string[]> {
  const quality = await trial<Quality>(name, ["quality"], PATIENCE_MS);
  const cells = quality === undefined
    ? ["ends the process", "", ""]
    : [percent(quality.exact), percent(quality.wrong), percent(quality.acceptsOther)];
  for (const text of ["valid", "one", "two"]) cells.push(await speedOf(name, text));
  cells.push(await streamOf(name), await hostileOf(name));
  return [name, ...cells];
}

async function measure(): Promise<string> {
  const rows: string[][] = [];
  for (const { name } of CONTESTANTS) {
    const row = await rowOf(name);
    rows.push(row);
    print(row.join(" | "));
  }
  return markdownTable(COLUMNS, rows);
}

const table = await measure();
if (Deno.args.includes("--write")) {
  for (const path of DOCUMENTS) await writeIntoDocument(new URL(path, import.meta.url), "peers", table);
}
