/** The template of Vue with Vite. @module */

import type { ProjectFile } from "../core/projectPaths.ts";
import { projectModule, STYLE, type TemplateText } from "./template.ts";

/** A list that one can add to. */
export function vueTemplate(text: TemplateText): ProjectFile[] {
  return [
    { path: "src/App.vue", content: APP },
    { path: "src/components/ItemList.vue", content: ITEM_LIST },
    projectModule("src/project.ts", text),
  ];
}

const APP = `<script setup lang="ts">
import ItemList from "./components/ItemList.vue";
import { description, title } from "./project";
</script>

<template>
  <main>
    <h1>{{ title }}</h1>
    <p>{{ description }}</p>
    <ItemList />
  </main>
</template>

<style>
${STYLE}</style>
`;

const ITEM_LIST = `<script setup lang="ts">
import { ref } from "vue";

interface Item {
  id: number;
  text: string;
}

const items = ref<Item[]>([]);
const text = ref("");

function add() {
  if (text.value.trim() === "") return;
  items.value.push({ id: (items.value.at(-1)?.id ?? 0) + 1, text: text.value.trim() });
  text.value = "";
}

function remove(id: number) {
  items.value = items.value.filter((item) => item.id !== id);
}
</script>

<template>
  <form @submit.prevent="add">
    <input v-model="text" aria-label="New item" />
    <button type="submit">Add</button>
  </form>
  <p v-if="items.length === 0">Nothing here yet.</p>
  <ul v-else>
    <li v-for="item in items" :key="item.id">
      {{ item.text }}
      <button type="button" @click="remove(item.id)">Remove</button>
    </li>
  </ul>
</template>
`;
