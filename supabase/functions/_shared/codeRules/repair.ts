/**
 * Mends files that do not parse: each rule proposes small edits for the place at which the parser stopped, and only what
 * makes the parser take the whole text is a repair. Several defects in one file are mended one after the other.
 *
 * @module
 */

import type { TextEdit } from "../core/codeEdits.ts";
import type { SyntaxProblem } from "../core/codeSyntax.ts";
import type { FileModel } from "./fileModel.ts";
import { maskMarkup } from "./markup.ts";
import type { CodeRule, Finding } from "./model.ts";
import { type Scan, scanCode } from "./scan.ts";

/** What a rule that repairs syntax proposes. */
export interface Candidate {
  description: string;
  confidence: number;
  edits: TextEdit[];
}

/** The place at which the parser stopped, with the text around it. */
export interface BrokenPlace {
  file: FileModel;
  text: string;
  problem: SyntaxProblem;
  scan: Scan;
}

/** A rule that proposes repairs. */
export interface RepairRule extends CodeRule {
  propose(place: BrokenPlace): Candidate[];
}

interface Repaired {
  rule: string;
  description: string;
  confidence: number;
  text: string;
}

const MOST_STEPS = 4;
/** Texts that are parsed for one file at the most: a broken file costs as much as that many whole ones. */
const MOST_TRIES = 60;
/** Characters that are parsed for one file at the most: about a second of work. */
const MOST_PARSED = 2_000_000;

/** Finds the repair of a file; null when none makes it parse. */
export function findRepair(file: FileModel, rules: readonly RepairRule[]): Repaired | null {
  const budget = { tries: Math.min(MOST_TRIES, Math.ceil(MOST_PARSED / (file.content.length + 1))) };
  return search(file, file.content, rules, MOST_STEPS, budget);
}

function search(
  file: FileModel,
  text: string,
  rules: readonly RepairRule[],
  steps: number,
  budget: { tries: number },
): Repaired | null {
  const problem = firstProblem(file, text);
  if (problem === undefined || steps === 0) return null;
  const place = {
    file,
    text,
    problem,
    scan: scanCode(file.kind === "script" ? text : maskMarkup(text).code, true),
  };
  const further: (Repaired & { at: number })[] = [];
  for (const { rule, edits, description, confidence } of candidatesOf(place, rules)) {
    if (budget.tries-- <= 0) return null;
    const next = edited(text, edits);
    if (next === null || next === text) continue;
    const left = firstProblem(file, next);
    const step = { rule, description, confidence, text: next };
    if (left === undefined) return step;
    // Where the parser gets clearly further, the rest is another defect.
    if (lineAt(next, left.at) > lineAt(text, problem.at)) further.push({ ...step, at: left.at });
  }
  for (const step of further.toSorted((one, other) => other.at - one.at).slice(0, 3)) {
    const rest = search(file, step.text, rules, steps - 1, budget);
    if (rest === null) continue;
    return {
      rule: step.rule,
      description: `${step.description}; ${rest.description}`,
      confidence: Math.min(step.confidence, rest.confidence),
      text: rest.text,
    };
  }
  return null;
}

/** The surest first; among equals the rules' own order. */
function candidatesOf(place: BrokenPlace, rules: readonly RepairRule[]): (Candidate & { rule: string })[] {
  const all = rules.flatMap((rule) => rule.propose(place).map((one) => ({ ...one, rule: rule.name })));
  return all.toSorted((one, other) => other.confidence - one.confidence);
}

/** The first thing that the parser cannot get past; what it recovers from has rules of its own. */
function firstProblem(file: FileModel, text: string): SyntaxProblem | undefined {
  const tree = text === file.content ? file.tree : file.parseAs(text);
  const { program, problems } = tree;
  if (program === null) return problems[0];
  return problems.find(({ reason }) => !HAS_RULE.has(reason));
}

/** What rules on the tree mend. */
const HAS_RULE = new Set([
  "VarRedeclaration",
  "DuplicateExport",
  "DuplicateDefaultExport",
  "AwaitNotInAsyncContext",
  "ModuleExportUndefined",
]);

function lineAt(text: string, at: number): number {
  let line = 0;
  for (let next = text.indexOf("\n"); next !== -1 && next < at; next = text.indexOf("\n", next + 1)) line++;
  return line;
}

/** Edits of a candidate are few and made at once, without the editor's bookkeeping. */
function edited(text: string, edits: readonly TextEdit[]): string | null {
  let result = text;
  let last = Number.POSITIVE_INFINITY;
  for (const { start, end, text: added } of edits.toSorted((one, other) => other.start - one.start)) {
    if (end > last || start < 0) return null;
    // A line that is added breaks as the others do.
    const broken = text.includes("\r\n") ? added.replace(/\r?\n/g, "\r\n") : added;
    result = result.slice(0, start) + broken + result.slice(end);
    last = start;
  }
  return result;
}

/** Makes a rule of what proposes repairs; `all` gives the rules that are searched together. */
export function repairRule(name: string, propose: RepairRule["propose"]): RepairRule {
  return {
    name,
    severity: "error",
    autoFixable: true,
    appliesTo: ["script", "vue", "svelte"],
    readsBroken: true,
    propose,
    check: (file) => findingOf(file, name),
  };
}

const REPAIRS = new WeakMap<FileModel, Repaired | null>();

/** Searches once for each file, whichever rule asks first. */
export function prepareRepair(file: FileModel, rules: readonly RepairRule[]): Repaired | null {
  let repair = REPAIRS.get(file);
  if (repair === undefined) REPAIRS.set(file, repair = file.isWhole ? null : findRepair(file, rules));
  return repair;
}

function findingOf(file: FileModel, name: string): Finding[] {
  const repair = REPAIRS.get(file);
  if (repair === undefined || repair === null || repair.rule !== name) return [];
  const edit = difference(file.content, repair.text);
  return [{
    message: repair.description,
    at: edit.start,
    fix: {
      description: repair.description,
      confidence: repair.confidence,
      edits: [{ path: file.path, ...edit }],
    },
  }];
}

/** The one place at which two texts differ. */
function difference(before: string, after: string): TextEdit {
  let start = 0;
  const most = Math.min(before.length, after.length);
  while (start < most && before[start] === after[start]) start++;
  let [end, other] = [before.length, after.length];
  while (end > start && other > start && before[end - 1] === after[other - 1]) {
    [end, other] = [end - 1, other - 1];
  }
  return { start, end, text: after.slice(start, other) };
}

/** The spaces at the start of the line of a place. */
export function indentAt(text: string, at: number): string {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, start + 200))![0];
}

/** The end of the line of a place. */
export function lineEndAt(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

/** The start of the first line below a place that is not empty and not deeper than `indent`; undefined at the end. */
export function nextOutdent(text: string, at: number, indent: string): number | undefined {
  let start = lineEndAt(text, at) + 1;
  while (start < text.length) {
    const line = text.slice(start, lineEndAt(text, start));
    if (line.trim() !== "" && /^[ \t]*/.exec(line)![0].length <= indent.length) return start;
    start += line.length + 1;
  }
  return undefined;
}

/** The end of the code before a place. */
export function codeEndBefore(text: string, at: number): number {
  let end = at;
  while (end > 0 && /\s/.test(text[end - 1]!)) end--;
  return end;
}

/** An insertion. */
export function insertion(at: number, text: string): TextEdit {
  return { start: at, end: at, text };
}
