/** Writes of supabase-js whose failure is the author's alone. @module */

import type { SyntaxNode } from "../../../supabase/functions/_shared/core/codeSyntax.ts";
import type {
  FunctionCalls,
  TableUse,
} from "../../../supabase/functions/_shared/predictiveHealing/sourceCalls.ts";
import { child, type CodeFile, type Gap, isInside, list, nameOf, type Rewrite } from "./gap.ts";
import { handlerAround } from "./helpersInScope.ts";

const VERBS = ["insert", "update", "upsert"];

/** Finds them; `calls` is what the file asks of its project. */
export function writeGaps(file: CodeFile, { tables }: FunctionCalls): Gap[] {
  return file.nodes("CallExpression").flatMap((call): Gap[] => {
    const write = readWrite(call);
    if (write === null || isInside(call, ["protectedDBCall"])) return [];
    const { line } = file.lineAndColumn(write.fromAt);
    const use = tables.find((one) => one.place.line === line && one.table === write.table && isWrite(one));
    if (use === undefined) return [];
    return [{
      rule: "direct-write",
      at: write.fromAt,
      message: `${write.verb} ${
        write.verb === "update" ? "of" : "into"
      } ${use.table}: a row that does not fit, or an outage, loses it`,
      advice: adviceFor(write),
      rewrite: rewriteOf(write, use, file),
    }];
  });
}

function isWrite({ verbs }: TableUse): boolean {
  return verbs.includes("INSERT") || verbs.includes("UPDATE");
}

interface Write {
  call: SyntaxNode;
  verb: string;
  table: string;
  /** Where the word `from` stands. */
  fromAt: number;
  values: SyntaxNode[];
}

/** `….from("table").insert(…)` */
function readWrite(call: SyntaxNode): Write | null {
  const callee = child(call, "callee");
  const verb = nameOf(child(callee, "property"));
  const from = child(callee, "object");
  const member = child(from, "callee");
  const property = child(member, "property");
  if (
    verb === undefined || !VERBS.includes(verb) || from?.type !== "CallExpression" ||
    nameOf(property) !== "from"
  ) {
    return null;
  }
  const [table] = list(from, "arguments");
  if (table?.type !== "StringLiteral") return null;
  return { call, verb, table: String(table.value), fromAt: property!.start, values: list(call, "arguments") };
}

function adviceFor({ verb, table }: Write): string {
  const filter = verb === "update" ? ", { id }" : "";
  return `await resilientDb.${verb}("${table}", …${filter}) heals it, or keeps it and makes it later`;
}

/**
 * Only `const { error } = await …; if (error) throw error;` with one row and known rights: there the new statement means
 * the same, since `resilientDb` throws as well.
 */
function rewriteOf(write: Write, { role }: TableUse, file: CodeFile): Rewrite | null {
  const handler = handlerAround(write.call, file);
  const filtered = filterOf(write, file);
  if (handler === null || filtered === null) return null;
  if ((role !== "service_role" && role !== "authenticated") || usesOfSchema(write, file)) return null;
  const [row, ...options] = write.values;
  if (row?.type !== "ObjectExpression" || options.length > 0) return null;
  const checked = checkedStatements(filtered.end);
  if (checked === null) return null;
  const [first, second] = checked;
  const end = file.text(first).endsWith(";") ? ";" : "";
  const text = `await resilientDb.${write.verb}("${write.table}", ${file.text(row)}${filtered.text})${end}`;
  return {
    need: { handler, helper: "resilientDb", role: role === "service_role" ? "service_role" : "caller" },
    edits: [{ start: first.start, end: second.end, text }],
  };
}

/** A client of another schema: `resilientDb` writes into `public`. */
function usesOfSchema({ call }: Write, file: CodeFile): boolean {
  return /\.schema\(/.test(file.text(call));
}

/** What follows the write: nothing, or for an update only `.eq("column", value)`. */
function filterOf({ call, verb }: Write, file: CodeFile): { end: SyntaxNode; text: string } | null {
  const parts: string[] = [];
  let end = call;
  for (let member = call.parent; member?.type === "MemberExpression"; member = end.parent) {
    const next = member.parent;
    const [column, value, more] = list(next, "arguments");
    const isEquality = next?.type === "CallExpression" && child(next, "callee") === member &&
      nameOf(child(member, "property")) === "eq" && column?.type === "StringLiteral" && value !== undefined &&
      value.type !== "SpreadElement" && more === undefined;
    if (!isEquality) return null;
    const key = /^[A-Za-z_]\w*$/.test(String(column.value))
      ? String(column.value)
      : JSON.stringify(column.value);
    parts.push(nameOf(value) === key ? key : `${key}: ${file.text(value)}`);
    end = next;
  }
  const isUpdate = verb === "update";
  if (isUpdate !== parts.length > 0 || new Set(parts.map((part) => part.split(":")[0])).size < parts.length) {
    return null;
  }
  return { end, text: isUpdate ? `, { ${parts.join(", ")} }` : "" };
}

/** The declaration of `error` and the statement that throws it, when nothing else looks at it. */
function checkedStatements(awaited: SyntaxNode): [SyntaxNode, SyntaxNode] | null {
  const declarator = awaited.parent?.type === "AwaitExpression" ? awaited.parent.parent : undefined;
  const declaration = declarator?.parent;
  const block = declaration?.parent;
  const error = errorOf(declarator);
  if (error === undefined || list(declaration, "declarations").length !== 1) return null;
  const body = list(block, "body");
  const next = body[body.indexOf(declaration!) + 1];
  if (next === undefined || !throwsIt(next, error)) return null;
  const isUsedLater = body.slice(body.indexOf(next) + 1).some((one) => mentions(one, error));
  return isUsedLater ? null : [declaration!, next];
}

/** `{ error }` or `{ error: name }` and nothing else. */
function errorOf(declarator: SyntaxNode | undefined): string | undefined {
  if (declarator?.type !== "VariableDeclarator") return undefined;
  const properties = list(child(declarator, "id"), "properties");
  const [only] = properties;
  return properties.length === 1 && nameOf(child(only, "key")) === "error"
    ? nameOf(child(only, "value"))
    : undefined;
}

function throwsIt(statement: SyntaxNode, error: string): boolean {
  if (statement.type !== "IfStatement" || child(statement, "alternate") !== undefined) return false;
  if (nameOf(child(statement, "test")) !== error) return false;
  const consequent = child(statement, "consequent");
  const inner = consequent?.type === "BlockStatement" ? list(consequent, "body") : [consequent];
  return inner.length === 1 && inner[0]?.type === "ThrowStatement" && mentions(inner[0], error);
}

function mentions(node: SyntaxNode, name: string): boolean {
  return nameOf(node) === name || (node.below ?? []).some((one) => mentions(one, name));
}
