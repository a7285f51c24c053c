/** Tables that a program writes into documents, each between two marks, so that no figure is typed by hand. @module */

/** A table as Markdown, its columns as wide as the formatter makes them. */
export function markdownTable(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [names, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = names.map((_, column) => Math.max(3, ...lines.map((line) => [...line[column]!].length)));
  const lineOf = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell + " ".repeat(widths[column]! - [...cell].length)).join(" | ")} |`;
  const [head, ...body] = lines.map(lineOf);
  return [head, lineOf(widths.map((width) => "-".repeat(width))), ...body].join("\n");
}

/** The document with this text between `<!-- name: begin -->` and `<!-- name: end -->`; throws when it has no such place. */
export function putBetweenMarks(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from < 0 || to < 0) {
    throw new RangeError(
      `Cannot write the table as the document has no place between "${begin}" and "${end}"`,
    );
  }
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

/** Puts the text into the document at this address. */
export async function writeIntoDocument(document: URL, name: string, text: string): Promise<void> {
  await Deno.writeTextFile(document, putBetweenMarks(await Deno.readTextFile(document), name, text));
}
