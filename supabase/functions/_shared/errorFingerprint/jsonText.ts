/**
 * JSON inside a message: the fields that name the cause stay, the rest goes.
 *
 * Providers put their whole answer into the message (`400 {"error":{"message":…,"code":…}}`), validators put a list of
 * issues; replacing all of it by one placeholder would join every failure of a provider into one.
 *
 * @module
 */

import type { MessagePart } from "./message.ts";

const TELLING_FIELDS = new Set([
  "code",
  "type",
  "error",
  "errors",
  "error_code",
  "error_description",
  "message",
  "msg",
  "param",
  "path",
  "expected",
  "reason",
  "status",
  "statusCode",
  "name",
  "keyword",
]);
/** Only with one of these an object tells of a failure; any other is somebody's data. */
const FAILURE_FIELDS = new Set([
  "code",
  "error",
  "errors",
  "error_code",
  "error_description",
  "message",
  "msg",
  "reason",
  "expected",
  "keyword",
]);
const MAX_ITEMS = 8;

/** True where an object or a list may begin. */
export function startsJson(text: string, at: number): boolean {
  return /^(?:\{\s?["}]|\[\s?[{"[\d\]])/.test(text.slice(at, at + 4));
}

/** The JSON object or list that starts here; undefined when none does or it was cut off. */
export function findJson(text: string, at: number): { value: unknown; length: number } | undefined {
  const end = findEnd(text, at);
  if (end === undefined) return undefined;
  try {
    return { value: JSON.parse(text.slice(at, end)), length: end - at };
  } catch {
    return undefined;
  }
}

function findEnd(text: string, at: number): number | undefined {
  let depth = 0;
  let isString = false;
  for (let index = at; index < text.length; index += 1) {
    const sign = text.charAt(index);
    if (isString) {
      if (sign === "\\") index += 1;
      else if (sign === '"') isString = false;
    } else if (sign === '"') isString = true;
    else if (sign === "{" || sign === "[") depth += 1;
    else if (sign === "}" || sign === "]") {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return undefined;
}

/** What the JSON says of the cause, in pieces. */
export function readJson(value: unknown, readText: (text: string) => MessagePart[]): MessagePart[] {
  if (Array.isArray(value)) return readList(value, readText);
  if (typeof value !== "object" || value === null) return [{ text: "<json>" }];
  const entries = Object.entries(value);
  if (!entries.some(([name]) => FAILURE_FIELDS.has(name))) return [{ text: "<json>" }];
  const fields = entries.filter(([name, item]) => TELLING_FIELDS.has(name) && item !== null);
  const parts: MessagePart[] = [{ text: "{" }];
  for (const [name, item] of fields.sort(([a], [b]) => a < b ? -1 : 1).slice(0, MAX_ITEMS)) {
    parts.push({ text: `${name}:` }, ...readField(item, readText), { text: ";" });
  }
  return [...parts, { text: "}" }];
}

/** The same issue for many items is one issue. */
function readList(list: readonly unknown[], readText: (text: string) => MessagePart[]): MessagePart[] {
  const objects = list.filter((item) => typeof item === "object" && item !== null).slice(0, MAX_ITEMS);
  if (objects.length === 0) return [{ text: "<json>" }];
  const seen = new Map(
    objects.map((item) => readJson(item, readText)).map((parts) => [joined(parts), parts]),
  );
  if (seen.size === 1 && seen.has("<json>")) return [{ text: "<json>" }];
  return [{ text: "[" }, ...[...seen.values()].flat(), { text: "]" }];
}

function readField(item: unknown, readText: (text: string) => MessagePart[]): MessagePart[] {
  if (typeof item === "string") return readText(item);
  if (typeof item === "number") return [{ text: /^[1-5]\d\d$/.test(String(item)) ? String(item) : "<n>" }];
  if (Array.isArray(item) && item.every((step) => typeof step === "string" || typeof step === "number")) {
    return [{ text: item.map((step) => typeof step === "number" ? "<n>" : step.slice(0, 64)).join(".") }];
  }
  return readJson(item, readText);
}

function joined(parts: readonly MessagePart[]): string {
  return parts.map((part) => part.text).join("");
}
