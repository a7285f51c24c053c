/** What a project of Svelte needs: alone with Vite, or with its kit. @module */

import { page, SCRIPTS } from "./common.ts";
import { viteSlot } from "./common.ts";
import { packageSlot } from "./packageJson.ts";
import { escaped, type Slot, type SlotContext, withEndings } from "./slot.ts";

const ENTRIES = withEndings("src/main", SCRIPTS);

function usesKit({ files }: SlotContext): boolean {
  return files.some(({ path, content }) =>
    path.startsWith("src/routes/") || (path === "package.json" && content.includes("@sveltejs/kit"))
  );
}

function entryOf(context: SlotContext): string {
  return context.first(...ENTRIES) ?? `src/main.${context.usesTypescript ? "ts" : "js"}`;
}

function heading({ title }: SlotContext): string {
  return `<main>\n  <h1>${escaped(title)}</h1>\n</main>\n`;
}

const plain = viteSlot("svelte", "@sveltejs/vite-plugin-svelte", true);
const kit = viteSlot("sveltekit", "@sveltejs/kit/vite", true);

/** The places. */
export const SVELTE: readonly Slot[] = [
  packageSlot((context) => ({
    scripts: { dev: "vite", build: "vite build", preview: "vite preview" },
    dependencies: [],
    devDependencies: [
      "svelte",
      "vite",
      "@sveltejs/vite-plugin-svelte",
      ...(usesKit(context) ? ["@sveltejs/kit", "@sveltejs/adapter-auto"] : []),
    ],
    isModule: true,
  })),
  { ...plain, applies: (context) => !usesKit(context) },
  // The kit brings its own aliases.
  { ...kit, applies: usesKit, make: (context) => withoutAlias(kit.make(context)) },
  {
    paths: ["index.html"],
    required: true,
    applies: (context) => !usesKit(context),
    make: (context) => ({
      path: "index.html",
      content: page(
        context.title,
        `    <div id="app"></div>\n    <script type="module" src="/${entryOf(context)}"></script>`,
      ),
    }),
  },
  {
    paths: ENTRIES,
    required: true,
    applies: (context) => !usesKit(context),
    make: (context) => ({
      path: entryOf(context),
      content: `import { mount } from "svelte";
import App from "./App.svelte";

export default mount(App, { target: document.getElementById("app")${context.usesTypescript ? "!" : ""} });
`,
    }),
  },
  {
    paths: ["src/App.svelte"],
    required: true,
    applies: (context) => !usesKit(context),
    make: (context) => ({ path: "src/App.svelte", content: heading(context) }),
  },
  {
    paths: ["svelte.config.js"],
    required: true,
    applies: usesKit,
    make: () => ({
      path: "svelte.config.js",
      content: `import adapter from "@sveltejs/adapter-auto";

export default { kit: { adapter: adapter() } };
`,
    }),
  },
  {
    paths: ["src/app.html"],
    required: true,
    applies: usesKit,
    make: () => ({
      path: "src/app.html",
      content: `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    %sveltekit.head%
  </head>
  <body>
    <div style="display: contents">%sveltekit.body%</div>
  </body>
</html>
`,
    }),
  },
  {
    paths: ["src/routes/+page.svelte"],
    required: true,
    applies: usesKit,
    make: (context) => ({ path: "src/routes/+page.svelte", content: heading(context) }),
  },
];

function withoutAlias({ path, content }: { path: string; content: string }) {
  return { path, content: content.replace(/ {2}resolve:.*\n/, "") };
}
