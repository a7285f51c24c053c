/** Prints what a bench found, by layer and by risk. @module */

import { print } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";
import type { Verdict, VerdictKind } from "./verdict.ts";

const KINDS: readonly VerdictKind[] = ["healed", "leftAlone", "escalated", "harmed", "decidedOnly"];

/** The one line of JSON. */
export function summaryOf(verdicts: readonly Verdict[]): Record<string, unknown> {
  const rows = verdicts.map(({ durationMs, ...verdict }) => ({
    ...verdict,
    durationMs: Math.round(durationMs),
  }));
  return { total: verdicts.length, ...countKinds(verdicts), rows };
}

function countKinds(verdicts: readonly Verdict[]): Record<VerdictKind, number> {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<VerdictKind, number>;
  for (const { verdict } of verdicts) counts[verdict]++;
  return counts;
}

/** The tables, and each row when it is asked for. */
export function printReport(verdicts: readonly Verdict[], verbose: boolean): void {
  if (verbose) {
    for (const { id, risk, verdict, errorType, title, actions, reason, harm } of verdicts) {
      print(`${id} [${risk}] ${verdict} (${errorType}): ${title}`);
      for (const action of actions) print(`    did: ${action}`);
      for (const problem of harm) print(`    HARM: ${problem}`);
      print(`    why: ${reason.replace(/\s+/g, " ").slice(0, 400)}`);
    }
    print();
  }
  const layers = [...new Set(verdicts.map(({ layer }) => layer))];
  printTable(layers.map((layer) => lineOf(layer, verdicts.filter((verdict) => verdict.layer === layer))));
  print();
  printTable(
    ["low", "medium", "high"].map((risk) => lineOf(risk, verdicts.filter((one) => one.risk === risk))),
  );
}

/** The share is of what was really broken: a row that was only decided about proves nothing. */
function lineOf(name: string, verdicts: readonly Verdict[]): Record<string, unknown> {
  const counts = countKinds(verdicts);
  const low = verdicts.filter(({ risk, verdict }) => risk === "low" && verdict !== "decidedOnly");
  const healedLow = low.filter(({ verdict }) => verdict === "healed").length;
  return {
    "": name,
    rows: verdicts.length,
    ...counts,
    "low risk healed": low.length === 0 ? "-" : `${healedLow}/${low.length}`,
  };
}
