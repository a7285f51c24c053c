/** The names and paths in the text of a page are somewhere in the project. @module */

import { isPage, spansOf } from "../../lib/documents.ts";
import type { GateContext } from "../../lib/gate.ts";

/** A file by its path or the end of it. */
const PATH = /^(?:\.\/)?[\w@.-]+(?:\/[\w@.-]+)*\.(?:ts|tsx|md|sql|json|jsonl|toml|svg|jpg|yml)$/;
/** A folder of ours. */
const FOLDER = /^(?:docs|scripts|tests|supabase|dashboard|_shared|core)(?:\/[\w.-]+)*\/?$/;
/** What programs name things by: `snake_case`, `camelCase`, `CAPITALS_WITH_LINES`, `called()`. */
const NAME = /\b(?:[a-z]+\w*_\w+|[a-z]+[A-Z]\w*|[A-Z]+_[A-Z_]+|\w{4,}(?=\())/g;
const CODE =
  /^(?:supabase|scripts|dashboard|tests)\/.*\.(?:ts|tsx|sql|toml|json|jsonl)$|^\.env\.example$|^deno\.json$/;

/** Where a file has to be as it is named; elsewhere a program may write it. */
const OURS = /^(?:docs|scripts|tests|dashboard)\//;

interface Known {
  files: readonly string[];
  /** All code, and each of its words. */
  code: string;
  words: ReadonlySet<string>;
}

/** What is wrong with the names of all pages. */
export async function checkNames(context: GateContext): Promise<string[]> {
  const known = await readKnown(context);
  const problems: string[] = [];
  for (const page of known.files.filter(isPage)) {
    for (const { line, code } of spansOf(await context.read(page))) {
      problems.push(...judge(code, known).map((problem) => `${page}:${line}: ${problem}`));
    }
  }
  return problems;
}

async function readKnown(context: GateContext): Promise<Known> {
  const files = await context.files();
  const texts = await Promise.all(files.filter((path) => CODE.test(path)).map((path) => context.read(path)));
  const code = texts.join("\n");
  return { files, code, words: new Set(code.match(/\w{3,}/g)) };
}

function judge(span: string, { files, code, words }: Known): string[] {
  // Commands are judged elsewhere.
  if (/^(?:npx|deno) /.test(span)) return [];
  const path = span.replace(/^\.?\//, "").replace(/\/$/, "");
  if (PATH.test(span) || FOLDER.test(span)) {
    const isThere = files.some((file) => `/${file}/`.includes(`/${path}/`));
    const isWritten = !OURS.test(path) && code.includes(path.slice(path.lastIndexOf("/") + 1));
    return isThere || isWritten ? [] : [`there is no ${span}`];
  }
  return (span.match(NAME) ?? []).filter((name) => !words.has(name) && !isBeginning(name, span, words))
    .map((name) => `nothing is called ${name} (in ${span})`);
}

/** `security_burst_…` stands for all that begins so. */
function isBeginning(name: string, span: string, words: ReadonlySet<string>): boolean {
  return span.includes(`${name}…`) && words.values().some((word) => word.startsWith(name));
}
