/** The template of a site without a build. @module */

import type { ProjectFile } from "../core/projectPaths.ts";
import { STYLE, type TemplateText } from "./template.ts";

/** A page with a list that one can add to. */
export function staticTemplate(text: TemplateText): ProjectFile[] {
  return [
    { path: "index.html", content: pageText(text) },
    { path: "style.css", content: STYLE },
    { path: "app.js", content: APP },
  ];
}

function pageText({ html }: TemplateText): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${html.title}</title>
    <link rel="stylesheet" href="style.css" />
  </head>
  <body>
    <main>
      <h1>${html.title}</h1>
      <p>${html.description}</p>
      <form id="form">
        <input id="text" aria-label="New item" />
        <button type="submit">Add</button>
      </form>
      <ul id="items"></ul>
    </main>
    <script src="app.js" defer></script>
  </body>
</html>
`;
}

const APP = `const form = document.getElementById("form");
const text = document.getElementById("text");
const items = document.getElementById("items");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (text.value.trim() === "") return;
  const item = document.createElement("li");
  item.textContent = text.value.trim();
  items.append(item);
  text.value = "";
});
`;
