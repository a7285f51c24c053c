/** What a server on Node needs. @module */

import { tsconfigSlot } from "./common.ts";
import { packageSlot } from "./packageJson.ts";
import { type Slot, type SlotContext, withEndings } from "./slot.ts";

const STEMS = ["src/index", "src/server", "src/app", "src/main", "index", "server", "app", "main"];
const ENTRIES = STEMS.flatMap((stem) => withEndings(stem, ["ts", "js", "mjs", "cjs"]));

function isModule({ project }: SlotContext): boolean {
  // Only what says one of the words can be so: reading the others would cost as much as checking them.
  const code = [...project.files.values()].filter(({ kind, content }) =>
    kind === "script" && /\brequire\b|\bexports\b/.test(content)
  );
  return !code.some(({ outline }) => outline.isCommonJs);
}

function entryOf(context: SlotContext): string {
  return context.first(...ENTRIES) ?? `src/index.${context.usesTypescript ? "ts" : "js"}`;
}

function scripts(context: SlotContext): Record<string, string> {
  const entry = entryOf(context);
  if (!entry.endsWith(".ts")) return { start: `node ${entry}`, test: "node --test" };
  return {
    build: "tsc",
    start: `node dist/${entry.replace(/^src\//, "").replace(/\.ts$/, ".js")}`,
    test: "node --test",
  };
}

function server(context: SlotContext): string {
  const routes = [...context.project.files.values()].flatMap((file) => {
    if (file.kind !== "script" || !/(?:^|\/)routes\//.test(file.path)) return [];
    const name = /([\w-]+)\.\w+$/.exec(file.path)![1]!;
    return file.outline.exports.has("default") ? [{ name, path: file.path }] : [];
  });
  const local = (name: string) =>
    `${name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Routes`;
  const path = (file: string) => `./${file.replace(/^src\//, "").replace(/\.ts$/, ".js")}`;
  const isPlain = isModule(context);
  const bring = (name: string, from: string) =>
    isPlain ? `import ${name} from "${from}";` : `const ${name} = require("${from}");`;
  return `${bring("express", "express")}
${routes.map((one) => `${bring(local(one.name), path(one.path))}\n`).join("")}
const app = express();
app.use(express.json());
app.get("/health", (_request, response) => {
  response.json({ ok: true });
});
${routes.map((one) => `app.use("/${one.name}", ${local(one.name)});\n`).join("")}
app.listen(Number(process.env.PORT ?? 3000));
`;
}

/** The places. */
export const NODE: readonly Slot[] = [
  packageSlot((context) => ({
    scripts: scripts(context),
    dependencies: context.first(...ENTRIES) === undefined ? ["express"] : [],
    devDependencies: context.usesTypescript ? ["@types/node", "@types/express"] : [],
    isModule,
  })),
  tsconfigSlot({ module: "NodeNext", moduleResolution: "NodeNext", outDir: "dist", rootDir: "src" }),
  {
    paths: ENTRIES,
    required: true,
    path: entryOf,
    make: (context) => ({ path: entryOf(context), content: server(context) }),
  },
];
