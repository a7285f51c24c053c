/**
 * Asks a model for the edits that mend one file.
 *
 * Secrets and personal data leave as names and come back as they were; where they cannot be told from the rest, nothing
 * is sent. A large file is sent as the parts around its errors. A refusal is an answer and ends the asking; so does
 * a client that has no money, no key or no endpoint left, which has made its own attempts.
 *
 * @module
 */

import { isHealingError, messageOf } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import { z } from "../core/validation.ts";
import { type MaskedText, maskSecrets, sanitizeText } from "../errorSanitizer.ts";
import type { CodeIssue } from "../codeRules.ts";
import { fenceCode } from "./codeFence.ts";
import type { CodeAnswer, CodeEdit, CodeRepairRequest } from "./codeModel.ts";

/** What is asked of a model. */
interface EditRequest<T> {
  messages: readonly { role: "system" | "user"; content: string }[];
  purpose: string;
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: unknown } };
  jsonSchema: { name: string; schema: Record<string, EditSchema> };
  maxOutputTokens: number;
  timeoutMs: number;
  allowPartial: false;
  maxReasks: number;
  signal?: AbortSignal;
}

/** Any JSON value. */
type EditSchema = string | number | boolean | null | EditSchema[] | { [key: string]: EditSchema };

/** A model, as far as code needs one: the client of `aiClient.ts` fits. */
export interface EditingModel {
  completeJson<T>(
    request: EditRequest<T>,
  ): Promise<{ kind: "answered"; value: T } | { kind: "refused"; by: string; message: string }>;
}

/** What a code model is made of. */
export interface CodeModelMeans {
  model: EditingModel;
  /** Time for one question with its retries, in milliseconds; 40,000. */
  timeoutMs?: number;
  random?: Random;
}

const TIMEOUT_MS = 40_000;
const MAX_OUTPUT_TOKENS = 4_000;
/** A file that is longer is sent in parts. */
const WHOLE_CHARACTERS = 30_000;
const HEAD_LINES = 40;
const LINES_AROUND = 40;
const MOST_ISSUES = 20;

const TASK = `You mend one source file of a generated project, as little as possible.
Answer with JSON: {"edits": [{"find": "...", "replace": "..."}]}.
Each find is copied from the file exactly as it stands there, long enough to stand in it once; replace takes its place.
Change only what the listed errors need. Leave everything else as it is: no reformatting, no renaming, no new features.
Add no package that is not listed, no network call, no URL, no eval, and take no export away.
Names that begin with MASKED_ stand for values that you may not see: keep each where it is.
Where the file does not say what was meant, answer {"edits": []}; a person will look.`;

const reply = z.strictObject({
  edits: z.array(z.strictObject({ find: z.string().max(20_000), replace: z.string().max(20_000) })).max(40),
});

const REPLY_SCHEMA: Record<string, EditSchema> = {
  type: "object",
  additionalProperties: false,
  required: ["edits"],
  properties: {
    edits: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["find", "replace"],
        properties: { find: { type: "string" }, replace: { type: "string" } },
      },
    },
  },
};

