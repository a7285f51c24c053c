/**
 * Structured lines on the console: the only place of the library that writes to it.
 *
 * One JSON object a line, shorter than the 10,000 characters at which the platform cuts a log message.
 *
 * @module
 */

/** How bad a line is. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Writes one line; must not throw. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

const MAX_LINE_LENGTH = 9_500;

/** A logger that writes JSON lines to the console under the given name. */
export function createLogger(
  name: string,
  write: (level: LogLevel, line: string) => void = toConsole,
): Logger {
  function log(
    level: LogLevel,
    message: string,
    fields?: Record<string, unknown>,
  ): void {
    try {
      write(level, toLine(level, name, message, fields));
    } catch {
      // A logger that fails must not fail its caller.
    }
  }
  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
  };
}

/** A logger that says nothing. */
export const silentLogger: Logger = createLogger("silent", () => {});

function toLine(
  level: LogLevel,
  name: string,
  message: string,
  fields?: Record<string, unknown>,
): string {
  const head = {
    at: new Date().toISOString(),
    level,
    name,
    message: message.slice(0, 2_000),
  };
  const line = JSON.stringify({ ...fields, ...head });
  return line.length <= MAX_LINE_LENGTH ? line : JSON.stringify({ ...head, fieldsDropped: line.length });
}

function toConsole(level: LogLevel, line: string): void {
  // deno-lint-ignore no-console
  console[level](line);
}
