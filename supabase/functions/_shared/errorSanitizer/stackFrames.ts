/** Keeps the frames of a stack trace and drops what the message repeats and whose machine it was. @module */

import { sanitizeString } from "./strings.ts";

const MAX_SCANNED = 32_768;
const MAX_FRAMES = 30;
const MAX_FRAME_LENGTH = 300;
/** V8 and Deno; Firefox and Safari; PL/pgSQL; React's component stacks. */
const FRAME =
  /^\s{0,40}(?:at\s|in\s\S+\s\(|[^\s@()]{0,200}@\S|PL\/pgSQL function\s|SQL (?:function|statement)\s)/;
/** A home folder names a person. */
const HOME = /((?:\/(?:home|Users)\/|[A-Za-z]:\\Users\\))[^/\\\s:)]{1,64}/g;

/** At most 30 sanitised frames, one a line; undefined when the text holds none. */
export function sanitizeStack(stack: string): string | undefined {
  const frames = stack.slice(0, MAX_SCANNED).split("\n")
    .filter((line) => FRAME.test(line))
    .slice(0, MAX_FRAMES)
    .map((line) => sanitizeString(hidePerson(line.trim()), MAX_FRAME_LENGTH));
  return frames.length === 0 ? undefined : frames.join("\n");
}

/** The same text with the names of home folders taken out. */
export function hidePerson(text: string): string {
  return text.replace(HOME, "$1~");
}
