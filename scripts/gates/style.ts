/**
 * Fails where the code leaves the style of the house: an `any`, a console, a default export in the library, an
 * open end, a sleep in a test, a function or a file that grew too long.
 *
 * Where a rule makes one place worse, a line above it says so: `// style-ignore <rule>: why`. Waivers are counted
 * and shown, and one without a reason is a problem itself.
 *
 * @module
 */

import type { Gate, GateContext } from "../lib/gate.ts";
import { ruleFindings } from "./style/codeRules.ts";
import { measureFunctions, summarise } from "./style/functionLength.ts";
import type { Finding } from "./style/finding.ts";

/** The gate. */
export const styleGate: Gate = { name: "style", run: checkStyle };

const CODE = /^(supabase|scripts|tests|dashboard)\/.*\.tsx?$/;
const TEXT = /\.(tsx?|sql|md|toml|sh)$|^\.ci\//;
const GENERATED = /(^tests\/golden\/|\/database\.types\.ts$|^tests\/corpus\/)/;
const WAIVER = /\/\/ style-ignore ([\w-]+)(?:: *(.*))?$/;
const MAX_LINES = 300;
const MAX_SQL_LINES = 400;
// In two parts, so that the gate does not find itself.
const OPEN_END = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "HA" + "CK"].join("|")})\\b`);

async function checkStyle(context: GateContext): Promise<string[]> {
  const problems: string[] = [];
  const lengths: number[] = [];
  let waived = 0;
  for (const path of (await context.files()).filter((path) => TEXT.test(path) && !GENERATED.test(path))) {
    const lines = (await context.read(path)).split("\n");
    const findings = [...textFindings(path, lines), ...await codeFindings(context, path, lengths)];
    const waivers = new Map(lines.flatMap((line, index) => waiverOn(line, index)));
    waived += waivers.size;
    problems.push(...judgeWaivers(path, waivers), ...unwaived(path, findings, waivers));
  }
  const { summary, problem } = summarise(lengths);
  context.note(`${summary}; ${waived} waived`);
  return problem === undefined ? problems : [...problems, problem];
}

async function codeFindings(context: GateContext, path: string, lengths: number[]): Promise<Finding[]> {
  if (!CODE.test(path)) return [];
  const tree = await context.parse(path);
  const measured = measureFunctions(path, tree);
  lengths.push(...measured.lengths);
  return [...ruleFindings(path, tree), ...measured.findings];
}

function textFindings(path: string, lines: string[]): Finding[] {
  const findings = lines.flatMap((line, index): Finding[] =>
    OPEN_END.test(line)
      ? [{ rule: "open-end", line: index + 1, problem: "leaves an end open: do it, or open an issue" }]
      : []
  );
  const most = path.endsWith(".sql") ? MAX_SQL_LINES : MAX_LINES;
  if (!/\.(tsx?|sql)$/.test(path) || lines.length - 1 <= most) return findings;
  return [...findings, {
    rule: "long-file",
    line: 1,
    problem: `has ${lines.length - 1} lines, and ${most} is the most: make two files of it`,
  }];
}

interface Waiver {
  rule: string;
  reason: string;
}

function waiverOn(line: string, index: number): [number, Waiver][] {
  const match = WAIVER.exec(line);
  return match === null ? [] : [[index + 1, { rule: match[1]!, reason: match[2] ?? "" }]];
}

function judgeWaivers(path: string, waivers: Map<number, Waiver>): string[] {
  return [...waivers].filter(([, { reason }]) => reason.length < 10)
    .map(([line, { rule }]) =>
      `${path}:${line}: waives ${rule} without saying why: write the reason after a colon`
    );
}

function unwaived(path: string, findings: Finding[], waivers: Map<number, Waiver>): string[] {
  return findings.filter(({ rule, line }) =>
    waivers.get(line - 1)?.rule !== rule && waivers.get(line)?.rule !== rule
  ).map(({ rule, line, problem }) => `${path}:${line}: ${problem} (${rule})`);
}
