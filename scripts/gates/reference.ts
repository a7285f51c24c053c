/**
 * Fails when `docs/reference` does not say what the doors of the library export, as their own comments do.
 *
 * One page a layer, one heading a door: each export with its signature and its words. Nobody writes these pages:
 * `deno task gates reference --write` does.
 *
 * @module
 */

import { compareGenerated, type Gate, type GateContext } from "../lib/gate.ts";
import { doorPath, moduleSentence } from "../lib/sharedLibrary.ts";
import { isExported, ts } from "../lib/typescript.ts";
import { type Layer, LAYERS } from "../layers.ts";
import { describeDeclaration } from "./reference/describe.ts";

/** The types of the database say nothing that the schema does not say better. */
const LEFT_OUT = new Set(["core/database.types"]);

/** The gate. */
export const referenceGate: Gate = createReferenceGate(LAYERS);

/** A gate over any list of layers. */
export function createReferenceGate(layers: readonly Layer[]): Gate {
  return {
    name: "reference",
    run: async (context) => (await Promise.all(layers.map((layer) => comparePage(context, layer)))).flat(),
  };
}

async function comparePage(context: GateContext, layer: Layer): Promise<string[]> {
  const doors = layer.doors.filter((door) => !LEFT_OUT.has(door));
  const parts = await Promise.all(doors.map((door) => describeDoor(context, door)));
  const head = `# ${layer.name[0]!.toUpperCase()}${layer.name.slice(1)}

${layer.rule} Written by \`deno task gates reference --write\` from the doors' own comments.
`;
  return await compareGenerated(context, `docs/reference/${layer.name}.md`, [head, ...parts].join("\n"));
}

async function describeDoor(context: GateContext, door: string): Promise<string> {
  const exports = await exportsOf(context, doorPath(door));
  const entries = exports.map(({ name, declaration }) => describeDeclaration(name, declaration));
  const sentence = moduleSentence(await context.read(doorPath(door)));
  return [`## ${door}\n\n${sentence}\n`, ...entries].join("\n");
}

interface Exported {
  name: string;
  declaration: ts.Declaration;
}

/** What a file exports, wherever it stands. */
async function exportsOf(context: GateContext, path: string): Promise<Exported[]> {
  const tree = await context.parse(path);
  const found: Exported[] = [];
  for (const statement of tree.statements) {
    if (ts.isExportDeclaration(statement)) found.push(...await passedOn(context, path, statement));
    else if (isExported(statement)) found.push(...declarationsOf(statement));
  }
  const seen = new Set<string>();
  // Of an overloaded function the first signature has the words.
  return found.filter(({ name }) => !seen.has(name) && seen.add(name));
}

function declarationsOf(statement: ts.Statement): Exported[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((one) => ({
      name: one.name.getText(),
      declaration: one,
    }));
  }
  const declaration = statement as unknown as ts.DeclarationStatement;
  return declaration.name === undefined ? [] : [{ name: declaration.name.getText(), declaration }];
}

/** What stands in another file of ours; packages have references of their own. */
async function passedOn(
  context: GateContext,
  path: string,
  statement: ts.ExportDeclaration,
): Promise<Exported[]> {
  const from = statement.moduleSpecifier;
  if (from === undefined || !ts.isStringLiteral(from) || !from.text.startsWith(".")) return [];
  const target = new URL(from.text, `file:///${path}`).pathname.slice(1);
  const there = await exportsOf(context, target);
  if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) return there;
  return statement.exportClause.elements.flatMap((element) => {
    const name = (element.propertyName ?? element.name).getText();
    const original = there.find((one) => one.name === name);
    return original === undefined ? [] : [{ ...original, name: element.name.getText() }];
  });
}
