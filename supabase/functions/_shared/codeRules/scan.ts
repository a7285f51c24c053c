/**
 * Reads brackets, strings and JSX tags of a text that does not parse. It never fails and never decides: what it finds
 * leads to repairs, and only a repair after which the real parser takes the whole text counts.
 *
 * @module
 */

/** A bracket of the code. */
export interface Bracket {
  char: string;
  at: number;
  /** The bracket that closes it, or is closed by it; undefined when it stands alone. */
  partner: Bracket | undefined;
}

/** A JSX tag. */
export interface Tag {
  name: string;
  type: "open" | "close" | "self";
  start: number;
  end: number;
  /** True for an opening tag that was never closed, or a closing one that closes nothing. */
  isLone: boolean;
}

/** What was found. */
export interface Scan {
  brackets: Bracket[];
  tags: Tag[];
}

const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
const BEFORE_VALUE =
  /(?:^|[-+*/%=(,;:?!&|^~<>{}[]|\b(?:return|typeof|case|do|else|in|of|void|delete|throw|new|default|yield|await))$/;

/** Scans a text. */
export function scanCode(text: string, jsx: boolean): Scan {
  return new Scanner(text, jsx).run();
}

type Mode = "code" | "template" | "children";

class Scanner {
  readonly #text: string;
  readonly #jsx: boolean;
  readonly #brackets: Bracket[] = [];
  readonly #open: Bracket[] = [];
  readonly #tags: Tag[] = [];
  readonly #openTags: { tag: Tag; brackets: number }[] = [];
  /** What surrounds the present place; the brackets that were open when each began. */
  readonly #modes: { mode: Mode; brackets: number }[] = [{ mode: "code", brackets: 0 }];
  #at = 0;
  /** The end of the last piece of code that was no space. */
  #last = 0;

  constructor(text: string, jsx: boolean) {
    this.#text = text;
    this.#jsx = jsx;
  }

  run(): Scan {
    while (this.#at < this.#text.length) this.#step();
    for (const { tag } of this.#openTags) tag.isLone = true;
    return { brackets: this.#brackets, tags: this.#tags };
  }

  /** Reads one piece, and at least one character. */
  #step(): void {
    const before = this.#at;
    const { mode } = this.#modes.at(-1)!;
    if (mode === "code") this.#readCode();
    else if (mode === "template") this.#readTemplate();
    else this.#readChildren();
    if (this.#at === before) this.#at++;
  }

  #readCode(): void {
    const text = this.#text;
    const char = text[this.#at]!;
    if (/\s/.test(char)) this.#at++;
    else if (char === "/" && text[this.#at + 1] === "/") this.#skipTo("\n", 0);
    else if (char === "/" && text[this.#at + 1] === "*") this.#skipTo("*/", 2);
    else {
      if (char === '"' || char === "'") this.#skipString(char);
      else if (char === "`") {
        this.#modes.push({ mode: "template", brackets: this.#open.length });
        this.#at++;
      } else if ("([{".includes(char)) this.#openBracket(char);
      else if (")]}".includes(char)) this.#closeBracket(char);
      else if (char === "/" && this.#wantsValue()) this.#skipRegex();
      else if (char === "<" && this.#startsTag()) this.#readTag();
      else this.#at++;
      this.#last = this.#at;
    }
  }

  #wantsValue(): boolean {
    return BEFORE_VALUE.test(this.#text.slice(Math.max(0, this.#last - 12), this.#last));
  }

  #startsTag(): boolean {
    if (!this.#jsx || !this.#wantsValue()) return false;
    const rest = this.#text.slice(this.#at, this.#at + 60);
    return /^<(?:>|[A-Za-z][\w.:-]*[\s/>])/.test(rest) && !/^<\w+(?:,|\s+extends\b)/.test(rest);
  }

  #skipTo(end: string, length: number): void {
    const found = this.#text.indexOf(end, this.#at + 1);
    this.#at = found === -1 ? this.#text.length : found + length;
  }

  #skipString(quote: string): void {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text[at]!;
      if (char === "\\") at++;
      else if (char === "\n") return void (this.#at = at);
      else if (char === quote) return void (this.#at = at + 1);
    }
    this.#at = this.#text.length;
  }

  #skipRegex(): void {
    let inClass = false;
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text[at]!;
      if (char === "\\") at++;
      else if (char === "\n") break;
      else if (char === "[") inClass = true;
      else if (char === "]") inClass = false;
      else if (char === "/" && !inClass) return void (this.#at = at + 1);
    }
    this.#at++;
  }

  #openBracket(char: string): void {
    const bracket: Bracket = { char, at: this.#at++, partner: undefined };
    this.#brackets.push(bracket);
    this.#open.push(bracket);
  }

  #closeBracket(char: string): void {
    const bracket: Bracket = { char, at: this.#at++, partner: undefined };
    this.#brackets.push(bracket);
    const mode = this.#modes.at(-1)!;
    const top = this.#open.at(-1);
    // Where it does not fit, the nearest one that it fits is taken: what lies between was never closed.
    const index = top?.char === PAIRS[char]
      ? this.#open.length - 1
      : this.#open.findLastIndex(({ char: other }) => other === PAIRS[char]);
    if (index < mode.brackets) return;
    bracket.partner = this.#open[index];
    this.#open[index]!.partner = bracket;
    this.#open.length = index;
    if (char === "}" && this.#open.length === mode.brackets && this.#modes.length > 1) this.#modes.pop();
  }

  #readTemplate(): void {
    const char = this.#text[this.#at]!;
    if (char === "\\") this.#at += 2;
    else if (char === "`") {
      this.#modes.pop();
      this.#last = ++this.#at;
    } else if (char === "$" && this.#text[this.#at + 1] === "{") {
      this.#at++;
      this.#enterCode();
    } else this.#at++;
  }

  /** A `{` inside of a template, a tag or children starts code that ends with its `}`. */
  #enterCode(): void {
    this.#modes.push({ mode: "code", brackets: this.#open.length });
    this.#openBracket("{");
    this.#last = this.#at;
  }

  #readChildren(): void {
    const char = this.#text[this.#at]!;
    if (char === "{") this.#enterCode();
    else if (char === "<" && /^<\/?(?:>|[A-Za-z])/.test(this.#text.slice(this.#at, this.#at + 3))) {
      this.#readTag();
    } else this.#at++;
  }

  #readTag(): void {
    const start = this.#at;
    const head = /^<(\/?)([A-Za-z][\w.:-]*)?/.exec(this.#text.slice(start, start + 120))!;
    this.#at += head[0].length;
    const isSelf = this.#readAttributes();
    const type = head[1] === "/" ? "close" : isSelf ? "self" : "open";
    const tag: Tag = { name: head[2] ?? "", type, start, end: this.#at, isLone: false };
    this.#tags.push(tag);
    if (type === "open") this.#enterElement(tag);
    else if (type === "close") this.#leaveElement(tag);
    this.#last = this.#at;
  }

  /** Reads up to the `>` of a tag; true when the tag closes itself. */
  #readAttributes(): boolean {
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at]!;
      if (char === ">") return this.#text[this.#at++ - 1] === "/";
      if (char === "<") return false;
      if (char === '"' || char === "'") this.#skipString(char);
      else if (char === "{") this.#readBraces();
      else this.#at++;
    }
    return false;
  }

  #readBraces(): void {
    const depth = this.#modes.length;
    this.#enterCode();
    while (this.#at < this.#text.length && this.#modes.length > depth) this.#step();
  }

  #enterElement(tag: Tag): void {
    this.#openTags.push({ tag, brackets: this.#open.length });
    this.#modes.push({ mode: "children", brackets: this.#open.length });
  }

  #leaveElement(tag: Tag): void {
    const depth = this.#open.length;
    const index = this.#openTags.findLastIndex((one) => one.brackets === depth && one.tag.name === tag.name);
    if (index === -1) return void (tag.isLone = true);
    for (const { tag: between } of this.#openTags.splice(index).slice(1)) {
      between.isLone = true;
      this.#modes.pop();
    }
    this.#modes.pop();
  }
}
