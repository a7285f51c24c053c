/**
 * The sections of `config.toml`, added and taken away as text, so that nothing else of the file moves: comments, order
 * and line ends stay. That the file then says what it should, and nothing else has changed, is told by parsing it.
 *
 * @module
 */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";
import { parseToml } from "../stack/toml.ts";
import type { Offer } from "./source.ts";
import { CONFIG } from "./target.ts";

const BEGIN = "# self-healing: begin. `deno task install` takes care of what stands between these two lines.";
const END = "# self-healing: end";

type Tables = Record<string, unknown>;

/** The tables of functions that a text has; throws a coded error where it is no TOML. */
export function functionTables(text: string): Tables {
  try {
    const { functions } = parseToml(text) as Tables;
    return isRecord(functions) ? functions : {};
  } catch (cause) {
    throw new HealingError("CONFIG_MISSING", `${CONFIG} cannot be read: ${messageOf(cause)}`, {
      hint: "Correct the file; nothing was changed.",
      cause,
    });
  }
}

/** Functions whose table is there, but says something else than ours would. */
export function otherTables(text: string, functions: Offer["functions"]): string[] {
  const tables = functionTables(text);
  return functions.filter(({ name, verifyJwt }) =>
    Object.hasOwn(tables, name) && !saysTheSame(tables[name], name, verifyJwt)
  ).map(({ name }) => name);
}

function saysTheSame(table: unknown, name: string, verifyJwt: boolean): boolean {
  if (!isRecord(table)) return false;
  const entrypoint = table.entrypoint ?? `./functions/${name}/index.ts`;
  return table.verify_jwt === verifyJwt && table.enabled !== false &&
    entrypoint === `./functions/${name}/index.ts`;
}

/** The sections of functions that have none yet, with plain line ends; empty when all have one. */
export function sectionsFor(text: string, functions: Offer["functions"]): string {
  const tables = functionTables(text);
  const sections = functions.filter(({ name }) => !Object.hasOwn(tables, name)).map(({ name, verifyJwt }) =>
    `[functions.${name}]
entrypoint = "./functions/${name}/index.ts"
import_map = "./functions/${name}/deno.json"
verify_jwt = ${verifyJwt}
`
  );
  return sections.length === 0 ? "" : `${BEGIN}\n${sections.join("\n")}${END}\n`;
}

/**
 * The text with sections at its end, and what was added; throws a coded error where that cannot be done as text. Line ends
 * are those of `model`.
 */
export function appendSections(
  text: string,
  sections: string,
  model = text,
): { text: string; added: string } {
  if (sections === "") return { text, added: "" };
  const added = `${text === "" || text.endsWith("\n") ? "" : "\n"}\n${sections}`;
  const changed = text + (model.includes("\r\n") ? added.replaceAll("\n", "\r\n") : added);
  if (addsOnly(text, changed, sections)) return { text: changed, added };
  throw new HealingError(
    "CONFLICT",
    `${CONFIG} has its functions in a form that nothing can be appended to.`,
    {
      hint: `Add this to it yourself, in its own form, and run again:\n\n${sections}`,
      details: { problem: "config_form" },
    },
  );
}

/** True when the text says what it said before, and what the sections say. */
function addsOnly(before: string, after: string, sections: string): boolean {
  try {
    const expected: Tables = parseToml(before);
    const functions = { ...functionTables(before), ...functionTables(sections) };
    return sortedJson(parseToml(after)) === sortedJson({ ...expected, functions });
  } catch {
    return false;
  }
}

function sortedJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner) =>
      isRecord(inner) && !(inner instanceof Date)
        ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => one < other ? -1 : 1))
        : inner,
  );
}

/** True when sections of ours stand in a text, in whatever form. */
export function hasSections(text: string): boolean {
  return text.includes("# self-healing: begin");
}

/** The text without what was added; null where that was changed since, or is not there. */
export function cutSections(text: string, added: string): string | null {
  if (added === "") return text;
  for (const part of [added, added.replaceAll("\n", "\r\n")]) {
    const at = text.lastIndexOf(part);
    if (at < 0) continue;
    const [before, after] = [text.slice(0, at), text.slice(at + part.length)];
    const isJoined = before !== "" && !before.endsWith("\n") && after !== "";
    return before + (isJoined ? part.slice(0, part.indexOf("\n") + 1) : "") + after;
  }
  return null;
}
