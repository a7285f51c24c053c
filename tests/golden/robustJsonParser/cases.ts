/**
 * Replies written by hand after bug reports of other parsers, each with the value that the rules want.
 * A case without `want` must be refused.
 *
 * @module
 */

/** One reply. */
export interface GoldenCase {
  name: string;
  text: string;
  want?: unknown;
}

const BT = "```";

/** Every reply of the corpus. */
export const GOLDEN_CASES: readonly GoldenCase[] = [
  // Quotes
  {
    name: "inner quotes before a comma",
    text: `{"a": "he said "stop", and left", "b": 1}`,
    want: { a: 'he said "stop", and left', b: 1 },
  },
  {
    name: "inner quotes at the end of the last value",
    text: `{"a": 1, "b": "the so-called "fix""}`,
    want: { a: 1, b: 'the so-called "fix"' },
  },
  {
    name: "inner quotes around the whole value",
    text: `{"a": ""x"", "b": 2}`,
    want: { a: '"x"', b: 2 },
  },
  {
    name: "inner quotes in an array",
    text: `["say "hi" now", "ok"]`,
    want: ['say "hi" now', "ok"],
  },
  {
    name: "inner quotes in two neighbours",
    text: `{"a": "x "y" z", "b": "u "v" w"}`,
    want: { a: 'x "y" z', b: 'u "v" w' },
  },
  {
    name: "German quotes with a straight end",
    text: `{"a": "Sie sagte „Nein", dann Stille", "b": true}`,
    want: { a: 'Sie sagte „Nein", dann Stille', b: true },
  },
  {
    name: "German quotes inside",
    text: `{"a": "das „Haus“ da", 'b': 1}`,
    want: { a: "das „Haus“ da", b: 1 },
  },
  {
    name: "inches",
    text: `{"size": "6" x 4"", "n": 1}`,
    want: { size: '6" x 4"', n: 1 },
  },
  {
    name: "quoted code with a colon",
    text: `{"a": "use {"k": "v"} here", "b": 1}`,
    want: { a: 'use {"k": "v"} here', b: 1 },
  },
  {
    name: "attribute quotes",
    text: `{"html": "<a href="x" id="y">z</a>", "n": 0}`,
    want: { html: '<a href="x" id="y">z</a>', n: 0 },
  },
  {
    name: "apostrophes in single quotes",
    text: `{'a': 'it's Bob's', 'b': 'x'}`,
    want: { a: "it's Bob's", b: "x" },
  },
  {
    name: "plural apostrophe in single quotes",
    text: `{'a': 'the users' data is safe', 'b': 1}`,
    want: { a: "the users' data is safe", b: 1 },
  },
  {
    name: "double quotes in single quotes",
    text: `{'a': 'say "x", or "y"', 'b': 1}`,
    want: { a: 'say "x", or "y"', b: 1 },
  },
  {
    name: "opened straight, closed smart",
    text: `{"a": "x”, "b": "y"}`,
    want: { a: "x", b: "y" },
  },
  {
    name: "end quote lost before a key",
    text: `{"a": "x, "b": "y"}`,
    want: { a: "x", b: "y" },
  },
  {
    name: "end quote lost at a line end",
    text: `{\n  "a": "x,\n  "b": [1, 2]\n}`,
    want: { a: "x", b: [1, 2] },
  },
  {
    name: "end quote lost before a closer",
    text: `{"a": {"b": "x}, "c": 1}`,
    want: { a: { b: "x" }, c: 1 },
  },
  {
    name: "end quote lost on the last value",
    text: `{"a": "x", "b": "y}`,
    want: { a: "x", b: "y" },
  },
  {
    name: "end quote lost on the last value of several containers",
    text: `{"a": [{"b": "y"}, {"b": "z}]}`,
    want: { a: [{ b: "y" }, { b: "z" }] },
  },
  {
    name: "end quote lost in an array",
    text: `{"t": ["x, "y", "z"], "n": 1}`,
    want: { t: ["x", "y", "z"], n: 1 },
  },
  {
    name: "start quote lost",
    text: `{"a": x y", "b": 1}`,
    want: { a: "x y", b: 1 },
  },
  {
    name: "start quote lost on a text with a comma",
    text: `{"a": x, y and z", "b": 1}`,
    want: { a: "x, y and z", b: 1 },
  },
  {
    name: "key without its start quote",
    text: `{a": 1, "b": 2}`,
    want: { a: 1, b: 2 },
  },
  {
    name: "key without its end quote",
    text: `{"a: 1, "b": 2}`,
    want: { a: 1, b: 2 },
  },
  {
    name: "key without its end quote before a string",
    text: `{"a: "x", "b": 2}`,
    want: { a: "x", b: 2 },
  },
  {
    name: "raw newline in a text with a colon",
    text: `{"a": "first:\n second, third", "b": 1}`,
    want: { a: "first:\n second, third", b: 1 },
  },
  {
    name: "escaped quotes as the only defect elsewhere",
    text: `{"a": "say \\"x\\", now", b: 1}`,
    want: { a: 'say "x", now', b: 1 },
  },
  // Escapes
  {
    name: "Windows path",
    text: `{"p": "C:\\Windows\\System32", "q": 1}`.replace(/\\\\/g, "\\"),
    want: { p: "C:\\Windows\\System32", q: 1 },
  },
  {
    name: "LaTeX",
    text: '{"m": "\\sum_{i} \\lambda"}',
    want: { m: "\\sum_{i} \\lambda" },
  },
  {
    name: "regular expression",
    text: '{"r": "\\d+\\.\\w*"}',
    want: { r: "\\d+\\.\\w*" },
  },
  {
    name: "escaped dollar and hash",
    text: '{"r": "\\$5 \\# x"}',
    want: { r: "\\$5 \\# x" },
  },
  { name: "cut unicode escape", text: '{"a": "caf\\u00', want: { a: "caf" } },
  {
    name: "cut surrogate pair",
    text: '{"a": "x\\ud83d\\ude',
    want: { a: "x" },
  },
  { name: "cut after a backslash", text: '{"a": "x\\', want: { a: "x" } },
  // Commas and colons
  {
    name: "no comma between objects",
    text: `[{"a": 1} {"a": 2}\n{"a": 3}]`,
    want: [{ a: 1 }, { a: 2 }, { a: 3 }],
  },
  {
    name: "no comma between strings",
    text: `["a" "b"\n"c"]`,
    want: ["a", "b", "c"],
  },
  {
    name: "no comma between numbers",
    text: `{"n": [1 2 3], "m": 4}`,
    want: { n: [1, 2, 3], m: 4 },
  },
  {
    name: "no comma after a number",
    text: `{"a": 1\n"b": 2}`,
    want: { a: 1, b: 2 },
  },
  {
    name: "no comma before a bare key",
    text: `{\n  a: "x"\n  b: 2\n}`,
    want: { a: "x", b: 2 },
  },
  { name: "only a comma", text: `{"a": [,], "b": 1}`, want: { a: [], b: 1 } },
  { name: "leading comma", text: `{, "a": 1}`, want: { a: 1 } },
  {
    name: "ellipsis alone",
    text: `{"a": [...], "b": {…}}`,
    want: { a: [], b: {} },
  },
  {
    name: "quoted ellipsis",
    text: `{"a": ["...", 1,]}`,
    want: { a: ["...", 1] },
  },
  {
    name: "arrow for a colon",
    text: `{"a" => {"b" => 1}}`,
    want: { a: { b: 1 } },
  },
  { name: "two colons", text: `{"a":: 1}`, want: { a: 1 } },
  // Values
  {
    name: "bare words",
    text: `{"a": not set, "b": in progress}`,
    want: { a: "not set", b: "in progress" },
  },
  {
    name: "bare URL",
    text: `{"u": https://a.b/c?d=e, "n": 1}`,
    want: { u: "https://a.b/c?d=e", n: 1 },
  },
  {
    name: "bare date and time",
    text: `{"d": 2026-01-02, "t": 12:30, "n": 1}`,
    want: { d: "2026-01-02", t: "12:30", n: 1 },
  },
  {
    name: "bare version and percentage",
    text: `{"v": 1.2.3, "p": 50%, "n": 1}`,
    want: { v: "1.2.3", p: "50%", n: 1 },
  },
  {
    name: "bare colour",
    text: `{"c": #ff00aa, "n": 1}`,
    want: { c: "#ff00aa", n: 1 },
  },
  {
    name: "number with a unit",
    text: `{"w": 5 kg, "n": 1}`,
    want: { w: "5 kg", n: 1 },
  },
  {
    name: "number before a comment",
    text: `{"w": 5, // kg\n "n": 1 # one\n}`,
    want: { w: 5, n: 1 },
  },
  {
    name: "constants of Python",
    text: `{"a": True, "b": None, "c": [False]}`,
    want: { a: true, b: null, c: [false] },
  },
  {
    name: "tuple",
    text: `{'a': (1, 'x', None), 'b': ()}`,
    want: { a: [1, "x", null], b: [] },
  },
  {
    name: "word that begins like a literal",
    text: `{"a": nullable, "b": trueish}`,
    want: { a: "nullable", b: "trueish" },
  },
  { name: "missing value", text: `{"a": , "b": 1}`, want: { b: 1 } },
  { name: "missing value at the end", text: `{"b": 1, "a": }`, want: { b: 1 } },
  {
    name: "huge number",
    text: `{"a": 123456789012345678901234567890, b: 1e5}`,
    want: { a: 1.2345678901234568e29, b: 100000 },
  },
  {
    name: "negative zero and exponents",
    text: `{"a": -0.0, "b": 1E+2, "c": [1e-3,]}`,
    want: { a: -0, b: 100, c: [0.001] },
  },
  // Closers
  {
    name: "array closed as an object",
    text: `{"a": [1, 2}, "b": 3}`,
    want: { a: [1, 2], b: 3 },
  },
  {
    name: "object closed as an array",
    text: `[{"a": 1], {"a": 2}]`,
    want: [{ a: 1 }, { a: 2 }],
  },
  {
    name: "array not closed before a key",
    text: `{"a": ["x", "y", "b": 1}`,
    want: { a: ["x", "y"], b: 1 },
  },
  {
    name: "object not closed before the next one",
    text: `[{"a": 1, {"a": 2}]`,
    want: [{ a: 1 }, { a: 2 }],
  },
  {
    name: "indentation tells where a closer is missing",
    text: `{\n  "a": {\n    "b": 1,\n  "c": 2\n}`,
    want: { a: { b: 1 }, c: 2 },
  },
  {
    name: "one closer too many in the middle",
    text: `{"a": {"b": 1}}, "c": 2}`,
    want: { a: { b: 1 }, c: 2 },
  },
  {
    name: "closers before a fence",
    text: `${BT}json\n{"a": [1]}]}\n${BT}`,
    want: { a: [1] },
  },
  {
    name: "swapped closers",
    text: `{"a": [{"b": 1]}, "c": 2}`,
    want: { a: [{ b: 1 }], c: 2 },
  },
  {
    name: "double braces of a template",
    text: `{{"a": 1, "b": {{"c": 2}}}}`,
    want: { a: 1, b: { c: 2 } },
  },
  // Cuts
  {
    name: "cut in a nested text",
    text: `{"a": [{"b": "one, two: thr`,
    want: { a: [{ b: "one, two: thr" }] },
  },
  { name: "cut after an opening quote", text: `{"a": "`, want: { a: "" } },
  { name: "cut in a key", text: `{"a": 1, "lon`, want: { a: 1 } },
  { name: "cut number", text: `[1, 2.`, want: [1, 2] },
  { name: "cut minus", text: `[1, -`, want: [1] },
  { name: "cut exponent", text: `[1, 2e`, want: [1, 2] },
  { name: "cut literal", text: `{"a": fal`, want: { a: false } },
  {
    name: "cut in a single-quoted text",
    text: `{'a': 'it is`,
    want: { a: "it is" },
  },
  { name: "cut after a comment began", text: `{"a": 1, // no`, want: { a: 1 } },
  {
    name: "cut list of objects",
    text: `[{"a": 1}, {"a": 2}, {"a`,
    want: [{ a: 1 }, { a: 2 }, {}],
  },
  // Around
  { name: "label without a fence", text: `json\n{"a": 1}`, want: { a: 1 } },
  { name: "one line fence", text: `${BT}json {"a": 1} ${BT}`, want: { a: 1 } },
  {
    name: "fence in a list",
    text: `1. Result:\n   ${BT}json\n   {"a": 1}\n   ${BT}\n2. Done`,
    want: { a: 1 },
  },
  {
    name: "four backticks",
    text: `${BT}\`json\n{"a": "${BT}"}\n${BT}\``,
    want: { a: BT },
  },
  {
    name: "fence cut in a text",
    text: `${BT}json\n{"a": "one\n${BT}\nThat was it.`,
    want: { a: "one" },
  },
  {
    name: "draft in prose, longer answer after it",
    text: `First {"a": 1}, better: {"a": 1, "b": [1, 2, 3]}.`,
    want: { a: 1, b: [1, 2, 3] },
  },
  {
    name: "footnotes around",
    text: `As in [1] and [2]: {"a": [1]} [3]`,
    want: { a: [1] },
  },
  {
    name: "thinking without its opening tag",
    text: `maybe {"x": 1}?\n</think>\n{"a": 1}`,
    want: { a: 1 },
  },
  {
    name: "thinking mentioned in a text",
    text: `{"a": "use <think> tags", "b": 1,}`,
    want: { a: "use <think> tags", b: 1 },
  },
  {
    name: "XML tool call",
    text: `<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>`,
    want: { name: "f", arguments: { x: 1 } },
  },
  { name: "server-sent event", text: `data: {"a": 1}\n\n`, want: { a: 1 } },
  { name: "JSONP", text: `/**/cb({"a": [1, 2]});`, want: { a: [1, 2] } },
  { name: "trailing semicolon", text: `{"a": 1};`, want: { a: 1 } },
  {
    name: "lines of JSON",
    text: `{"a": 1}\n{"a": 2}\n`,
    want: [{ a: 1 }, { a: 2 }],
  },
  {
    name: "lines of JSON, the last one cut",
    text: `{"a": 1}\n{"a": 2, "b`,
    want: [{ a: 1 }, { a: 2 }],
  },
  {
    name: "members without braces",
    text: `"a": 1, "b": {"c": 2}`,
    want: { a: 1, b: { c: 2 } },
  },
  {
    name: "document in a string",
    text: JSON.stringify(JSON.stringify({ a: [1, "x"] })),
    want: { a: [1, "x"] },
  },
  {
    name: "document in a string with a defect",
    text: JSON.stringify("{'a': [1, 2,]}"),
    want: { a: [1, 2] },
  },
  {
    name: "nested strings are left alone",
    text: `{"a": "{\\"b\\": 1}",}`,
    want: { a: '{"b": 1}' },
  },
  {
    name: "escaped document in a fence",
    text: `${BT}json\n{\\"a\\": \\"x\\"}\n${BT}`,
    want: { a: "x" },
  },
  {
    name: "HTML entities",
    text: `{&quot;a&quot;: &quot;x &amp;amp; y&quot;}`,
    want: { a: "x &amp; y" },
  },
  {
    name: "keys of every prototype",
    text: `{"__proto__": {"x": 1}, "constructor": 2, "toString": 3,}`,
    want: JSON.parse(
      '{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}',
    ),
  },
  { name: "valid scalar", text: ` "just text" `, want: "just text" },
  { name: "valid number", text: `42`, want: 42 },
  // Refusals
  { name: "empty", text: "" },
  { name: "prose", text: "I could not find anything about that." },
  { name: "links", text: "See [a](https://b.c) and [d][1]." },
  {
    name: "placeholders",
    text: "Dear {name}, your order {{id}} is on its way.",
  },
  { name: "empty brackets in prose", text: "Call f([]) or g({}) instead." },
  { name: "checkboxes", text: "- [ ] a\n- [x] b" },
  { name: "YAML", text: "a: 1\nb:\n  c: [x, y]" },
  { name: "CSS", text: "a { color: red; }\n.b { margin: 0 1px; }" },
  { name: "INI", text: "[core]\nname = x\nvalue = 3" },
  { name: "TypeScript", text: "interface A { b: string; c: number[] }" },
  { name: "shell", text: 'if [[ "$a" == "b" ]]; then echo "${c}"; fi' },
  { name: "Rust", text: 'fn main() { println!("{}", x); }' },
  {
    name: "Go",
    text: "type T struct { A int }\nfunc (t T) B() []string { return nil }",
  },
  { name: "SQL", text: "INSERT INTO t (a, b) VALUES (1, 'x');" },
  { name: "LaTeX alone", text: "\\begin{document} x_{1} \\end{document}" },
  { name: "set", text: "{1, 2, 3}" },
  { name: "format string", text: 'print(f"{x:.2f} of {y}")' },
  { name: "thinking only", text: '<think>{"a": 1}</think>' },
  { name: "word in brackets", text: "[TODO]" },
  { name: "bare words in braces", text: "{status: ok}" },
  { name: "quoted sentence", text: '"Yes", she said.' },
  { name: "lone literal in prose", text: "The answer is true." },
  { name: "CSV", text: 'id,"name, long",x\n1,"a ""b""",2' },
  { name: "diff", text: "@@ -1,2 +1,2 @@\n-a\n+b" },
  { name: "regular expression alone", text: "/^[a-z]{2,3}$/" },
  { name: "GraphQL", text: "query { user(id: 4) { name friends { id } } }" },
  {
    name: "stack trace",
    text: "Error: x\n    at f (/a/b.js:1:2)\n    at [eval]:1:1",
  },
  { name: "TOML", text: 'name = "x"\ntags = ["a", "b"]\n[server]\nport = 80' },
  { name: "YAML with lists in brackets", text: 'name: x\ntags: ["a", "b"]\nn: 3' },
  { name: "YAML with members in braces", text: 'a:\n  - {name: "x", n: 1}\n  - {name: "y", n: 2}' },
  { name: "subscripts", text: 'x["a"] = y[0]["b"] + f()["c"]' },
  { name: "metric", text: 'requests_total{method="post",code="200"} 1027' },
  { name: "minified CSS", text: "a{color:red}b{z-index:1}" },
  { name: "Rust match", text: 'match x { 1 => "a", _ => "b" }' },
  { name: "quoted word and a colon", text: '"Title": the story of "x", and y' },
  { name: "words before a list of a call", text: 'let a = vec![1, 2]; call(a)["x"];' },
];