/** Asks once; never rejects for what the model or its endpoint does. */
export async function askForEdits(
  means: CodeModelMeans,
  request: CodeRepairRequest,
  signal?: AbortSignal,
): Promise<CodeAnswer> {
  const masked = maskSecrets(request.content, means.random);
  if (masked === null) {
    return {
      kind: "none",
      reason: "the file holds a secret that cannot be told from the rest: it was not sent",
      ends: "file",
    };
  }
  try {
    const answer = await means.model.completeJson({
      messages: messagesFor(request, masked, means.random),
      purpose: "code_repair",
      schema: reply,
      jsonSchema: { name: "code_repair", schema: REPLY_SCHEMA },
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      timeoutMs: means.timeoutMs ?? TIMEOUT_MS,
      allowPartial: false,
      maxReasks: 1,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind === "refused") {
      return { kind: "none", reason: `the model refused (${answer.by})`, ends: "file" };
    }
    return readEdits(answer.value.edits, masked);
  } catch (thrown) {
    return failureOf(thrown);
  }
}

function readEdits(edits: readonly CodeEdit[], masked: MaskedText): CodeAnswer {
  if (edits.length === 0) return { kind: "none", reason: "the model left it to a person", ends: "file" };
  if (namesIn(edits, "find", masked) !== namesIn(edits, "replace", masked)) {
    return { kind: "none", reason: "the answer moves a value that it may not see", ends: "round" };
  }
  const own = edits.map(({ find, replace }) => ({
    find: masked.unmask(find),
    replace: masked.unmask(replace),
  }));
  return own.some(({ find, replace }) => replace.includes("MASKED_") && !find.includes("MASKED_"))
    ? { kind: "none", reason: "the answer uses a name of a value that is not there", ends: "round" }
    : { kind: "edits", edits: own };
}

/** Which masked values a side of the edits has, and how often each. */
function namesIn(edits: readonly CodeEdit[], side: keyof CodeEdit, { secrets }: MaskedText): string {
  return edits.map((edit) =>
    [...secrets.keys()].flatMap((name) => Array(edit[side].split(name).length - 1).fill(name)).join(" ")
  ).join("\n");
}

/** What was written wrongly may be written rightly; what the client gave up on has had its retries. */
function failureOf(thrown: unknown): CodeAnswer {
  const code = isHealingError(thrown) ? thrown.code : "";
  const reason = `the model gave no answer${code === "" ? "" : ` (${code})`}: ${
    sanitizeText(messageOf(thrown), { maxLength: 200 })
  }`;
  return { kind: "none", reason, ends: /^JSON_/.test(code) ? "round" : "run" };
}

function messagesFor(
  { path, issues, packages = [], refusal }: CodeRepairRequest,
  masked: MaskedText,
  random?: Random,
): EditRequest<unknown>["messages"] {
  const lines = masked.text.split("\n");
  const fenced = fenceCode([
    { label: "path", text: path },
    { label: "errors", text: issues.slice(0, MOST_ISSUES).map((issue) => told(issue, lines)).join("\n") },
    { label: "file", text: partsOf(masked.text, lines, issues) },
    { label: "packages", text: packages.join(", ") || "none are listed" },
    ...(refusal === undefined
      ? []
      : [{ label: "why the last answer was not taken", text: sanitizeText(refusal, { maxLength: 500 }) }]),
  ], random);
  return [
    { role: "system", content: `${TASK}\n${fenced.rule}` },
    { role: "user", content: fenced.sections },
  ];
}

/** A message may quote the file, and with it a secret; the line stands in the file as it is sent. */
function told({ line, rule, message }: CodeIssue, lines: readonly string[]): string {
  const near = (lines[line - 1] ?? "").trim().slice(0, 160);
  return `line ${line}: ${rule}: ${sanitizeText(message, { maxLength: 300 })} | ${near}`;
}

/** The whole of it, or its head and what stands around the errors. */
function partsOf(text: string, lines: readonly string[], issues: readonly CodeIssue[]): string {
  if (text.length <= WHOLE_CHARACTERS) return text;
  const wanted = new Set(Array.from({ length: HEAD_LINES }, (_, index) => index));
  for (const { line } of issues.slice(0, MOST_ISSUES)) {
    for (let at = line - LINES_AROUND; at <= line + LINES_AROUND; at++) wanted.add(at - 1);
  }
  const parts: string[] = [];
  let size = 0;
  let isGap = false;
  for (const [index, line] of lines.entries()) {
    if (!wanted.has(index) || size + line.length > 2 * WHOLE_CHARACTERS) {
      if (!isGap) parts.push("[lines left out]");
      isGap = true;
      continue;
    }
    parts.push(line);
    size += line.length;
    isGap = false;
  }
  return parts.join("\n");
}
