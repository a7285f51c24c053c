/** The template of Svelte with Vite. @module */

import type { ProjectFile } from "../core/projectPaths.ts";
import { projectModule, STYLE, type TemplateText } from "./template.ts";

/** A list that one can add to. */
export function svelteTemplate(text: TemplateText): ProjectFile[] {
  return [
    { path: "src/App.svelte", content: APP },
    { path: "src/lib/ItemList.svelte", content: ITEM_LIST },
    projectModule("src/project.ts", text),
    { path: "src/app.css", content: STYLE },
  ];
}

const APP = `<script lang="ts">
  import "./app.css";
  import ItemList from "./lib/ItemList.svelte";
  import { description, title } from "./project";
</script>

<main>
  <h1>{title}</h1>
  <p>{description}</p>
  <ItemList />
</main>
`;

const ITEM_LIST = `<script lang="ts">
  interface Item {
    id: number;
    text: string;
  }

  let items = $state<Item[]>([]);
  let text = $state("");

  function add(event: SubmitEvent) {
    event.preventDefault();
    if (text.trim() === "") return;
    items.push({ id: (items.at(-1)?.id ?? 0) + 1, text: text.trim() });
    text = "";
  }

  function remove(id: number) {
    items = items.filter((item) => item.id !== id);
  }
</script>

<form onsubmit={add}>
  <input bind:value={text} aria-label="New item" />
  <button type="submit">Add</button>
</form>
{#if items.length === 0}
  <p>Nothing here yet.</p>
{:else}
  <ul>
    {#each items as item (item.id)}
      <li>
        {item.text}
        <button type="button" onclick={() => remove(item.id)}>Remove</button>
      </li>
    {/each}
  </ul>
{/if}
`;
