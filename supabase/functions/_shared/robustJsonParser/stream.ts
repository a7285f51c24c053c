/**
 * Reading a reply while it arrives.
 *
 * A machine takes every step that more text cannot change; the tail behind it is read on a copy of the open
 * containers, as if the text ended there. So each push costs what is new plus the open path, not the whole text.
 * What only the whole text can decide (text around the JSON, closers that do not fit) is read again from the
 * start, exactly while that is cheap and after that at growing intervals, so that the total stays linear.
 *
 * @module
 */

import { startsEncoded } from "./decode.ts";
import { createFrame, createMachine, type Frame, type Machine, setOwn } from "./machine.ts";
import { parseJson, type ParseResult } from "./parse.ts";
import { isDocument } from "./plausible.ts";
import { finishRoot, readRoot } from "./reader.ts";
import { addText, openStreamMachine } from "./streamMachine.ts";
import { createScan, settle, type StringScan } from "./stringScan.ts";
import type { JsonObject, JsonValue, ParseOptions } from "./types.ts";

/** A reply that is being read. */
export interface JsonStream {
  /** Takes the next piece of text and gives the value so far; `undefined` while there is none. */
  push(chunk: string): JsonValue | undefined;
  /** Says that the text is complete, and gives the result of reading all of it. */
  end(): ParseResult;
}

/** Text that may be read again from its start before pushes begin to lag, in characters. */
const EXACT_CHARS = 4_000_000;
const LAG_RATIO = 1.1;
/** A document that is encoded as a whole shows it in its first characters. */
const ENCODED_START = 400;
const REASONING = /<\/?(?:think|reasoning)/i;
const FENCE_IN_LINE = /(?:^|\n)[ \t]*(?:```|~~~)/;

interface StreamState {
  options: ParseOptions;
  text: string;
  machine: Machine | undefined;
  inFence: boolean;
  /** True once the text needs to be read as a whole. */
  irregular: boolean;
  value: JsonValue | undefined;
  rereadChars: number;
  rereadAt: number;
}

/** Reads a reply piece by piece. `push` never throws; pushing after `end` begins a new text. */
export function createJsonStream(options: ParseOptions = {}): JsonStream {
  let state = createState(options);
  return {
    push: (chunk) => pushChunk(state, chunk),
    end: () => {
      const result = parseJson(state.text, options);
      state = createState(options);
      return result;
    },
  };
}

function createState(options: ParseOptions): StreamState {
  return {
    options,
    text: "",
    machine: undefined,
    inFence: false,
    irregular: false,
    value: undefined,
    rereadChars: 0,
    rereadAt: 0,
  };
}

function pushChunk(s: StreamState, chunk: string): JsonValue | undefined {
  const before = s.text.length;
  s.text += chunk;
  if (s.machine === undefined && !s.irregular) begin(s);
  else if (s.machine !== undefined) addText(s.machine, chunk);
  if (before < ENCODED_START && startsEncoded(s.text)) s.irregular = true;
  if (s.inFence && leavesFence(s, before, chunk)) s.irregular = true;
  if (!s.irregular && s.machine !== undefined) return readOn(s, s.machine);
  if (s.machine === undefined && !s.irregular) return undefined;
  return readAgain(s);
}

/** Decides from the first characters how the text is to be read. */
function begin(s: StreamState): void {
  const opened = openStreamMachine(s.text, s.options.maxDepth);
  if (opened === "wait") return;
  if (opened === "other") s.irregular = true;
  else {
    s.machine = opened.machine;
    s.inFence = opened.inFence;
  }
}

/** In a fence, a tag of reasoning or a second fence line makes the text one that only the whole can decide. */
function leavesFence(s: StreamState, before: number, chunk: string): boolean {
  if (!/[<`~]/.test(chunk) && before > 0) return false;
  const tail = s.text.slice(Math.max(s.text.indexOf("\n") + 1, before - 40));
  return REASONING.test(tail) || (s.machine?.root === undefined && FENCE_IN_LINE.test(tail));
}

