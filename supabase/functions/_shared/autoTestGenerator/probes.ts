/** What is asked of a module's exports: calls with safe inputs, components rendered, handlers answered. @module */

import type { ast } from "../babelParser.ts";
import { type Exported, type Project, type SourceModule, walk } from "./project.ts";
import { argumentsFor, type FunctionNode, isFunction } from "./safeInputs.ts";

/** One question; `code` is an expression of the harness's functions and of `subject`, the module. */
export interface Probe {
  /** Names it among the probes of its file. */
  name: string;
  type: "unit" | "component" | "handler";
  code: string;
}

/** Most probes of one file. */
const MOST_PROBES = 200;
/** A module that reaches the machine is not called by a test that may run with all rights. */
const REACHES_OUT =
  /^(?:node:)?(?:fs|fs\/promises|child_process|net|http|https|cluster|worker_threads|pg|mysql2?|mongodb|redis|ioredis|puppeteer|playwright)(?:$|\/)/;
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);

/** All probes of a module; none when it reaches the machine. */
export function probesOf(module: SourceModule, project: Project): Probe[] {
  if ([...module.imported.values()].some(({ from }) => REACHES_OUT.test(from))) return [];
  const served = servedHandler(module);
  const exported = project.exportsOf(module).flatMap((one) => probesOfExport(one, project));
  return [...(served === null ? [] : requestProbes(served, "served", "the handler")), ...exported].slice(
    0,
    MOST_PROBES,
  );
}

function probesOfExport(exported: Exported, project: Project): Probe[] {
  const { name, node, module } = exported;
  const subject = `subject[${JSON.stringify(name)}]`;
  if (isFunction(node)) {
    if (METHODS.has(name) || takesRequest(node)) {
      const only = METHODS.has(name) ? [name] : undefined;
      return requestProbes(node, `Promise.resolve(${subject})`, name, only);
    }
    if (isComponent(name, node, module)) {
      return argumentsFor(node, project, module).map(([props = "{}"]) => ({
        name: `<${name} ${shorten(props)}>`,
        type: "component",
        code: `rendered(${subject}, () => (${props}))`,
      }));
    }
    return argumentsFor(node, project, module).map((values) => callProbe(name, subject, values));
  }
  if (node.type === "ClassDeclaration" || node.type === "ClassExpression") {
    return classProbes(exported, subject, project);
  }
  if (/^(?:Call|New|Await)Expression$/.test(node.type)) return [];
  return [{ name: `${name} is what it was`, type: "unit", code: `valueOf(() => ${subject})` }];
}

function callProbe(name: string, subject: string, values: string[]): Probe {
  return {
    name: `${name}(${shorten(values.join(", "))})`,
    type: "unit",
    code: `outcomeOf(${subject}, () => [${values.join(", ")}])`,
  };
}

function shorten(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}

/** Each public method on an object made with safe inputs. */
function classProbes({ name, node, module }: Exported, subject: string, project: Project): Probe[] {
  const members = (node as ast.ClassDeclaration).body.body.filter((member): member is ast.ClassMethod =>
    member.type === "ClassMethod"
  );
  const maker = members.find(({ kind }) => kind === "constructor");
  const made = maker === undefined ? [[]] : argumentsFor(maker, project, module).slice(0, 2);
  return members.flatMap((member) => {
    if (
      member.kind !== "method" || member.static || member.accessibility === "private" ||
      member.key.type !== "Identifier"
    ) return [];
    const method = JSON.stringify(member.key.name);
    return made.flatMap((forMaker) =>
      argumentsFor(member, project, module).slice(0, 6).map((values): Probe => ({
        name: `new ${name}(${shorten(forMaker.join(", "))}).${(member.key as ast.Identifier).name}(${
          shorten(values.join(", "))
        })`,
        type: "unit",
        code: `methodOutcomeOf(${subject}, () => [${forMaker.join(", ")}], ${method}, () => [${
          values.join(", ")
        }])`,
      }))
    );
  });
}

/** A function that is named like a component and returns elements. */
function isComponent(name: string, node: FunctionNode, module: SourceModule): boolean {
  if (!/^(?:[A-Z]|default$)/.test(name) || !/\.[jt]sx$/.test(module.file.path)) return false;
  let hasElements = false;
  walk(node.body, ({ type }) => hasElements ||= type === "JSXElement" || type === "JSXFragment");
  return hasElements;
}

