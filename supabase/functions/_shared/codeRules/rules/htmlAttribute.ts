/** Attributes of HTML in JSX of React, which has other names for them. @module */

import type { CodeRule, Finding } from "../model.ts";
import { child, nameOf } from "../nodes.ts";

const NAMES: Readonly<Record<string, string>> = {
  class: "className",
  for: "htmlFor",
  onclick: "onClick",
  onchange: "onChange",
  onsubmit: "onSubmit",
  oninput: "onInput",
  onkeydown: "onKeyDown",
  onfocus: "onFocus",
  onblur: "onBlur",
  tabindex: "tabIndex",
  readonly: "readOnly",
  maxlength: "maxLength",
  autocomplete: "autoComplete",
  autofocus: "autoFocus",
  colspan: "colSpan",
  rowspan: "rowSpan",
  enctype: "encType",
  srcset: "srcSet",
  "stroke-width": "strokeWidth",
  "stroke-linecap": "strokeLinecap",
  "stroke-linejoin": "strokeLinejoin",
  "fill-rule": "fillRule",
  "clip-rule": "clipRule",
};

/** Writes React's name. */
export const htmlAttribute: CodeRule = {
  name: "html-attribute",
  severity: "warning",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, project) {
    const isReact = project.framework === "react" || project.framework === "next" ||
      file.modules.links.some(({ specifier }) => specifier === "react");
    const isOther = file.modules.links.some(({ specifier }) =>
      /^(?:solid-js|preact|@builder\.io)/.test(specifier)
    );
    if (!isReact || isOther) return [];
    return file.nodes("JSXAttribute").flatMap((attribute): Finding[] => {
      const name = child(attribute, "name");
      const right = NAMES[nameOf(name) ?? ""];
      const element = nameOf(child(attribute.parent, "name")) ?? "";
      // A custom element takes attributes as HTML has them.
      if (right === undefined || name === undefined || !/^[a-z][a-z0-9]*$/.test(element)) return [];
      return [{
        message: `${nameOf(name)} is called ${right} in React`,
        at: name.start,
        fix: {
          description: `write ${right}`,
          confidence: 0.95,
          edits: [{ path: file.path, start: name.start, end: name.end, text: right }],
        },
      }];
    });
  },
};
