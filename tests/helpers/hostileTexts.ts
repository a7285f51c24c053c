/** Pieces of text that, repeated, would make a careless expression look back again and again. @module */

/** For the sanitiser: the beginnings of what it looks for. */
export const HOSTILE_SANITIZER_PARTS: readonly string[] = [
  "a",
  "1",
  "a@",
  "password=",
  'password="',
  "a://",
  "postgres://a:",
  "-----BEGIN PRIVATE KEY-----",
  "eyJa.",
  "sk-",
  "+1 ",
  "(a)=(",
  "\\",
  "cookie: a=",
  "authorization: bearer ",
  "\0",
  "4111 ",
  "DE89 ",
  "[redacted:",
  "é",
  "-u a:",
  "eyJ",
  "pass: ",
  "a/",
];

/** For the classifier: what its rules begin with. */
export const HOSTILE_CLASSIFIER_PARTS: readonly string[] = [
  "a",
  "A ",
  "function f(",
  "Limit 1 ",
  '"',
  "{",
  "column a.",
  "5",
  "npm:",
  "Unexpected token ",
];

/** The part again and again, until the text has at least so many characters. */
export function repeated(part: string, length: number): string {
  return part.repeat(Math.ceil(length / part.length));
}
