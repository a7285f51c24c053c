/** What a project of Next needs. @module */

import { tsconfigSlot } from "./common.ts";
import { packageSlot } from "./packageJson.ts";
import { escaped, type Slot, type SlotContext, withEndings } from "./slot.ts";

const ENDINGS = ["tsx", "jsx", "ts", "js"];

function usesPages({ files }: SlotContext): boolean {
  return files.some(({ path }) => /^(?:src\/)?pages\//.test(path)) &&
    !files.some(({ path }) => /^(?:src\/)?app\//.test(path));
}

function folder({ files }: SlotContext): string {
  return files.some(({ path }) => path.startsWith("src/")) ? "src/" : "";
}

function ending({ usesTypescript }: SlotContext): string {
  return usesTypescript ? "tsx" : "jsx";
}

function layout(context: SlotContext): string {
  const type = context.usesTypescript ? ": { children: React.ReactNode }" : "";
  const style = context.first(`${folder(context)}app/globals.css`) === undefined
    ? ""
    : 'import "./globals.css";\n\n';
  return `${style}export const metadata = { title: ${JSON.stringify(context.title)} };

export default function RootLayout({ children }${type}) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`;
}

function pageOf(context: SlotContext): string {
  return `export default function Page() {
  return (
    <main>
      <h1>${escaped(context.title)}</h1>
    </main>
  );
}
`;
}

/** The places. */
export const NEXT: readonly Slot[] = [
  packageSlot(({ usesTypescript }) => ({
    scripts: { dev: "next dev", build: "next build", start: "next start" },
    dependencies: ["next", "react", "react-dom"],
    devDependencies: usesTypescript ? ["@types/react", "@types/node"] : [],
    isModule: false,
  })),
  tsconfigSlot({
    jsx: "preserve",
    noEmit: true,
    lib: ["DOM", "DOM.Iterable", "ES2022"],
    esModuleInterop: true,
    isolatedModules: true,
    plugins: [{ name: "next" }],
    paths: { "@/*": ["./*"] },
  }),
  {
    paths: ["app/layout", "src/app/layout"].flatMap((stem) => withEndings(stem, ENDINGS)),
    required: true,
    applies: (context) => !usesPages(context),
    make: (context) => ({
      path: `${folder(context)}app/layout.${ending(context)}`,
      content: layout(context),
    }),
  },
  {
    paths: ["app/page", "src/app/page"].flatMap((stem) => withEndings(stem, ENDINGS)),
    required: true,
    applies: (context) => !usesPages(context),
    make: (context) => ({ path: `${folder(context)}app/page.${ending(context)}`, content: pageOf(context) }),
  },
  {
    paths: ["pages/index", "src/pages/index"].flatMap((stem) => withEndings(stem, ENDINGS)),
    required: true,
    applies: usesPages,
    make: (context) => ({
      path: `${context.files.some(({ path }) => path.startsWith("src/pages/")) ? "src/" : ""}pages/index.${
        ending(context)
      }`,
      content: pageOf(context),
    }),
  },
];
