/**
 * Reads the part of TOML that `config.toml` uses: tables, and keys whose value is a string, a number, a boolean
 * or a list of strings on one line. Anything else is refused with its line, so that nothing is misread silently.
 *
 * @module
 */

/** A value that the reader knows. */
export type TomlValue = string | number | boolean | string[];

/** The keys of each table, by the table's full name; keys before the first table are under the empty name. */
export type TomlTables = Map<string, Map<string, TomlValue>>;

/** Reads a file. */
export function parseToml(text: string): TomlTables {
  const tables: TomlTables = new Map([["", new Map()]]);
  let current = "";
  for (const [index, raw] of text.split("\n").entries()) {
    const line = withoutComment(raw).trim();
    if (line === "") continue;
    const table = /^\[([\w.-]+)\]$/.exec(line)?.[1];
    if (table !== undefined) {
      if (tables.has(table)) throw new SyntaxError(`line ${index + 1} opens [${table}] a second time`);
      tables.set(current = table, new Map());
      continue;
    }
    const [, key, value] = /^([\w-]+)\s*=\s*(.+)$/.exec(line) ?? [];
    const parsed = parseValue(value);
    if (key === undefined || parsed === undefined) {
      throw new SyntaxError(`line ${index + 1} cannot be read: ${line}`);
    }
    tables.get(current)!.set(key, parsed);
  }
  return tables;
}

function withoutComment(line: string): string {
  return /^(?:[^"#]|"(?:[^"\\]|\\.)*")*/.exec(line)![0];
}

function parseValue(text: string | undefined): TomlValue | undefined {
  if (text === undefined) return undefined;
  if (text === "true" || text === "false") return text === "true";
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  // Within these limits a TOML value is a JSON value.
  if (!/^(".*"|\[.*\])$/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text.replace(/,\s*\]$/, "]"));
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    return typeof value === "string" || isList ? value : undefined;
  } catch {
    return undefined;
  }
}
