/**
 * The state of one reading: a position, a stack of open containers, and what was mended so far.
 *
 * All reading is a loop over this state with an explicit stack, so that no input can overflow the native one.
 *
 * @module
 */

import type { StringScan } from "./stringScan.ts";
import type { JsonObject, JsonValue, Repair, RepairKind } from "./types.ts";

/** A container waits for a key, an element, or its closer. */
export const ITEM = 0;
/** A container waits for the value of a key that was read. */
export const VALUE = 1;
/** A container waits for a comma or its closer. */
export const AFTER = 2;

/** One open container. */
export interface Frame {
  array: JsonValue[] | undefined;
  object: JsonObject | undefined;
  /** True for an array that Python wrote in parentheses. */
  tuple: boolean;
  /** An element or value of it is a container. */
  holdsContainer: boolean;
  /** The key whose value is awaited. */
  key: string;
  keyAt: number;
  bareKey: boolean;
  phase: number;
  /** Where the last comma stands, or -1 when an item followed it. */
  commaAt: number;
  /** Indentation of the line that the opener stands on, or -1. */
  indent: number;
  /** Indentation of the items, or -1 while unknown. */
  itemIndent: number;
  /** Items that only JSON has: quoted keys, quoted strings, containers that hold such. */
  good: number;
  /** Numbers and literals. */
  plain: number;
  /** Bare words and members without a value: what prose in braces looks like. */
  doubt: number;
}

/** Decisions that a second reading of the same text may take differently. */
export interface Policy {
  /** Trust indentation when a closer is missing. */
  indentation: boolean;
  /** Offset of a closer to be ignored, or -1. */
  skipCloserAt: number;
  /** An array inside a list of plain values, itself in an array, is the next row of a table. */
  splitRows: boolean;
  /** The roots stand in prose, where a list of numbers is no root. */
  inProse: boolean;
  /** What a closer that does not fit is rather taken for: after a missing one, one of the wrong kind, one too many. */
  prefer: "none" | "insert" | "replace" | "delete";
}

/** One reading. */
export interface Machine {
  text: string;
  /** Where the reading ends. */
  end: number;
  pos: number;
  frames: Frame[];
  top: Frame | undefined;
  /** The root has no opening brace: then text without quotes is no value but prose. */
  implicit: boolean;
  /** A key without quotes was read: then others may follow. */
  sawBareKey: boolean;
  /** The finished root. */
  root: JsonValue | undefined;
  rootFrame: Frame | undefined;
  /** Set while more text may come: a step that looked past the end is not taken. */
  open: boolean;
  touchedEnd: boolean;
  /** Set when an open text needs a decision that only its end can give. */
  irregular: boolean;
  stopped: boolean;
  maxDepth: number;
  tooDeep: boolean;
  policy: Policy;
  repairs: Repair[];
  offset: number;
  /** Structural characters inserted or deleted. */
  edits: number;
  /** Those of them that were made before the text ended. */
  innerEdits: number;
  /** Closers and keys that do not stand where the indentation says. */
  misfits: number;
  /** Closers right beside an equal one: the first suspects when there is one too many. */
  doubled: number[];
  /** A place was met where `splitRows` makes a difference. */
  sawRow: boolean;
  /** The first closers that were taken: a judge may know better. */
  taken: number[];
  /** Where the text was cut, or -1. */
  cutAt: number;
  /** Indentation of the token at `pos` when it is the first of its line, else -1. */
  indent: number;
  lineIndent: number;
  scan: StringScan | undefined;
  /** Where the last closer of the text stands; -2 while unknown. */
  lastCloser: number;
}

/** More repairs than this are not listed one by one. */
export const MOST_REPAIRS = 50_000;

/** The reading that is tried first. */
export const FIRST_POLICY: Policy = {
  indentation: false,
  skipCloserAt: -1,
  splitRows: false,
  inProse: false,
  prefer: "none",
};

/** A machine at `pos` of `text`, reading to `end`. */
export function createMachine(text: string, pos: number, end: number, maxDepth: number): Machine {
  return {
    text,
    end,
    pos,
    frames: [],
    top: undefined,
    implicit: false,
    sawBareKey: false,
    root: undefined,
    rootFrame: undefined,
    open: false,
    touchedEnd: false,
    irregular: false,
    stopped: false,
    maxDepth,
    tooDeep: false,
    policy: FIRST_POLICY,
    repairs: [],
    offset: 0,
    edits: 0,
    innerEdits: 0,
    misfits: 0,
    doubled: [],
    taken: [],
    sawRow: false,
    cutAt: -1,
    indent: -1,
    lineIndent: 0,
    scan: undefined,
    lastCloser: -2,
  };
}

/** Writes down one repair; of a text with very many, the first of every kind at least. */
export function note(m: Machine, kind: RepairKind, at: number, length: number): void {
  if (m.repairs.length >= MOST_REPAIRS && m.repairs.some((repair) => repair.kind === kind)) return;
  m.repairs.push({ kind, offset: at + m.offset, length });
}

/** Like {@link note}, but lengthens the last repair when this one is of its kind and right behind it. */
export function noteRun(m: Machine, kind: RepairKind, at: number, length: number): void {
  const last = m.repairs[m.repairs.length - 1];
  if (last?.kind === kind && last.offset + last.length === at + m.offset) {
    last.length += length;
  } else note(m, kind, at, length);
}

/** Writes down a repair that inserts or deletes structure. */
export function noteEdit(m: Machine, kind: RepairKind, at: number, length: number): void {
  m.edits++;
  note(m, kind, at, length);
}

/** A container that was just opened. */
export function createFrame(isArray: boolean, tuple: boolean, indent: number): Frame {
  return {
    array: isArray ? [] : undefined,
    object: isArray ? undefined : {},
    tuple,
    holdsContainer: false,
    key: "",
    keyAt: 0,
    bareKey: false,
    phase: ITEM,
    commaAt: -1,
    indent,
    itemIndent: -1,
    good: 0,
    plain: 0,
    doubt: 0,
  };
}

/** Opens a container. */
export function push(m: Machine, isArray: boolean, isTuple = false): void {
  if (m.frames.length >= m.maxDepth) {
    m.tooDeep = true;
    m.stopped = true;
    return;
  }
  const frame = createFrame(isArray, isTuple, m.lineIndent);
  m.frames.push(frame);
  m.top = frame;
}

/** Closes the innermost container and hands it to its parent. */
export function pop(m: Machine): void {
  const frame = m.frames.pop() as Frame;
  const parent = m.frames[m.frames.length - 1];
  m.top = parent;
  const value = frame.array ?? frame.object as JsonObject;
  if (parent === undefined) {
    m.root = value;
    m.rootFrame = frame;
    return;
  }
  attach(parent, value);
  parent.holdsContainer = true;
  if (frame.good > 0) parent.good++;
  else if (frame.doubt > 0) parent.doubt++;
  else if (frame.plain > 0) parent.good++;
  else parent.plain++;
}

/** Gives a value to the container that waits for it. */
export function attach(frame: Frame, value: JsonValue): void {
  if (frame.array !== undefined) frame.array.push(value);
  else setOwn(frame.object as JsonObject, frame.key, value);
  frame.phase = AFTER;
}

/** Sets an own property, whatever its name: a plain assignment to `__proto__` would change the prototype. */
export function setOwn(object: JsonObject, key: string, value: JsonValue): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else object[key] = value;
}
