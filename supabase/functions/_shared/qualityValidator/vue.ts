/** What a project of Vue and Vite needs. @module */

import { pageSlot, SCRIPTS, tsconfigSlot, viteSlot } from "./common.ts";
import { packageSlot } from "./packageJson.ts";
import { escaped, type Slot, type SlotContext, withEndings } from "./slot.ts";

const ENTRIES = withEndings("src/main", SCRIPTS);

function entryOf(context: SlotContext): string {
  return context.first(...ENTRIES) ?? `src/main.${context.usesTypescript ? "ts" : "js"}`;
}

/** What the project has besides is used, as an application without its router shows nothing. */
function entry(context: SlotContext): string {
  const router = context.first(
    ...withEndings("src/router/index", SCRIPTS),
    ...withEndings("src/router", SCRIPTS),
  );
  const usesStores = context.files.some(({ content }) => /from ["']pinia["']/.test(content));
  const imports = [
    'import { createApp } from "vue";',
    ...(usesStores ? ['import { createPinia } from "pinia";'] : []),
    'import App from "./App.vue";',
    ...(router === undefined ? [] : ['import router from "./router";']),
  ];
  const uses = `${usesStores ? ".use(createPinia())" : ""}${router === undefined ? "" : ".use(router)"}`;
  return `${imports.join("\n")}\n\ncreateApp(App)${uses}.mount("#app");\n`;
}

/** The places. */
export const VUE: readonly Slot[] = [
  packageSlot({
    scripts: { dev: "vite", build: "vite build", preview: "vite preview" },
    dependencies: ["vue"],
    devDependencies: ["vite", "@vitejs/plugin-vue"],
    isModule: true,
  }),
  pageSlot("app", entryOf),
  viteSlot("vue", "@vitejs/plugin-vue"),
  tsconfigSlot({
    jsx: "preserve",
    noEmit: true,
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    paths: { "@/*": ["./src/*"] },
  }),
  {
    paths: ENTRIES,
    required: true,
    make: (context) => ({ path: entryOf(context), content: entry(context) }),
  },
  {
    paths: ["src/App.vue"],
    required: true,
    make: (context) => ({
      path: "src/App.vue",
      content: context.first(...withEndings("src/router/index", SCRIPTS)) === undefined
        ? `<template>\n  <main>\n    <h1>${escaped(context.title)}</h1>\n  </main>\n</template>\n`
        : `<template>\n  <RouterView />\n</template>\n`,
    }),
  },
];
