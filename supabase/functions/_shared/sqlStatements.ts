/**
 * Cuts a SQL script into statements, so that an error can name its line and the history can keep each one.
 *
 * It knows what may hide a semicolon: strings, quoted names, dollar quotes, comments (nested ones too) and
 * `begin atomic` bodies.
 *
 * @module
 */

/** One statement of a script. */
export interface SqlStatement {
  /** Without the semicolon and without what stands around it. */
  text: string;
  /** The line of its first word, from 1. */
  line: number;
}

/** What can stand at one place of a script and hide a semicolon, each with the pattern of its whole. */
const HIDING = [
  /--[^\n]*/y,
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y,
  /'(?:[^']|'')*'/y,
  /"(?:[^"]|"")*"/y,
  /\$([a-zA-Z_\u0080-\uffff][\w\u0080-\uffff]*|)\$[\s\S]*?\$\1\$/y,
  /[a-zA-Z_\u0080-\uffff][\w$\u0080-\uffff]*/y,
];

/** The statements of a script in their order; empty ones and lone comments are left out. */
export function splitStatements(script: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let start = 0;
  let words: string[] = [];
  let openBodies = 0;
  for (let place = 0; place <= script.length;) {
    const piece = script[place];
    if (piece === undefined || (piece === ";" && openBodies === 0)) {
      if (words.length > 0) statements.push(cut(script, start, place));
      [start, words, openBodies] = [place + 1, [], 0];
    }
    const length = pieceLength(script, place);
    const isWord = /\w/.test(piece ?? "") && length > 1;
    if (isWord) {
      const word = script.slice(place, place + length).toLowerCase();
      openBodies += bodyChange(word, words.at(-1), openBodies);
      words.push(word);
    } else if (piece !== undefined && /[^\s;]/.test(piece) && !isComment(script, place)) {
      words.push(piece);
    }
    place += length;
  }
  return statements;
}

/** The words of a statement in lower case, quoted names too; what stands in strings and comments is none. */
export function sqlWords(statement: string): string[] {
  return wordPlaces(statement).map(({ word }) => word);
}

/** The same words, each with its place in the statement. */
export function wordPlaces(statement: string): { word: string; place: number }[] {
  const words: { word: string; place: number }[] = [];
  for (let place = 0; place < statement.length;) {
    const length = pieceLength(statement, place);
    const piece = statement.slice(place, place + length);
    if (/^[a-zA-Z_\u0080-\uffff]/.test(piece) && !/^[eE]'/.test(piece)) {
      words.push({ word: piece.toLowerCase(), place });
    } else if (piece.startsWith('"')) {
      words.push({ word: piece.slice(1, -1).replaceAll('""', '"'), place });
    }
    place += length;
  }
  return words;
}

/** `begin atomic … end` holds statements of its own; inside it, `case` has an `end` as well. */
function bodyChange(word: string, before: string | undefined, openBodies: number): number {
  if (word === "atomic" && before === "begin") return 1;
  if (openBodies > 0 && word === "case") return 1;
  return openBodies > 0 && word === "end" ? -1 : 0;
}

function isComment(script: string, place: number): boolean {
  return script.startsWith("--", place) || script.startsWith("/*", place);
}

/** How far the piece reaches that begins here: a word, a string, a comment, or one character. */
function pieceLength(script: string, place: number): number {
  if (script.startsWith("/*", place)) return blockCommentLength(script, place);
  for (const pattern of HIDING) {
    pattern.lastIndex = place;
    const match = pattern.exec(script);
    if (match !== null) return match[0].length;
  }
  return 1;
}

function blockCommentLength(script: string, place: number): number {
  const edges = /\/\*|\*\//g;
  edges.lastIndex = place;
  let depth = 0;
  for (let edge = edges.exec(script); edge !== null; edge = edges.exec(script)) {
    depth += edge[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.index + 2 - place;
  }
  return script.length - place;
}

/** The text between two places, from its first word on; a comment before it belongs to nobody. */
function cut(script: string, start: number, end: number): SqlStatement {
  let first = start;
  while (/\s/.test(script[first]!) || isComment(script, first)) {
    first += isComment(script, first) ? pieceLength(script, first) : 1;
  }
  return { text: script.slice(first, end).trimEnd(), line: lineAt(script, first) };
}

/** The line of a place in a text, from 1. */
export function lineAt(text: string, place: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < place; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
