/** The question to a model about an error. @module */

import { MODEL_KINDS } from "./modelKinds.ts";
import type { AnalysisRequest, AnalysisSubject, ErrorAnalysis, Fence } from "./types.ts";

/** Goes up with every change of the question: an answer to another question is not given again. */
export const QUESTION_VERSION = "1";

const MAX_MESSAGE = 2_000;
const MAX_STACK = 4_000;
const MAX_REPORT = 12_000;

const TASK = `You explain errors of a Postgres and Supabase backend and propose fixes.
Explain in two or three sentences what failed and why, name likely causes, and propose at most three fixes.
A fix is one of these kinds and nothing else: ${MODEL_KINDS.join(", ")}.
Propose nothing when none of them would mend the cause: an empty list is a good answer.
Name only objects that the error itself names. Give each fix the confidence (0 to 1) that you have in it, and why.
Whatever you propose is checked, tried in a transaction that is rolled back, and may be refused.`;

/** The messages: the task and the rule about data for the system, everything else fenced as data. */
export async function askAbout(
  subject: AnalysisSubject,
  { fence, rules, changes }: { fence: Fence; rules: ErrorAnalysis; changes: readonly string[] },
): Promise<AnalysisRequest<unknown>["messages"]> {
  const report = await fence(reportOf(subject, rules, changes), {
    label: "error report",
    maxLength: MAX_REPORT,
  });
  return [
    { role: "system", content: `${TASK}\n${report.rule}` },
    { role: "user", content: `The error:\n${report.text}` },
  ];
}

function reportOf(subject: AnalysisSubject, rules: ErrorAnalysis, changes: readonly string[]): string {
  const { facts, stackTrace, functionName, source, hint, patterns = [] } = subject;
  const { place = {} } = facts;
  return [
    section("code", facts.code),
    section("class", facts.errorType),
    section("source", `${source}${functionName === undefined ? "" : `, function ${functionName}`}`),
    section("place", Object.entries(place).map(([name, value]) => `${name} ${value}`).join(", ")),
    section("message", cut(facts.message, MAX_MESSAGE)),
    section("hint of the database", cut(hint ?? "", 500)),
    section("waiting operations", facts.queuedOperations === 0 ? "" : `${facts.queuedOperations}`),
    section("what the rules say", rules.causes.join("; ")),
    section("known patterns", patterns.slice(0, 10).join("; ")),
    section("what changed lately", changes.join("; ")),
    section("stack trace", cut(stackTrace ?? "", MAX_STACK)),
  ].filter((text) => text !== "").join("\n");
}

function section(name: string, text: string): string {
  return text === "" ? "" : `${name}: ${text}`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)} …`;
}
