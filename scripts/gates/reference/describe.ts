/** One export as the reference shows it: its signature, and its words. @module */

import { docWordsOf, ts } from "../../lib/typescript.ts";

/** The longest initial value that is shown. */
const LONGEST_VALUE = 200;

/** Heading, signature and words of a declaration. */
export function describeDeclaration(name: string, declaration: ts.Declaration): string {
  return `### ${name}\n\n${wordsOf(declaration)}\n\n\`\`\`ts\n${signatureOf(declaration)}\n\`\`\`\n`;
}

function wordsOf(declaration: ts.Declaration): string {
  const owner = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const words = docWordsOf(owner) ?? "";
  return words.replace(/\{@link ([^}]+)\}/g, "`$1`").replace(/\s*\n\s*(?=\S)(?![-*])/g, " ").trim();
}

function signatureOf(declaration: ts.Declaration): string {
  if (ts.isFunctionDeclaration(declaration)) return withoutBody(declaration, declaration.body);
  if (ts.isClassDeclaration(declaration)) return classSignature(declaration);
  if (ts.isVariableDeclaration(declaration)) return constantSignature(declaration);
  return tidy(declaration.getText());
}

function withoutBody(node: ts.Node, body: ts.Node | undefined): string {
  const text = node.getText();
  const end = body === undefined ? text.length : body.getStart() - node.getStart();
  return `${tidy(text.slice(0, end)).replace(/[;{\s]+$/, "")};`;
}

function constantSignature(declaration: ts.VariableDeclaration): string {
  const { name, type, initializer } = declaration;
  if (type !== undefined) return `const ${name.getText()}: ${type.getText()};`;
  const value = initializer?.getText() ?? "";
  if (initializer !== undefined && ts.isArrowFunction(initializer)) {
    return `const ${name.getText()} = ${withoutBody(initializer, initializer.body)}`.replace(/ =>;$/, ";");
  }
  return `const ${name.getText()} = ${value.length > LONGEST_VALUE ? "…" : value};`;
}

function classSignature(declaration: ts.ClassDeclaration): string {
  const heritage = (declaration.heritageClauses ?? []).map((clause) => ` ${clause.getText()}`).join("");
  const types = declaration.typeParameters === undefined
    ? ""
    : `<${declaration.typeParameters.map((one) => one.getText()).join(", ")}>`;
  const members = declaration.members.filter(isPublic).map((member) => `  ${memberSignature(member)}`);
  return `class ${declaration.name?.getText() ?? ""}${types}${heritage} {\n${members.join("\n")}\n}`;
}

function isPublic(member: ts.ClassElement): boolean {
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return false;
  const flags = ts.getCombinedModifierFlags(member);
  return (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0 &&
    !ts.isClassStaticBlockDeclaration(member);
}

function memberSignature(member: ts.ClassElement): string {
  const said = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc).at(-1)?.getText();
  const body = "body" in member ? member.body as ts.Node | undefined : undefined;
  const value = ts.isPropertyDeclaration(member) ? member.initializer : undefined;
  const signature = value === undefined ? withoutBody(member, body) : `${
    tidy(
      member.getText().slice(0, value.getStart() - member.getStart()),
    ).replace(/\s*=\s*$/, "")
  };`;
  return said === undefined ? signature : `${said}\n  ${signature}`;
}

function tidy(text: string): string {
  return text.replace(/^export (default )?/, "").trim();
}
