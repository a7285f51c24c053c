/** The template of Express on Node. @module */

import type { ProjectFile } from "../core/projectPaths.ts";
import { projectModule, type TemplateText } from "./template.ts";

/** A list over HTTP, kept in memory. */
export function nodeTemplate(text: TemplateText): ProjectFile[] {
  return [
    { path: "src/index.js", content: INDEX },
    { path: "src/app.js", content: APP },
    { path: "src/routes/items.js", content: ITEMS },
    projectModule("src/project.js", text),
  ];
}

const INDEX = `import { createApp } from "./app.js";

createApp().listen(Number(process.env.PORT ?? 3000));
`;

const APP = `import express from "express";
import { description, title } from "./project.js";
import itemRoutes from "./routes/items.js";

export function createApp() {
  const app = express();
  app.use(express.json({ limit: "100kb" }));
  app.get("/", (_request, response) => {
    response.json({ title, description });
  });
  app.get("/health", (_request, response) => {
    response.json({ ok: true });
  });
  app.use("/items", itemRoutes);
  return app;
}
`;

const ITEMS = `import { Router } from "express";

const router = Router();
const items = new Map();
let last = 0;

router.get("/", (_request, response) => {
  response.json([...items.values()]);
});

router.post("/", (request, response) => {
  const text = typeof request.body?.text === "string" ? request.body.text.trim() : "";
  if (text === "") {
    response.status(400).json({ error: "text is missing" });
    return;
  }
  last += 1;
  const item = { id: last, text };
  items.set(item.id, item);
  response.status(201).json(item);
});

router.delete("/:id", (request, response) => {
  const isThere = items.delete(Number(request.params.id));
  response.status(isThere ? 204 : 404).end();
});

export default router;
`;
