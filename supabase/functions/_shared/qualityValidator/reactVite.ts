/** What a project of React and Vite needs. @module */

import { pageSlot, tsconfigSlot, viteSlot } from "./common.ts";
import { packageSlot } from "./packageJson.ts";
import { escaped, type Slot, type SlotContext, withEndings } from "./slot.ts";

const ENDINGS = ["tsx", "jsx", "ts", "js"];
const ENTRIES = [...withEndings("src/main", ENDINGS), ...withEndings("src/index", ENDINGS)];
const APPS = [...withEndings("src/App", ENDINGS), ...withEndings("src/app", ENDINGS)];

function ending({ usesTypescript }: SlotContext): string {
  return usesTypescript ? "tsx" : "jsx";
}

function entryOf(context: SlotContext): string {
  return context.first(...ENTRIES) ?? `src/main.${ending(context)}`;
}

function entry(context: SlotContext): string {
  const app = context.first(...APPS) ?? `src/App.${ending(context)}`;
  const exported = context.project.file(app)?.outline.exports;
  const isNamed = exported !== undefined && !exported.has("default") && exported.has("App");
  const style = context.first("src/index.css", "src/App.css", "src/styles.css");
  const root = context.usesTypescript ? "!" : "";
  return `import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import ${isNamed ? "{ App }" : "App"} from "./${app.slice("src/".length).replace(/\.\w+$/, "")}";
${style === undefined ? "" : `import "./${style.slice("src/".length)}";\n`}
createRoot(document.getElementById("root")${root}).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
`;
}

/** The places. */
export const REACT_VITE: readonly Slot[] = [
  packageSlot(({ usesTypescript }) => ({
    scripts: { dev: "vite", build: "vite build", preview: "vite preview" },
    dependencies: ["react", "react-dom"],
    devDependencies: [
      "vite",
      "@vitejs/plugin-react",
      ...(usesTypescript ? ["@types/react", "@types/react-dom"] : []),
    ],
    isModule: true,
  })),
  pageSlot("root", entryOf),
  viteSlot("react", "@vitejs/plugin-react"),
  tsconfigSlot({
    jsx: "react-jsx",
    noEmit: true,
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    baseUrl: ".",
    paths: { "@/*": ["src/*"] },
  }),
  {
    paths: ENTRIES,
    required: true,
    make: (context) => ({ path: entryOf(context), content: entry(context) }),
  },
  {
    paths: APPS,
    required: true,
    make: (context) => ({
      path: `src/App.${ending(context)}`,
      content: `export default function App() {
  return (
    <main>
      <h1>${escaped(context.title)}</h1>
    </main>
  );
}
`,
    }),
  },
];
