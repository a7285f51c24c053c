/**
 * Texts that are made to be slow or to overflow a stack: each shape repeats what some parser reads again and again.
 *
 * @module
 */

/** A shape of about `length` characters. */
export type HostileShape = (length: number) => string;

function repeated(piece: string, before = "", after = ""): HostileShape {
  return (length) => before + piece.repeat(Math.ceil(length / piece.length)) + after;
}

/** All shapes by name. */
export const HOSTILE_SHAPES: Readonly<Record<string, HostileShape>> = {
  "opening brackets": repeated("["),
  "opening braces": repeated("{"),
  "nested members": repeated('{"a":'),
  "closing brackets": repeated("]"),
  "crossing closers": repeated("}]", '{"a":1'),
  "half-open pairs": (length) => "[{".repeat(length / 4) + "]}".repeat(length / 4),
  "one wrong closer an element": repeated('[{"a":1],'),
  "extra closers with members": repeated(',"b":1}', '{"a":1}'),
  "quotes": repeated('"'),
  "quotes in a text": repeated('"', '{"a":"'),
  "inner quotes": repeated('x "y" z ', '{"a":"', '"}'),
  "inner quotes with commas": repeated('x "y", "z" w ', '["', '"]'),
  "quotes before closers": repeated('"}', '{"a":"'),
  "half-quoted list": repeated('"a, ', "[", "]"),
  "half-quoted members": repeated('"a: "b, ', "{"),
  "lost end quotes": repeated("},{\n", '{"a":"b\n', '"c":1}'),
  "apostrophes": repeated("a' b' ", "['"),
  "single quotes and commas": repeated("','", "["),
  "typographic quotes": repeated("«", "["),
  "typographic keys": repeated("„a“: „", "{"),
  "backticks": repeated("`"),
  "triple quotes": repeated('"""', "["),
  "backslashes": repeated("\\", '{"a":"'),
  "escaped quotes": repeated('\\"', '"'),
  "half escapes": repeated("\\u12", '{"a":"'),
  "escaped document": repeated('{\\"a\\":'),
  "entities": repeated("{&quot;"),
  "keys without colons": repeated('"k" ', "{"),
  "bare keys without colons": repeated("key ", "{"),
  "colons": repeated(":", '{"a"'),
  "commas": repeated(",", "["),
  "missing commas": repeated('"k":1 ', "{", "}"),
  "ellipses": repeated("...,", "["),
  "joined strings": repeated('+"a"', '["a"'),
  "bare words": repeated("a b c ", "["),
  "bare members": repeated("{a:b,"),
  "bare text with commas": repeated(", y", '{"a": x'),
  "digits": repeated("1", "["),
  "signs": repeated("-", "["),
  "tuples": repeated("(1,", "["),
  "line comments": repeated("//\n", "{"),
  "open comments": repeated("/*", '{"a":"x"'),
  "comments behind quotes": repeated('"/*', '{"a":"'),
  "spaces": repeated(" ", '{"a":'),
  "fences": repeated("```\n"),
  "labelled fences": repeated('```json\n{"a":[1,\n```\n'),
  "fences with open texts": repeated('```json\n{x: "\n```\n'),
  "think tags": repeated("<think>"),
  "closing think tags": repeated("</think>"),
  "placeholders in prose": repeated("some {x} and [y] text. "),
  "broken JSON in prose": repeated('see {"a" and ["b" or '),
  "arrays in prose": repeated('x ["a", '),
  "objects in prose": repeated("x {a: "),
  "lines of JSON": repeated('{"a":1}\n'),
  "junk between members": repeated(" @@\n", '{"a":1', "}"),
  "prototype keys": repeated('{"__proto__":'),
};
