/** Places that several frameworks share. @module */

import type { ProjectFile } from "../core/projectPaths.ts";
import { escaped, type Slot, type SlotContext, withEndings } from "./slot.ts";

/** The endings of scripts. */
export const SCRIPTS = ["ts", "js", "mjs", "mts"] as const;

/** The page that Vite starts from. */
export function pageSlot(mount: string, entry: (context: SlotContext) => string): Slot {
  return {
    paths: ["index.html"],
    required: true,
    make: (context) => ({
      path: "index.html",
      content: page(
        context.title,
        `    <div id="${mount}"></div>\n    <script type="module" src="/${entry(context)}"></script>`,
      ),
    }),
  };
}

/** A whole page around a body. */
export function page(title: string, body: string, head = ""): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <title>${escaped(title)}</title>
${head}  </head>
  <body>
${body}
  </body>
</html>
`;
}

/** The settings of Vite with one plugin. */
export function viteSlot(local: string, plugin: string, isNamed = false): Slot {
  return {
    paths: withEndings("vite.config", SCRIPTS),
    required: true,
    make: ({ usesTypescript }): ProjectFile => ({
      path: `vite.config.${usesTypescript ? "ts" : "js"}`,
      content: `import { defineConfig } from "vite";
import ${isNamed ? `{ ${local} }` : local} from "${plugin}";

export default defineConfig({
  plugins: [${local}()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
});
`,
    }),
  };
}

/** The compiler's settings; a project of plain JavaScript does without. */
export function tsconfigSlot(options: Readonly<Record<string, unknown>>): Slot {
  return {
    paths: ["tsconfig.json"],
    required: false,
    applies: ({ usesTypescript }) => usesTypescript,
    make: () => ({
      path: "tsconfig.json",
      content: `${
        JSON.stringify(
          {
            compilerOptions: {
              target: "ES2022",
              module: "ESNext",
              moduleResolution: "bundler",
              strict: true,
              skipLibCheck: true,
              ...options,
            },
          },
          null,
          2,
        )
      }\n`,
    }),
  };
}
