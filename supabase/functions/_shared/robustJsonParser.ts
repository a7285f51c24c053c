/**
 * JSON as language models write it: fenced, cut, commented, half-quoted, wrapped in prose or reasoning.
 *
 * Valid JSON is read at the platform's speed. Anything else goes through one iterative pass that makes the fewest
 * edits, says which, and refuses what is no JSON. Nothing recurses, everything is linear.
 *
 * ```ts
 * import { parseJson } from "./robustJsonParser.ts";
 *
 * const result = parseJson("Here it is: {name: 'Ada', tags: ['x',], ");
 * if (result.ok) {
 *   result.value; // { name: "Ada", tags: ["x"] }
 *   result.complete; // false: the text was cut
 * }
 * ```
 *
 * @module
 */

export { type ParseFailure, parseJson, type ParseResult } from "./robustJsonParser/parse.ts";
export { robustJSONParse, type RobustParseOptions } from "./robustJsonParser/robust.ts";
export { createJsonStream, type JsonStream } from "./robustJsonParser/stream.ts";
export { JsonParseError, type JsonParseErrorCode } from "./robustJsonParser/jsonParseError.ts";
export type {
  JsonFailureReport,
  JsonParsePort,
  JsonRepairReport,
  TextSanitiser,
} from "./robustJsonParser/jsonParsePort.ts";
export type { JsonSchemaLike, SafeParseSchema, StandardSchema } from "./robustJsonParser/schema.ts";
export type {
  Attempt,
  JsonObject,
  JsonValue,
  ParseLevel,
  ParseOptions,
  ParseSuccess,
  Repair,
  RepairKind,
} from "./robustJsonParser/types.ts";
