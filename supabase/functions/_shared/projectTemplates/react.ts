/** The template of React with Vite. @module */

import type { ProjectFile } from "../core/projectPaths.ts";
import { projectModule, STYLE, type TemplateText } from "./template.ts";

/** A list that one can add to. */
export function reactTemplate(text: TemplateText): ProjectFile[] {
  return [
    {
      path: "src/App.tsx",
      content: `import { ItemForm } from "./components/ItemForm";
import { ItemList } from "./components/ItemList";
import { useItems } from "./hooks/useItems";
import { description, title } from "./project";

export default function App() {
  const { items, add, remove } = useItems();
  return (
    <main>
      <h1>{title}</h1>
      <p>{description}</p>
      <ItemForm onAdd={add} />
      <ItemList items={items} onRemove={remove} />
    </main>
  );
}
`,
    },
    { path: "src/components/ItemForm.tsx", content: FORM },
    { path: "src/components/ItemList.tsx", content: LIST },
    { path: "src/hooks/useItems.ts", content: HOOK },
    projectModule("src/project.ts", text),
    { path: "src/index.css", content: STYLE },
  ];
}

/** The form; the same in every project of React. */
export const FORM = `import { useState } from "react";
import type { FormEvent } from "react";

interface ItemFormProps {
  onAdd: (text: string) => void;
}

export function ItemForm({ onAdd }: ItemFormProps) {
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    onAdd(text.trim());
    setText("");
  };
  return (
    <form onSubmit={submit}>
      <input aria-label="New item" value={text} onChange={(event) => setText(event.target.value)} />
      <button type="submit">Add</button>
    </form>
  );
}
`;

/** The list. */
export const LIST = `import type { Item } from "../hooks/useItems";

interface ItemListProps {
  items: Item[];
  onRemove: (id: number) => void;
}

export function ItemList({ items, onRemove }: ItemListProps) {
  if (items.length === 0) return <p>Nothing here yet.</p>;
  return (
    <ul>
      {items.map((item) => (
        <li key={item.id}>
          {item.text}{" "}
          <button type="button" onClick={() => onRemove(item.id)}>
            Remove
          </button>
        </li>
      ))}
    </ul>
  );
}
`;

/** What the list shows. */
export const HOOK = `import { useState } from "react";

export interface Item {
  id: number;
  text: string;
}

export function useItems() {
  const [items, setItems] = useState<Item[]>([]);
  const add = (text: string) =>
    setItems((before) => [...before, { id: (before.at(-1)?.id ?? 0) + 1, text }]);
  const remove = (id: number) => setItems((before) => before.filter((item) => item.id !== id));
  return { items, add, remove };
}
`;
