/** First sight, style three: browsers, bundlers and frameworks, minified and not, in the formats of the engines. @module */

import type { Cause } from "./cause.ts";
import { filled, filledAt } from "./filled.ts";

const READ_NAME = "Cannot read properties of undefined (reading 'name')";
const JSC_NAME = "undefined is not an object (evaluating 'e.name')";

/** The same frames of a dev server, innermost first. */
function vite(component: string, file: string): string {
  return [
    `    at ${component} (http://localhost:5173/src/${file}?t={epoch}:{ln}:{col})`,
    "    at renderWithHooks (http://localhost:5173/node_modules/.vite/deps/chunk-{hex}.js?v={shortSha}:{ln}:{col})",
    "    at App (http://localhost:5173/src/App.tsx?t={epoch}:{ln}:{col})",
  ].join("\n");
}

function chrome(...files: string[]): string {
  return files.map((file) => `    at {min} (https://{site}/assets/${file}-{chunkHash}.js:1:{col})`).join("\n")
    .replaceAll("{min}", "Xe").replaceAll("{site}", "app.example.com");
}

function next(page: string, chunk: string): string {
  return [
    `    at ${page} (webpack-internal:///(app-pages-browser)/./app/${chunk}/page.tsx:{ln}:{col})`,
    "    at renderWithHooks (webpack-internal:///(app-pages-browser)/./node_modules/next/dist/compiled/react-dom/cjs/react-dom.development.js:{ln}:{col})",
  ].join("\n");
}

function nextBuilt(chunk: string): string {
  return [
    `    at t (https://shop.example.com/_next/static/chunks/app/${chunk}/page-{hex}.js:1:{col})`,
    "    at rE (https://shop.example.com/_next/static/chunks/fd9d1056-{hex}.js:1:{col})",
    "    at l$ (https://shop.example.com/_next/static/chunks/fd9d1056-{hex}.js:1:{col})",
  ].join("\n");
}

function firefox(...frames: [string, string][]): string {
  return frames.map(([name, file]) => `${name}@https://app.example.com/${file}?v={shortSha}:{ln}:{col}`).join(
    "\n",
  );
}

function node(root: string, ...frames: [string, string][]): string {
  return frames.map(([name, file]) => `    at ${name} (${root}/${file}:{ln}:{col})`).join("\n") +
    "\n    at process.processTicksAndRejections (node:internal/process/task_queues:{ln}:{col})";
}

function hermes(...frames: [string, string][]): string {
  return frames.map(([name, file]) => `    at ${name} (address at ${file}:1:{col})`).join("\n");
}

