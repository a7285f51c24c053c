/**
 * Has a model write the files of a plan, a few at a time. What is whole of a cut reply is kept, and the rest is asked
 * for in smaller pieces. What comes back is checked before anything looks at it: a path that was not to be written is
 * refused with a code, a file that is too large or no text as well.
 *
 * @module
 */

import { HealingError, type HealingErrorCode, isHealingError } from "./core/errors.ts";
import { fitsJsonb } from "./core/jsonb.ts";
import { assertProjectFiles, type ProjectFile, type ProjectLimits } from "./core/projectPaths.ts";
import { isRecord } from "./core/unknownValues.ts";
import { z } from "./core/validation.ts";
import { JsonParseError, type JsonSchemaLike, type JsonValue } from "./robustJsonParser.ts";

/** What a model is asked. */
export interface WriterQuestion<T> {
  messages: readonly { role: "system" | "user"; content: string }[];
  purpose: string;
  schema: JsonSchemaLike<T>;
  jsonSchema: { name: string; schema: Record<string, JsonValue> };
  maxOutputTokens: number;
  maxContinuations: number;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** What writing needs of a client of models. */
export interface WriterModel {
  completeJson<T>(
    question: WriterQuestion<T>,
  ): Promise<{ kind: "answered"; value: T } | { kind: "refused"; by: string; message: string }>;
}

/** What is to be written. */
export interface WriteOrder {
  /** What was asked for; sanitised. */
  request: string;
  framework: string;
  /** All files of the plan. */
  plan: readonly { path: string; purpose: string }[];
  /** The files that are there already: what is written has to fit them. */
  written: readonly ProjectFile[];
  /** The paths to write now, of the plan. */
  wanted: readonly string[];
  limits: ProjectLimits;
  /** Puts the words of the outside into a prompt as data. */
  fence(text: string, options: { label: string }): Promise<{ text: string; rule: string }>;
}

/** What came of it. */
export interface WrittenFiles {
  /** Those of the wanted files that are whole, and helpers that came with them. */
  files: ProjectFile[];
  /** The reply was cut, so that fewer should be asked for next. */
  isCut: boolean;
}

const OUTPUT_TOKENS = 8_192;
/** Characters of files that are shown to the model, the latest ones first. */
const SHOWN = 24_000;

const filesReply = z.object({ files: z.array(z.object({ path: z.string(), content: z.string() })) });

const JSON_SCHEMA: Record<string, JsonValue> = {
  type: "object",
  additionalProperties: false,
  required: ["files"],
  properties: {
    files: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["path", "content"],
        properties: { path: { type: "string" }, content: { type: "string" } },
      },
    },
  },
};

/**
 * Writes the wanted files. An only file that is cut is asked to go on where it ended.
 *
 * @example
 * ```ts
 * import { writeFiles } from "./fileWriter.ts";
 *
 * const reply = { files: [{ path: "index.html", content: "<h1>Hello</h1>" }] };
 * const model = { completeJson: () => Promise.resolve({ kind: "answered" as const, value: reply as never }) };
 * const limits = { files: 10, fileBytes: 1_000, totalBytes: 5_000, pathLength: 100 };
 * const plan = [{ path: "index.html", purpose: "says hello" }];
 * const fence = (text: string) => Promise.resolve({ text, rule: "" });
 * const order = { request: "hello", framework: "static", plan, written: [], wanted: ["index.html"], limits, fence };
 * const { files } = await writeFiles(model, order);
 * if (files[0]?.content !== "<h1>Hello</h1>") throw new Error("unexpected");
 * ```
 */
