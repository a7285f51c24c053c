/** The one place of the scripts that writes to the terminal. @module */

/** Writes a line to standard output. */
export function print(line = ""): void {
  // deno-lint-ignore no-console
  console.log(line);
}

/** Writes a line to standard error. */
export function printError(line: string): void {
  // deno-lint-ignore no-console
  console.error(line);
}