function takesRequest({ params: [first] }: FunctionNode): boolean {
  if (first?.type !== "Identifier") return false;
  const type = first.typeAnnotation?.type === "TSTypeAnnotation" ? first.typeAnnotation.typeAnnotation : null;
  return type?.type === "TSTypeReference" && type.typeName.type === "Identifier" &&
    /^(?:Next)?Request$/.test(type.typeName.name);
}

/** What `Deno.serve` is given. */
function servedHandler(module: SourceModule): FunctionNode | null {
  for (const statement of module.body) {
    if (statement.type !== "ExpressionStatement" || statement.expression.type !== "CallExpression") continue;
    const { callee, arguments: args } = statement.expression;
    if (
      callee.type !== "MemberExpression" || callee.object.type !== "Identifier" ||
      callee.object.name !== "Deno" ||
      callee.property.type !== "Identifier" || callee.property.name !== "serve"
    ) continue;
    const given = args.at(-1);
    const handler = given?.type === "Identifier" ? module.declared.get(given.name) : given;
    if (isFunction(handler)) return handler;
  }
  return null;
}

function requestProbes(handler: FunctionNode, source: string, label: string, only?: string[]): Probe[] {
  const bodies = bodiesFor(handler).map((body) => JSON.stringify(JSON.stringify(body)));
  const sent = ['"{}"', '"no JSON"', ...bodies];
  const requests: [string, string][] = [
    ...["GET", "HEAD", "OPTIONS", "DELETE"].map((method): [string, string] => [method, "undefined"]),
    ...["POST", "PUT", "PATCH"].flatMap((method) => sent.map((body): [string, string] => [method, body])),
  ];
  const wanted = requests.filter(([method]) =>
    only?.includes(method) ?? /^(?:GET|OPTIONS|POST)$/.test(method)
  );
  return wanted.map(([method, body]) => ({
    name: `${label} answers ${method} ${shorten(body)}`,
    type: "handler",
    code: `answerOf(${source}, ${JSON.stringify(method)}, ${body})`,
  }));
}

/** All keys, each of them left out once, and the numbers at nothing. */
function bodiesFor(handler: FunctionNode): Record<string, unknown>[] {
  const full = bodyFor(handler);
  const without = Object.keys(full).slice(0, 8).map((key) =>
    Object.fromEntries(Object.entries(full).filter(([other]) => other !== key))
  );
  const zero = Object.fromEntries(
    Object.entries(full).map(([key, value]) => [key, typeof value === "number" ? 0 : value]),
  );
  return Object.keys(full).length === 0 ? [] : [full, ...without, zero];
}

/** The keys that a handler takes out of the body, each with a harmless text, or a number where it calculates. */
function bodyFor(handler: FunctionNode): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const holders = new Set<string>();
  const isBody = (node: ast.Node | null | undefined) =>
    readsBody(node) || (node?.type === "Identifier" && holders.has(node.name));
  walk(handler.body, (node) => {
    if (node.type === "AssignmentExpression" && node.left.type === "Identifier" && readsBody(node.right)) {
      holders.add(node.left.name);
    }
    if (node.type !== "VariableDeclarator" || !isBody(node.init)) return;
    if (node.id.type === "Identifier") holders.add(node.id.name);
    if (node.id.type !== "ObjectPattern") return;
    for (const property of node.id.properties) {
      if (property.type === "ObjectProperty" && property.key.type === "Identifier") {
        body[property.key.name] = "Ada";
      }
    }
  });
  walk(handler.body, (node) => {
    if (
      node.type === "MemberExpression" && node.object.type === "Identifier" &&
      holders.has(node.object.name) &&
      node.property.type === "Identifier" && !node.computed
    ) body[node.property.name] = "Ada";
  });
  walk(handler.body, (node) => {
    if (node.type !== "BinaryExpression" || !/^[-*/%<>]/.test(node.operator)) return;
    for (const side of [node.left, node.right]) {
      const name = side.type === "Identifier"
        ? side.name
        : side.type === "MemberExpression" && side.property.type === "Identifier"
        ? side.property.name
        : "";
      if (Object.hasOwn(body, name)) body[name] = 3;
    }
  });
  return body;
}

function readsBody(node: ast.Node | null | undefined): boolean {
  if (node === null || node === undefined) return false;
  let reads = false;
  walk(
    node,
    (inner) =>
      reads ||= inner.type === "MemberExpression" && inner.property.type === "Identifier" &&
        inner.property.name === "json",
  );
  return reads;
}