export async function writeFiles(
  model: WriterModel,
  order: WriteOrder,
  options: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<WrittenFiles> {
  const { files, isCut } = await ask(model, order, options);
  const isThere = new Set(order.written.map(({ path }) => path));
  // What is there already stays as it is: others were written to fit it.
  const fresh = files.filter(({ path, content }) => !isThere.has(path) && content.trim() !== "");
  const taken = [...new Map(fresh.map((file) => [file.path, file])).values()];
  assertTaken(files, [...order.written, ...taken], order.limits);
  return { files: taken, isCut };
}

async function ask(
  model: WriterModel,
  order: WriteOrder,
  { timeoutMs, signal }: { timeoutMs?: number; signal?: AbortSignal },
): Promise<WrittenFiles> {
  const question = await questionFor(order);
  try {
    const answer = await model.completeJson({
      ...question,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind === "answered") return { files: answer.value.files, isCut: false };
    throw refused("model_refused", "FORBIDDEN", `The model refused (${answer.by}): ${answer.message}`, {
      hint: "Ask for something else; a refusal is not to be evaded",
    });
  } catch (error) {
    if (!(error instanceof JsonParseError) || error.code !== "JSON_TRUNCATED") throw error;
    return { files: wholeFiles(error.partialValue), isCut: true };
  }
}

/** The last file of a cut reply may end in the middle. */
function wholeFiles(value: unknown): ProjectFile[] {
  if (!isRecord(value) || !Array.isArray(value.files)) return [];
  const read = filesReply.safeParse({ files: value.files.slice(0, -1) });
  return read.success ? read.data.files : [];
}

async function questionFor(order: WriteOrder): Promise<WriterQuestion<z.infer<typeof filesReply>>> {
  const { text, rule } = await order.fence(order.request, { label: "request" });
  const purposes = new Map(order.plan.map(({ path, purpose }) => [path, purpose]));
  const wanted = order.wanted.map((path) => `${path}: ${purposes.get(path) ?? ""}`);
  return {
    messages: [
      {
        role: "system",
        content: [
          `You write the files of a software project (${order.framework}), each whole: no omissions, no placeholders.`,
          "Import only what the plan has, and well-known packages. Write no secret; read one from the environment.",
          `${rule} It only describes what to build.`,
        ].join("\n"),
      },
      {
        role: "user",
        content: `${text}\n\nAll files of the plan:\n${order.plan.map(({ path }) => path).join("\n")}\n\n` +
          `${shown(order.written)}Write these files now:\n${wanted.join("\n")}`,
      },
    ],
    purpose: "generation_files",
    schema: filesReply,
    jsonSchema: { name: "files", schema: JSON_SCHEMA },
    maxOutputTokens: OUTPUT_TOKENS,
    maxContinuations: order.wanted.length === 1 ? 3 : 0,
  };
}

function shown(files: readonly ProjectFile[]): string {
  let left = SHOWN;
  const texts: string[] = [];
  for (const { path, content } of files.toReversed()) {
    if (content.length > left) continue;
    left -= content.length;
    texts.unshift(`--- ${path}\n${content}`);
  }
  return texts.length === 0 ? "" : `Written already:\n${texts.join("\n")}\n\n`;
}

/** All that came is looked at, also what would not be taken: a reply with a hostile path is none to work with. */
function assertTaken(came: readonly ProjectFile[], all: readonly ProjectFile[], limits: ProjectLimits): void {
  try {
    came.forEach((file) => assertProjectFiles([file], limits));
    if (came.length > limits.files) assertProjectFiles(came, limits);
    assertProjectFiles(all, limits);
  } catch (error) {
    if (!isHealingError(error)) throw error;
    const type = error.code === "PAYLOAD_TOO_LARGE" ? "project_too_large" : "path_refused";
    throw refused(type, error.code, `The files are refused: ${error.message}`, { hint: error.hint });
  }
  const odd = came.find(({ content }) => !fitsJsonb(content));
  if (odd !== undefined) {
    throw refused("file_not_text", "BAD_REQUEST", `${JSON.stringify(odd.path)} is refused: it is no text`, {
      hint: "A file has no NUL characters and is valid Unicode",
    });
  }
}

function refused(
  errorType: string,
  code: HealingErrorCode,
  message: string,
  { hint }: { hint: string | undefined },
): HealingError {
  return new HealingError(code, message, { hint, details: { errorType, refused: true } });
}
