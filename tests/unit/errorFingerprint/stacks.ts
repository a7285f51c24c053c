/** Failures that only their stack traces tell apart: Deno, Node, React with and without minification. @module */

import { type Cause, traced } from "./cause.ts";

const UNDEFINED_ID = "Cannot read properties of undefined (reading 'id')";
const FETCH_FAILED = "fetch failed";
const HYDRATION =
  "Minified React error #418; visit https://react.dev/errors/418?args[]=HTML for the full message";

function edge(root: string, name: string, file: string, line: number): string {
  return [
    `    at ${name} (${root}/${file}:${line}:${line % 40})`,
    `    at async handle (${root}/chat/index.ts:${line + 7}:3)`,
    `    at async mapped (ext:runtime/http.js:${line}:9)`,
    `    at async Promise.all (index ${line % 3})`,
  ].join("\n");
}

function browser(origin: string, hash: string, name: string, column: number): string {
  return [
    `    at ${name} (${origin}/assets/index-${hash}.js:1:${column})`,
    `    at Array.map (<anonymous>)`,
    `    at x (${origin}/assets/vendor-${hash}.js:40:${column})`,
  ].join("\n");
}

const roots = [
  "file:///home/deno/functions",
  "file:///var/tmp/sb-compile-edge-runtime",
  "file:///home/alice/p/supabase/functions",
];

/** Causes; several share their message. */
export const STACKS: readonly Cause[] = [
  traced(
    "order without id",
    "TypeError",
    UNDEFINED_ID,
    roots.map((root, index) => edge(root, "readOrder", "chat/orders.ts", 10 + index)),
  ),
  traced(
    "user without id",
    "TypeError",
    UNDEFINED_ID,
    roots.map((root, index) => edge(root, "readUser", "chat/users.ts", 50 + index)),
  ),
  traced(
    "same name, other file",
    "TypeError",
    UNDEFINED_ID,
    roots.map((root, index) => edge(root, "readUser", "chat/people.ts", 90 + index)),
  ),
  traced(
    "fetch of prices",
    "TypeError",
    FETCH_FAILED,
    roots.map((root, index) => edge(root, "loadPrices", "_shared/prices.ts", 33 + index)),
  ),
  traced(
    "fetch of rates",
    "TypeError",
    FETCH_FAILED,
    roots.map((root, index) => edge(root, "loadRates", "_shared/prices.ts", 70 + index)),
  ),
  traced(
    "deep recursion",
    "RangeError",
    "Maximum call stack size exceeded",
    [3, 40, 400].map((depth) =>
      `${
        "    at walk (file:///app/src/tree.ts:10:5)\n".repeat(depth)
      }    at main (file:///app/src/main.ts:3:1)`
    ),
  ),
  traced(
    "mutual recursion",
    "RangeError",
    "Maximum call stack size exceeded",
    [2, 30].map((depth) =>
      `${
        "    at even (/app/src/parity.js:1:5)\n    at odd (/app/src/parity.js:5:5)\n".repeat(depth)
      }    at main (/app/src/main.js:3:1)`
    ),
  ),
  traced("node packages between", "Error", "write failed", [
    "    at save (/app/src/store.js:12:3)\n    at node:internal/process/task_queues:95:5",
    "    at Socket.write (/app/node_modules/pg/lib/client.js:526:17)\n    at save (/app/src/store.js:19:3)",
    "    at async save (/home/ci/work/src/store.js:19:3)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
  ]),
  traced("bundle, order page", "TypeError", UNDEFINED_ID, [
    browser("https://app.example.com", "4f2a1b3c", "OrderPage", 2034),
    browser("https://app.example.com", "BxY3_kQz", "OrderPage", 88123),
    browser("https://preview-17.example.app", "9a8b7c6d", "OrderPage", 5),
  ]),
  traced("bundle, user page", "TypeError", UNDEFINED_ID, [
    browser("https://app.example.com", "4f2a1b3c", "UserPage", 2034),
    browser("https://app.example.com", "DkJhGfSa", "UserPage", 3),
  ]),
  traced("minified names", "TypeError", "n.items is not iterable", [
    browser("https://app.example.com", "4f2a1b3c", "t", 1),
    browser("https://app.example.com", "BxY3_kQz", "n", 77),
    browser("https://app.example.com", "0a1b2c3d", "e.a", 901),
  ]),
  traced("hydration", "Error", HYDRATION, [
    browser("https://app.example.com", "4f2a1b3c", "Lt", 1),
    browser("https://app.example.com", "BxY3_kQz", "Yn", 2),
  ]),
  traced("hydration of text", "Error", HYDRATION.replaceAll("418", "425"), [
    browser("https://app.example.com", "4f2a1b3c", "Lt", 1),
    browser("https://app.example.com", "BxY3_kQz", "Yn", 2),
  ]),
  traced("next chunks", "TypeError", "x is not a function", [
    "    at Checkout (https://shop.example.com/_next/static/chunks/pages/checkout-5f0e8a7b2c1d.js:1:200)",
    "    at Checkout (https://shop.example.com/_next/static/chunks/pages/checkout-aa11bb22cc33.js:1:9)",
    "Checkout@https://shop.example.com/_next/static/chunks/pages/checkout-99887766aabb.js:1:9",
  ]),
  traced("webpack, not minified", "TypeError", "x is not a function", [
    "    at Cart.render (webpack-internal:///./src/components/Cart.tsx:14:3)\n    at renderWithHooks (webpack-internal:///./node_modules/react-dom/cjs/react-dom.development.js:1:1)",
    "    at Cart.render (webpack-internal:///(app-pages-browser)/./src/components/Cart.tsx:99:3)",
    "    at Cart.render (http://localhost:5173/src/components/Cart.tsx?t=1732184:99:3)",
  ]),
  traced("gecko", "TypeError", "a is undefined", [
    "submit@https://app.example.com/src/form.js:10:5\nonClick@https://app.example.com/src/button.js:3:1",
    "async*submit@https://app.example.com/src/form.js:33:1\nonClick@https://app.example.com/src/button.js:5:9",
    "submit/<@http://localhost:3000/src/form.js:1:1\nonClick@http://localhost:3000/src/button.js:9:9",
  ]),
  traced("component stack", "Error", "Objects are not valid as a React child", [
    "    in Price (at ProductList.js:12)\n    in ProductList (at App.js:9)",
    "    in Price (at ProductList.js:40)\n    in ProductList (at App.js:17)",
  ]),
  traced("trigger function", "error", "division by zero", [
    'PL/pgSQL function update_ratio() line 3 at assignment\nSQL statement "update a"',
    "PL/pgSQL function update_ratio() line 9 at assignment",
  ]),
  traced("other trigger function", "error", "division by zero", [
    "PL/pgSQL function update_share() line 3 at assignment",
    "PL/pgSQL function update_share() line 12 at assignment",
  ]),
];
