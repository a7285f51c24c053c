/** Cuts a style sheet into braces, declarations and comments, as far as rules about its shape need it. @module */

/** One piece of a style sheet. */
export interface CssToken {
  type: "open" | "close" | "semicolon" | "comment" | "string" | "paren";
  start: number;
  end: number;
  /** False when the text ended before the piece did. */
  isWhole: boolean;
}

/** The pieces that give the text its shape; what stands between them is left out. */
export function cssTokens(text: string): CssToken[] {
  const tokens: CssToken[] = [];
  const single: Readonly<Record<string, CssToken["type"]>> = { "{": "open", "}": "close", ";": "semicolon" };
  for (let at = 0; at < text.length;) {
    const char = text[at]!;
    const type = single[char];
    let token: CssToken | undefined;
    if (type !== undefined) token = { type, start: at, end: at + 1, isWhole: true };
    else if (text.startsWith("/*", at)) token = ended("comment", text, at, text.indexOf("*/", at + 2), 2);
    else if (char === '"' || char === "'") token = stringAt(text, at);
    else if (char === "(" && /url$/i.test(text.slice(Math.max(0, at - 3), at))) {
      token = ended("paren", text, at, text.indexOf(")", at), 1);
    }
    if (token !== undefined) tokens.push(token);
    at = token?.end ?? at + (char === "\\" ? 2 : 1);
  }
  return tokens;
}

function ended(type: CssToken["type"], text: string, start: number, found: number, length: number): CssToken {
  return { type, start, end: found === -1 ? text.length : found + length, isWhole: found !== -1 };
}

function stringAt(text: string, start: number): CssToken {
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === text[start]) return { type: "string", start, end: at + 1, isWhole: true };
  }
  return { type: "string", start, end: start + 1, isWhole: false };
}
