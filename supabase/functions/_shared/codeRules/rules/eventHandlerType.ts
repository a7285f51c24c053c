/** A handler whose event has no type, in a file where it is certain: it serves one kind of element and event. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import { importEdits } from "../imports.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import { child, FUNCTIONS, list, nameOf } from "../nodes.ts";
import type { Declaration } from "../scopes.ts";

const EVENTS: Readonly<Record<string, string>> = {
  onChange: "ChangeEvent",
  onSubmit: "FormEvent",
  onClick: "MouseEvent",
  onKeyDown: "KeyboardEvent",
  onKeyUp: "KeyboardEvent",
  onFocus: "FocusEvent",
  onBlur: "FocusEvent",
  onDragStart: "DragEvent",
  onDrop: "DragEvent",
};
const ELEMENTS: Readonly<Record<string, string>> = {
  input: "HTMLInputElement",
  textarea: "HTMLTextAreaElement",
  select: "HTMLSelectElement",
  form: "HTMLFormElement",
  button: "HTMLButtonElement",
  div: "HTMLDivElement",
  a: "HTMLAnchorElement",
};

/** Writes the type. */
export const eventHandlerType: CodeRule = {
  name: "event-handler-type",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, project) {
    const isReact = project.framework === "react" || project.framework === "next";
    if (!isReact || !file.path.endsWith(".tsx")) return [];
    return (file.names?.declarations ?? []).flatMap((one): Finding[] => {
      const parameter = untypedParameter(one);
      if (parameter === undefined) return [];
      const type = certainType(one);
      if (type === undefined) return [];
      return [{
        message: `${nameOf(parameter)} has no type`,
        at: parameter.start,
        fix: fixOf(file, parameter, type),
      }];
    });
  },
};

/** The only parameter of a function that stands alone: nothing around it says what it takes. */
function untypedParameter({ owner, kind }: Declaration): SyntaxNode | undefined {
  const made = kind === "function" ? owner : child(owner, "init");
  const isTyped = child(child(owner, "id"), "typeAnnotation") !== undefined;
  if (made === undefined || !FUNCTIONS.has(made.type) || (kind !== "function" && isTyped)) return undefined;
  const [parameter, ...others] = list(made, "params");
  const isPlain = parameter?.type === "Identifier" && others.length === 0 &&
    child(parameter, "typeAnnotation") === undefined;
  return isPlain ? parameter : undefined;
}

function certainType({ references }: Declaration): { event: string; element: string } | undefined {
  const uses = references.map(({ node }) => {
    const attribute = node.parent?.type === "JSXExpressionContainer" ? node.parent.parent : undefined;
    if (attribute?.type !== "JSXAttribute") return undefined;
    const event = EVENTS[nameOf(child(attribute, "name")) ?? ""];
    const element = ELEMENTS[nameOf(child(attribute.parent, "name")) ?? ""];
    return event === undefined || element === undefined ? undefined : { event, element };
  });
  const [first] = uses;
  const isOne = first !== undefined &&
    uses.every((use) => use?.event === first.event && use.element === first.element);
  return isOne ? first : undefined;
}

function fixOf(
  file: FileModel,
  parameter: SyntaxNode,
  { event, element }: { event: string; element: string },
): CodeFix | undefined {
  const hasReact = file.names?.root.names.has("React") === true;
  const declared = file.names?.root.names.get(event)?.[0];
  // A name of the project's own that is called like the event would be taken for it.
  if (declared !== undefined && declared.kind !== "import" && !hasReact) return undefined;
  const name = hasReact ? `React.${event}` : event;
  const isBare = !/\(\s*$/.test(file.content.slice(0, parameter.start));
  const typed = `${nameOf(parameter)}: ${name}<${element}>`;
  const edits = [{
    path: file.path,
    start: parameter.start,
    end: parameter.end,
    text: isBare ? `(${typed})` : typed,
  }];
  if (hasReact || declared !== undefined) {
    return { description: `give it the type ${name}`, confidence: 0.88, edits };
  }
  const wanted = { specifier: "react", imported: event, local: event, isType: true };
  const imports = importEdits(file, wanted);
  if (imports === null) return undefined;
  return {
    description: `give it the type ${name}`,
    confidence: 0.88,
    edits: [...edits, ...imports.map((edit) => ({ ...edit, path: file.path }))],
  };
}
