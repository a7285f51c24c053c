/**
 * Reasoning blocks: what a model thought aloud before its answer.
 *
 * @module
 */

const TAG = /<(\/?)(think|thinking|reasoning)\b[^>]{0,200}>/gi;

/** A stretch of text. */
export interface Stretch {
  from: number;
  to: number;
}

/**
 * The stretches of the text that are reasoning. Blocks are looked for only outside the answer: in front of it,
 * or behind it; a lone closing tag ends a block that began before the text did.
 */
export function findReasoning(text: string): Stretch[] {
  const blocks: Stretch[] = [];
  let openAt = -1;
  for (const match of text.matchAll(TAG)) {
    const at = match.index;
    const closing = match[1] === "/";
    if (!closing && openAt < 0) openAt = at;
    else if (closing && (openAt >= 0 || blocks.length === 0)) {
      blocks.push({ from: Math.max(openAt, 0), to: at + match[0].length });
      openAt = -1;
    }
  }
  if (openAt >= 0 && blocks.length === 0 && text.slice(0, openAt).trim() === "") {
    blocks.push({ from: openAt, to: text.length });
  }
  return blocks;
}

/** The text with some stretches blanked out, so that offsets and lines stay what they were. */
export function blankOut(text: string, blocks: readonly Stretch[]): string {
  let out = "";
  let from = 0;
  for (const block of blocks) {
    out += text.slice(from, block.from) + text.slice(block.from, block.to).replace(/[^\n]/g, " ");
    from = block.to;
  }
  return out + text.slice(from);
}
