/** Cuts HTML, and the markup of components, into tags, texts and comments. @module */

/** One piece of a markup text. */
export interface HtmlToken {
  /** `raw` is what stands inside of a script, style or textarea. */
  type: "open" | "close" | "self" | "raw" | "comment" | "doctype";
  name: string;
  start: number;
  end: number;
  /** False when the text ended before the piece did. */
  isWhole: boolean;
}

const RAW = new Set(["script", "style", "textarea", "title"]);

/** The pieces in their order; plain text between them is left out. */
export function htmlTokens(text: string): HtmlToken[] {
  const tokens: HtmlToken[] = [];
  let at = 0;
  while ((at = text.indexOf("<", at)) !== -1) {
    const token = tokenAt(text, at);
    if (token === undefined) {
      at++;
      continue;
    }
    tokens.push(token);
    at = Math.max(token.end, at + 1);
    if (token.type === "open" && RAW.has(token.name)) {
      const end = rawEnd(text, at, token.name);
      tokens.push({
        type: "raw",
        name: token.name,
        start: at,
        end: end ?? text.length,
        isWhole: end !== undefined,
      });
      at = end ?? text.length;
    }
  }
  return tokens;
}

function rawEnd(text: string, from: number, name: string): number | undefined {
  const closing = new RegExp(`</${name}`, "gi");
  closing.lastIndex = from;
  return closing.exec(text)?.index;
}

function tokenAt(text: string, start: number): HtmlToken | undefined {
  if (text.startsWith("<!--", start)) {
    const end = text.indexOf("-->", start + 4);
    return { type: "comment", name: "", start, end: end === -1 ? text.length : end + 3, isWhole: end !== -1 };
  }
  if (text.startsWith("<!", start)) {
    const end = text.indexOf(">", start);
    return { type: "doctype", name: "", start, end: end === -1 ? text.length : end + 1, isWhole: end !== -1 };
  }
  const head = /^<(\/?)([A-Za-z][\w:.-]*)/.exec(text.slice(start, start + 100));
  if (head === null) return undefined;
  const end = tagEnd(text, start + head[0].length);
  const close = end ?? text.length;
  const type = head[1] === "/" ? "close" : text[close - 2] === "/" ? "self" : "open";
  return { type, name: head[2]!, start, end: close, isWhole: end !== undefined };
}

/** Behind the `>` of a tag: quotes and Svelte's braces may hold one. */
function tagEnd(text: string, from: number): number | undefined {
  let quote = "";
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "{") depth++;
    else if (char === "}") depth--;
    else if (char === ">" && depth <= 0) return at + 1;
    else if (char === "<" && depth <= 0) return undefined;
  }
  return undefined;
}
