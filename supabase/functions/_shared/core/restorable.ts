/**
 * The last resort for what could not be stored: console lines from which a script can restore it.
 *
 * One line holds one item as JSON behind a fixed mark; a longer item is cut into parts. The platform keeps lines of up
 * to 10,000 characters and 100 of them in ten seconds, so this is bounded and counted, not promised. Items have to be
 * sanitised before they come here.
 *
 * @module
 */

/** What an item is: the name of the table's family that it belongs to. */
export type RestorableKind = "log" | "error";

/** One item, as it was read back. */
export interface Restored {
  kind: RestorableKind;
  id: string;
  item: unknown;
}

/** One line of an item. */
interface Part {
  /** Version of the form. */
  healing_restorable: 1;
  kind: RestorableKind;
  id: string;
  part: number;
  parts: number;
  text: string;
}

const PART_LENGTH = 4_000;
/** Lines that one worker writes at its end; the platform drops what is beyond. */
export const MOST_LINES = 90;

/** The lines of items, the first ones first, and how many items found no room. */
export function toRestorableLines(
  kind: RestorableKind,
  items: readonly { id: string }[],
  mostLines = MOST_LINES,
): { lines: string[]; left: number } {
  const lines: string[] = [];
  let left = 0;
  for (const item of items) {
    const parts = linesOf(kind, item);
    if (lines.length + parts.length > mostLines) left++;
    else lines.push(...parts);
  }
  return { lines, left };
}

function linesOf(kind: RestorableKind, item: { id: string }): string[] {
  const text = JSON.stringify(item);
  const parts = Math.max(1, Math.ceil(text.length / PART_LENGTH));
  return Array.from({ length: parts }, (_, index) => {
    const piece = text.slice(index * PART_LENGTH, (index + 1) * PART_LENGTH);
    const part: Part = { healing_restorable: 1, kind, id: item.id, part: index + 1, parts, text: piece };
    return JSON.stringify(part);
  });
}

/** Collects lines, in any order and as often as they come, into whole items. */
export class RestorableReader {
  readonly #parts = new Map<string, Map<number, Part>>();

  /** Takes one line of a log, whatever stands around the object in it; false when it is none of ours. */
  add(line: string): boolean {
    const part = readPart(line);
    if (part === undefined) return false;
    const key = `${part.kind} ${part.id}`;
    const known = this.#parts.get(key) ?? new Map<number, Part>();
    this.#parts.set(key, known.set(part.part, part));
    return true;
  }

  /** The items of which every part is there, and how many are not whole. */
  read(): { items: Restored[]; incomplete: number } {
    const items = [...this.#parts.values()].map(join);
    const whole = items.filter((item) => item !== undefined);
    return { items: whole, incomplete: items.length - whole.length };
  }
}

function join(known: Map<number, Part>): Restored | undefined {
  const [{ kind, id, parts }] = [...known.values()] as [Part];
  const texts = Array.from({ length: parts }, (_, index) => known.get(index + 1)?.text);
  if (texts.includes(undefined)) return undefined;
  try {
    return { kind, id, item: JSON.parse(texts.join("")) };
  } catch {
    return undefined;
  }
}

function readPart(line: string): Part | undefined {
  const start = line.indexOf('{"healing_restorable":1,');
  if (start < 0) return undefined;
  try {
    const part = JSON.parse(line.slice(start, line.lastIndexOf("}") + 1)) as Part;
    const { kind, id, text } = part;
    const isKnown = kind === "log" || kind === "error";
    const areTexts = typeof id === "string" && typeof text === "string";
    return isKnown && areTexts && isPlace(part) ? part : undefined;
  } catch {
    return undefined;
  }
}

function isPlace({ part, parts }: Part): boolean {
  return Number.isInteger(part) && Number.isInteger(parts) && part >= 1 && part <= parts &&
    parts <= MOST_LINES;
}
