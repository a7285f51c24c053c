/** Reads a file of secrets: one `NAME=value` a line, quoted or not, `#` begins a comment. @module */

const LINE = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^#\n]*))/gm;

/** The entries that have a value; one without is one that nobody has filled in. */
export function parseEnvFile(text: string): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const [, name, double, single, bare] of text.replaceAll("\r", "").matchAll(LINE)) {
    const value = double?.replaceAll("\\n", "\n").replace(/\\(.)/g, "$1") ?? single ?? bare?.trim() ?? "";
    if (value !== "") entries[name!] = value;
  }
  return entries;
}
