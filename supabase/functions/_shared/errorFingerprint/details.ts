/**
 * What is taken out of a whole message before it is read word by word: where in a text a parser stood, and the rows
 * and keys that Postgres shows.
 *
 * @module
 */

/** What Postgres adds to its sentence, and drivers pass on or leave out: the cause is in the sentence. */
const AFTERWORD = /(?<=\S)\s{0,20}\n\s{0,20}(?:DETAIL|HINT|QUERY|STATEMENT): [^]*$/;
/** Where in the statement, which the drivers add or leave out. */
const POSITION = / at character -?\d{1,10}\s*$|\n\s{0,20}(?:LINE \d{1,9}:|CONTEXT:|\^)[^]*$/;
/** What V8 shows of a text that is no JSON may hold quotes and line ends. */
const JSON_SNIPPET =
  /Unexpected token (?:.{1,12}?, (?:\.{3})?"[^]{0,64}?"(?:\.{3})? is not valid JSON|\S{1,4} in JSON at position \d{1,10})/g;
/** What a query was given, as drivers and mappers add it: `params: 17,abc`. */
const PARAMS = /\b(params|parameters|bindings): (?!\S{1,40} )[^]*$|(\nparams): [^]*$/;
const ROW = /Failing row contains \([^]*$/;
const KEY =
  /(Key \([^=]{1,200}\))=\([^]{0,1000}?\)(?= (?:already|is (?:not|still)|conflicts|references|was)|\.?$|\.\s)/g;

/** PostgREST quotes its own sentence, with the filter in it. */
const PARSER = /^"([^]{1,2000})" \(line \d{1,9}, column \d{1,9}\)$/;
const PARSED = /^(failed to parse [a-z ]{3,40}) \([^]*\)$/;

/** A stack that somebody put into the message; the real one is read elsewhere. */
const STACK = /\n\s{1,20}at (?:async )?[\w$.<>[\] ]{0,120}[( ]?[^\s()]{0,400}:\d{1,7}[^]*$/;

/** React shows both texts, the server's and the client's, behind its advice. */
const HYDRATION = /(https:\/\/(?:react\.dev|nextjs\.org)\/[\w/-]{0,60}hydration[\w/-]{0,40})[^]*$/;

/** The same mistake in the words of the engines. */
const ENGINES: readonly [RegExp, string][] = [
  [
    /Cannot read propert(?:y|ies) of (undefined|null) \(reading '([^']{1,80})'\)/,
    'Cannot read property "$2" of $1',
  ],
  [/Cannot read property '([^']{1,80})' of (undefined|null)/, 'Cannot read property "$1" of $2'],
  [
    /(undefined|null) is not an object \(evaluating '[^']{0,200}?\.?([\w$]{1,80})'\)/,
    'Cannot read property "$2" of $1',
  ],
  [/can't access property "([^"]{1,80})", \S{1,200} is (undefined|null)/, 'Cannot read property "$1" of $2'],
  [/(is not a (?:function|constructor))\. \(In '[^]{0,400}$/, "$1"],
  // A bundler gives variables one letter, another one in the next build.
  [/(^|[\s(])[A-Za-z_$]((?:\.[\w$]{1,80}){0,8} is not (?:a function|a constructor|iterable)\b)/, "$1?$2"],
];

/** `level=error msg="disk full"`: what is said there is no value. */
const SAID = /\b(msg|message|error|err|reason|cause|detail|event)="((?:[^"\\]|\\.){0,1000})"/g;

/** The message without places and rows, in one line. */
export function withoutDetails(message: string): string {
  return inWordsOfOne(message)
    .replace(AFTERWORD, "")
    .replace(POSITION, "")
    .replace(STACK, "")
    .replace(JSON_SNIPPET, snippetOf)
    .replace(PARAMS, "$1$2: ?")
    .replace(HYDRATION, "$1")
    .replace(SAID, "$1=($2)")
    .replace(ROW, "Failing row contains (?)")
    .replace(KEY, "$1=(?)")
    .replace(/( at position -?\d{1,10}) \(line \d{1,9} column \d{1,9}\)/g, "$1")
    .replace(PARSER, "$1")
    .replace(PARSED, "$1 (?)")
    .replace(/\s+/g, " ")
    .trim();
}

function inWordsOfOne(message: string): string {
  if (!/\b(?:property|properties|evaluating|is not a)\b/.test(message)) return message;
  return ENGINES.reduce((text, [pattern, words]) => text.replace(pattern, words), message);
}

/** The first character of the refused text tells HTML from prose; the rest is chance. */
function snippetOf(snippet: string): string {
  const token = /Unexpected token '?(.)/.exec(snippet)?.[1] ?? "";
  return `Unexpected token ${/[<`]/.test(token) ? `(${token})` : "(text)"}, (snippet) is not valid JSON`;
}