/** One entry is one cause, met four times. */
export const BROWSER_STACKS: readonly Cause[] = [
  filledAt("TypeError", READ_NAME, vite("ProfileCard", "components/ProfileCard.tsx")),
  filledAt("TypeError", READ_NAME, vite("OrderList", "components/OrderList.tsx")),
  filledAt("TypeError", READ_NAME, vite("useCart", "hooks/useCart.ts")),
  filledAt("TypeError", READ_NAME, chrome("index", "vendor")),
  filledAt("TypeError", READ_NAME, chrome("checkout", "index")),
  filledAt("TypeError", READ_NAME, chrome("admin-users", "index")),
  filledAt("TypeError", READ_NAME, next("CartPage", "cart")),
  filledAt("TypeError", READ_NAME, next("OrdersPage", "orders/[id]")),
  filledAt("TypeError", READ_NAME, nextBuilt("basket")),
  filledAt("TypeError", READ_NAME, nextBuilt("orders/%5Bid%5D")),
  filledAt("TypeError", "t is undefined", firefox(["loadCart", "js/cart.js"], ["boot", "js/main.js"])),
  filledAt("TypeError", "t is undefined", firefox(["loadUser", "js/user.js"], ["boot", "js/main.js"])),
  filledAt(
    "TypeError",
    "t is undefined",
    firefox(["async*loadUser", "js/account.js"], ["boot/<", "js/main.js"]),
  ),
  filledAt(
    "TypeError",
    JSC_NAME,
    "renderRow@https://app.example.com/src/table.js:{ln}:{col}\nmap@[native code]\nrender@https://app.example.com/src/table.js:{ln}:{col}\nglobal code@https://app.example.com/src/index.js:{ln}:{col}",
  ),
  filledAt(
    "TypeError",
    JSC_NAME,
    "@https://app.example.com/static/js/main.{hex}.chunk.js:2:{col}\nforEach@[native code]\n@https://app.example.com/static/js/main.{hex}.chunk.js:2:{col}",
  ),
  filledAt(
    "TypeError",
    JSC_NAME,
    "@https://app.example.com/static/js/settings.{hex}.chunk.js:2:{col}\n@https://app.example.com/static/js/main.{hex}.chunk.js:2:{col}",
  ),
  filledAt(
    "Error",
    "quota exceeded",
    node("/app", ["Uploader.put", "src/storage/uploader.ts"], ["async handle", "src/routes/upload.ts"]),
  ),
  filledAt(
    "Error",
    "quota exceeded",
    node("/app", ["Mailer.send", "src/mail/mailer.ts"], ["async handle", "src/routes/invite.ts"]),
  ),
  filledAt("Error", "quota exceeded", node("/var/task", ["Object.send [as handler]", "dist/mail/sms.js"])),
  filledAt(
    "Error",
    "quota exceeded",
    "    at eval (eval at run (/app/src/rules/engine.ts:{ln}:{col}), <anonymous>:{ln}:{col})\n    at run (/app/src/rules/engine.ts:{ln}:{col})",
  ),
  filledAt(
    "Error",
    "quota exceeded",
    "    at eval (eval at compile (/app/src/templates/compile.ts:{ln}:{col}), <anonymous>:{ln}:{col})\n    at compile (/app/src/templates/compile.ts:{ln}:{col})",
  ),
  filledAt(
    "TypeError",
    "undefined is not a function",
    hermes(["anonymous", "main.jsbundle"], ["tryCallOne", "InternalBytecode.js"]),
  ),
  filledAt(
    "TypeError",
    "undefined is not a function",
    hermes(["ProfileScreen", "index.android.bundle"], ["renderWithHooks", "index.android.bundle"]),
  ),
  filledAt(
    "TypeError",
    "undefined is not a function",
    hermes(["CheckoutScreen", "index.android.bundle"], ["renderWithHooks", "index.android.bundle"]),
  ),
  filledAt(
    "ChunkLoadError",
    "Loading chunk {int} failed. (error: https://app.example.com/static/js/{int}.{hex}.chunk.js)",
    "    at n.f.j (https://app.example.com/static/js/runtime-main.{hex}.js:1:{col})",
  ),
  filledAt(
    "Error",
    "Loading CSS chunk {int} failed. (/static/css/{int}.{hex}.chunk.css)",
    "    at n.onerror (https://app.example.com/static/js/runtime-main.{hex}.js:1:{col})",
  ),
  ...filled(
    undefined,
    "TypeError",
    "Failed to fetch dynamically imported module: https://app.example.com/assets/Settings-{chunkHash}.js",
    "Failed to fetch dynamically imported module: https://app.example.com/assets/Billing-{chunkHash}.js",
    "error loading dynamically imported module: https://app.example.com/assets/Settings-{chunkHash}.js?v={epoch}",
    "Importing a module script failed.",
    "NetworkError when attempting to fetch resource.",
    "Load failed (app.example.com)",
  ),
  ...filled(
    undefined,
    "Error",
    'Hydration failed because the initial UI does not match what was rendered on the server. In <ProfileCard>: server "{text}" client "{word}"',
    'Hydration failed because the initial UI does not match what was rendered on the server. In <PriceTag>: server "{amount}" client "{amount}"',
    'Text content does not match server-rendered HTML. Server: "{wordDate}" Client: "{usDate}"',
    "Minified React error #418; visit https://react.dev/errors/418?args[]={word}&args[]={int} for the full message",
    "Minified React error #425; visit https://react.dev/errors/425?args[]={word}&args[]={int} for the full message",
    "Minified React error #31; visit https://reactjs.org/docs/error-decoder.html?invariant=31&args[]=object%20with%20keys%20%7Bid%7D for the full message",
    "Objects are not valid as a React child (found: object with keys {id, name})",
    "Objects are not valid as a React child (found: [object Promise])",
    "Too many re-renders. React limits the number of renders to prevent an infinite loop.",
    "Rendered more hooks than during the previous render.",
    "useCart must be used within a CartProvider",
    "useTheme must be used within a ThemeProvider",
    "Element type is invalid: expected a string but got: undefined. Check the render method of `Checkout`.",
    "Element type is invalid: expected a string but got: undefined. Check the render method of `Basket`.",
    "Module parse failed: Unexpected token ({ln}:{col}) File was processed with these loaders: ./node_modules/babel-loader/lib/index.js",
    "Module not found: Error: Can't resolve './Button' in '/home/{login}/projects/shop/src/components'",
    "Module not found: Error: Can't resolve './Card' in '/home/{login}/projects/shop/src/components'",
    '[vite] Internal server error: Failed to resolve import "@/lib/price" from "src/pages/Cart.tsx". Does the file exist?',
    '[vite] Internal server error: Failed to resolve import "@/lib/rates" from "src/pages/Cart.tsx". Does the file exist?',
    "ResizeObserver loop completed with undelivered notifications.",
    "Script error.",
    "Error rendering <Basket> (digest {int})",
    "Error rendering <Profile> (digest {int})",
    "An error occurred in the Server Components render. digest: '{int}'",
    "NEXT_REDIRECT;replace;/login?next=%2Forders%2F{int};307;",
    "Event handler onClick of button#pay threw after {ms}",
  ),
];
