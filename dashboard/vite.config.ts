/**
 * How the dashboard is built: relative addresses, so that the same files are served from any path of any host, and
 * no size that grows unseen.
 *
 * @module
 */

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Vite asks for a default export.
export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    target: "es2022",
    // The content policy allows no inline script, and a preload polyfill would be one.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning),
    },
  },
  server: {
    // deno task start serves the API; config.json comes from it too.
    proxy: Object.fromEntries(
      ["/rest", "/auth", "/functions", "/config.json"].map((path) => [path, {
        target: "http://127.0.0.1:54321",
        rewrite: (asked: string) => asked === "/config.json" ? "/dashboard/config.json" : asked,
      }]),
    ),
  },
});