/** Takes the steps that are certain, then reads the tail on a copy. */
function readOn(s: StreamState, m: Machine): JsonValue | undefined {
  m.touchedEnd = false;
  if (m.top !== undefined) readRoot(m);
  if (m.irregular || m.edits > 0 || m.tooDeep || m.stopped) return giveUp(s);
  if (m.top === undefined) return readTail(s, m);
  const copy = copyForTail(m);
  readRoot(copy);
  const inner = copy.edits;
  const atEnd = copy.top !== undefined;
  if (atEnd) finishRoot(copy);
  if (inner > 0 || copy.tooDeep || copy.root === undefined || copy.pos < copy.end) return readAgain(s);
  if (copy.misfits > 0 || !isAnswer(copy)) return readAgain(s);
  s.value = copy.root;
  return s.value;
}

function isAnswer(m: Machine): boolean {
  const frame = m.rootFrame as Frame;
  return isDocument({
    good: frame.good,
    plain: frame.plain,
    doubt: frame.doubt,
    isArray: frame.array !== undefined,
    value: m.root as JsonValue,
  });
}

/** Behind a closed root only blanks, and in a fence its closing line, leave the value as it is. */
function readTail(s: StreamState, m: Machine): JsonValue | undefined {
  const rest = m.text.slice(m.pos);
  const isOver = s.inFence ? /^\s*(?:`{1,3}\s*)?$/ : /^\s*$/;
  if (!isOver.test(rest) || m.misfits > 0 || !isAnswer(m)) return giveUp(s);
  s.value = m.root;
  return s.value;
}

function giveUp(s: StreamState): JsonValue | undefined {
  s.irregular = true;
  s.machine = undefined;
  return readAgain(s);
}

/** Reads the whole text again: at every push while that is cheap, later only when it has grown. */
function readAgain(s: StreamState): JsonValue | undefined {
  if (s.rereadChars > EXACT_CHARS && s.text.length < s.rereadAt) return s.value;
  s.rereadChars += s.text.length;
  s.rereadAt = s.text.length * LAG_RATIO;
  const result = parseJson(s.text, {
    ...s.options,
    allowPartial: true,
    refuseRepairs: [],
  });
  s.value = result.ok ? result.value : undefined;
  return s.value;
}

/**
 * A copy of the machine whose open containers can be closed without touching the originals. It is made by the same
 * function as the original, so that both have one hidden class.
 */
function copyForTail(m: Machine): Machine {
  const copy = createMachine(m.text, m.pos, m.end, m.maxDepth);
  for (const frame of m.frames) copy.frames.push(copyFrame(frame));
  copy.top = copy.frames[copy.frames.length - 1];
  copy.offset = m.offset;
  copy.sawBareKey = m.sawBareKey;
  copy.misfits = m.misfits;
  copy.indent = m.indent;
  copy.lineIndent = m.lineIndent;
  if (m.scan !== undefined) {
    settle(m.scan);
    copy.scan = copyScan(m.scan);
  }
  return copy;
}

function copyScan(scan: StringScan): StringScan {
  const copy = createScan(scan.start, scan.quote);
  copy.out = scan.out;
  copy.lastEscaped = scan.lastEscaped;
  copy.from = scan.from;
  copy.pos = scan.pos;
  copy.skipped = scan.skipped;
  return copy;
}

function copyFrame(frame: Frame): Frame {
  const copy = createFrame(frame.array !== undefined, frame.tuple, frame.indent);
  if (frame.array !== undefined) copy.array = frame.array.slice();
  else copy.object = copyObject(frame.object as JsonObject);
  copy.key = frame.key;
  copy.holdsContainer = frame.holdsContainer;
  copy.keyAt = frame.keyAt;
  copy.bareKey = frame.bareKey;
  copy.phase = frame.phase;
  copy.commaAt = frame.commaAt;
  copy.itemIndent = frame.itemIndent;
  copy.good = frame.good;
  copy.plain = frame.plain;
  copy.doubt = frame.doubt;
  return copy;
}

/** A shallow copy, key by key: two to three times as fast as a spread for objects that were built that way. */
function copyObject(object: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const key of Object.keys(object)) {
    setOwn(copy, key, object[key] as JsonValue);
  }
  return copy;
}
