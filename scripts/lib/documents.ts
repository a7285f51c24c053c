/** The pages that people read, and the blocks of code in them. @module */

/** A fenced block of a page. */
export interface Block {
  /** The page, relative to the project's root. */
  page: string;
  /** Where its code begins, from 1. */
  line: number;
  /** What stands behind the opening fence; empty for none. */
  language: string;
  /** The code, without what indents the whole block. */
  code: string;
  /** Why nothing runs it: what `<!-- not run: … -->` right before it says. */
  reason: string | undefined;
}

const PAGES = /^(README|CONTRIBUTING|GLOSSARY)\.md$|^docs\/[^/]+\.md$/;
const FENCE = /^( *)```(\S*)\s*$/;
const REASON = /^ *<!-- not run: (.+) -->$/;

/** True for a page that people read and write; `docs/reference` is written by a gate. */
export function isPage(path: string): boolean {
  return PAGES.test(path);
}

/** The fenced blocks of a page, in their order. */
export function blocksOf(page: string, text: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  for (let index = 0; index < lines.length; index++) {
    const opening = FENCE.exec(lines[index]!);
    if (opening === null) continue;
    const [, indent, language] = opening;
    const end = lines.findIndex((line, at) => at > index && line.trimEnd() === `${indent}\`\`\``);
    const body = lines.slice(index + 1, end === -1 ? lines.length : end);
    blocks.push({
      page,
      line: index + 2,
      language: language!,
      code: body.map((line) => line.slice(indent!.length)).join("\n"),
      reason: reasonBefore(lines.slice(0, index)),
    });
    index = end === -1 ? lines.length : end;
  }
  return blocks;
}

function reasonBefore(lines: readonly string[]): string | undefined {
  const last = lines.findLast((line) => line.trim() !== "");
  return REASON.exec(last ?? "")?.[1];
}

/** The text of a page without its blocks; lines keep their numbers. */
export function wordsOf(text: string): string {
  let isOpen = false;
  return text.split("\n").map((line) => {
    const isFence = FENCE.test(line);
    if (isFence) isOpen = !isOpen;
    return isFence || isOpen ? "" : line;
  }).join("\n");
}

/** Code within the text. */
export interface Span {
  line: number;
  code: string;
}

/** The code within the text of a page; the formatter breaks it at spaces as it breaks words. */
export function spansOf(text: string): Span[] {
  const words = wordsOf(text);
  return [...words.matchAll(/`([^`\n]+(?:\n[^`\n]+)?)`/g)].map((match) => ({
    line: words.slice(0, match.index).split("\n").length,
    code: match[1]!.replaceAll(/\s+/g, " "),
  }));
}
