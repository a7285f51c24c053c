/**
 * The words that the parser speaks with its callers: values, repairs, levels, options, results.
 *
 * @module
 */

/** Any value that JSON can carry. */
export type JsonValue = null | boolean | number | string | JsonValue[] | {
  [key: string]: JsonValue;
};

/** An object as JSON knows it; every key is an own key, `__proto__` too. */
export type JsonObject = { [key: string]: JsonValue };

/** What was done to the text, as a strict caller may refuse it. */
export type RepairKind =
  | "comma_added"
  | "comma_removed"
  | "colon_added"
  | "separator_replaced"
  | "opener_added"
  | "closer_added"
  | "closer_removed"
  | "closer_replaced"
  | "quote_added"
  | "quote_escaped"
  | "quote_replaced"
  | "key_quoted"
  | "value_quoted"
  | "literal_replaced"
  | "number_normalised"
  | "escape_kept"
  | "strings_joined"
  | "comment_removed"
  | "ellipsis_removed"
  | "space_removed"
  | "member_dropped"
  | "cut_completed"
  | "text_removed"
  | "reasoning_removed"
  | "fence_removed"
  | "roots_joined"
  | "document_decoded";

/** One change: what it was, where in the text that was given it begins, and how many characters it covers. */
export interface Repair {
  kind: RepairKind;
  offset: number;
  length: number;
}

/** How far the parser had to go: plain JSON, mended JSON, JSON found inside other text, or a document that was cut. */
export type ParseLevel = "standard" | "repair" | "markdown" | "partial";

/** How a text is read. */
export interface ParseOptions {
  /** Whether a document that was cut is an answer; default `true`. */
  allowPartial?: boolean;
  /** Repairs that the caller does not accept; a reading that needs one of them is an error. */
  refuseRepairs?: readonly RepairKind[];
  /** The longest text that is read, in characters; default 8,000,000. */
  maxChars?: number;
  /** The deepest nesting that is read; default 1,000. */
  maxDepth?: number;
}

/** What was tried before the parser gave up, in order. */
export type Attempt =
  | "standard"
  | "whole"
  | "fence"
  | "prose"
  | "decoded"
  | "schema";

/** A text that was read. `cutAt` says where a cut document ends, in characters of the text. */
export interface ParseSuccess {
  ok: true;
  value: JsonValue;
  level: ParseLevel;
  /** False when the document was cut; then `cutAt` says where. */
  complete: boolean;
  cutAt?: number;
  repairs: Repair[];
}
