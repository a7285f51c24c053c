/** Hostile text as it may stand in a message: sanitised, bounded, and without what steers a reader's screen. @module */

import { sanitizeText } from "../errorSanitizer.ts";

/** Control characters, and marks that turn the direction of text or hide in it. */
const INVISIBLE =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** One or more lines, as they may be shown. */
export function plainText(text: string, maxLength: number): string {
  return cut(sanitizeText(text).replace(/\r\n?/g, "\n").replace(INVISIBLE, " "), maxLength);
}

/** One line: what stands in a subject or a list must not begin another. */
export function plainLine(text: string, maxLength: number): string {
  return cut(plainText(text, maxLength * 4).replace(/\s+/g, " ").trim(), maxLength);
}

/** For HTML. */
export function escapeHtml(text: string): string {
  return escapeSlack(text).replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

/** For Slack, whose markup of links, mentions and dates begins with these alone. */
export function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function cut(text: string, maxLength: number): string {
  // By characters and not by halves of them: half a character is no text that a provider takes.
  if (text.length <= maxLength) return text;
  const kept = [...text.slice(0, maxLength)];
  while (kept.join("").length > maxLength - 1) kept.pop();
  return `${kept.join("").replace(/[\ud800-\udbff]$/, "")}…`;
}
