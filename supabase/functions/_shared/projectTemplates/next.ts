/** The template of Next. @module */

import type { ProjectFile } from "../core/projectPaths.ts";
import { FORM, HOOK, LIST } from "./react.ts";
import { projectModule, STYLE, type TemplateText } from "./template.ts";

/** The list of the template of React, on a page of the server. */
export function nextTemplate(text: TemplateText): ProjectFile[] {
  return [
    { path: "app/page.tsx", content: PAGE },
    { path: "components/Items.tsx", content: ITEMS },
    { path: "components/ItemForm.tsx", content: ITEM_FORM },
    { path: "components/ItemList.tsx", content: ITEM_LIST },
    { path: "hooks/useItems.ts", content: USE_ITEMS },
    projectModule("lib/project.ts", text),
    { path: "app/globals.css", content: STYLE },
  ];
}

const PAGE = `import { Items } from "../components/Items";
import { description, title } from "../lib/project";

export default function Page() {
  return (
    <main>
      <h1>{title}</h1>
      <p>{description}</p>
      <Items />
    </main>
  );
}
`;

const ITEMS = `"use client";

import { useItems } from "../hooks/useItems";
import { ItemForm } from "./ItemForm";
import { ItemList } from "./ItemList";

export function Items() {
  const { items, add, remove } = useItems();
  return (
    <>
      <ItemForm onAdd={add} />
      <ItemList items={items} onRemove={remove} />
    </>
  );
}
`;

const ITEM_FORM = `"use client";\n\n${FORM}`;

const ITEM_LIST = `"use client";\n\n${LIST}`;

const USE_ITEMS = `"use client";\n\n${HOOK}`;
