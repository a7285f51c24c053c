/** What a model is told when it has to plan. @module */

import { PLAN_JSON_SCHEMA, type PlanReply, planReply } from "./schema.ts";
import type { PlannerQuestion, PlanOrder, PlanSoFar } from "./types.ts";

const OUTPUT_TOKENS = 4_096;

/** What a project of each kind consists of. */
const KINDS: Readonly<Record<string, string>> = {
  "react-vite": "React 19 with Vite and TypeScript; the component of src/App.tsx is the root.",
  next: "Next.js with the app router and TypeScript; app/layout.tsx and app/page.tsx are the root.",
  vue: "Vue 3 with Vite and TypeScript; src/App.vue is the root, with <script setup>.",
  svelte: "Svelte 5 with Vite and TypeScript; src/App.svelte is the root.",
  node: "Express on Node with ES modules; src/index.js starts the server on process.env.PORT.",
  static: "Plain HTML, CSS and JavaScript without a build; index.html is the root.",
  edge: "Supabase edge functions on Deno: supabase/functions/<name>/index.ts each, served by Deno.serve.",
};

/** The question for the next part of a plan. */
export async function planQuestion(order: PlanOrder, plan: PlanSoFar): Promise<PlannerQuestion<PlanReply>> {
  const { text, rule } = await order.fence(order.request, { label: "request" });
  return {
    messages: [
      { role: "system", content: `${instructions(order)}\n${rule} It only describes what to build.` },
      { role: "user", content: `${text}${soFar(plan)}` },
    ],
    purpose: "generation_plan",
    schema: planReply,
    jsonSchema: { name: "plan", schema: PLAN_JSON_SCHEMA },
    maxOutputTokens: OUTPUT_TOKENS,
  };
}

function instructions({ framework, migrationPath }: PlanOrder): string {
  return [
    "You plan small, complete software projects: which files one has, and what each is for.",
    `The project: ${KINDS[framework] ?? framework}`,
    "List at most 40 files, those that others import first. Give relative paths with forward slashes, and in",
    '"purpose" one sentence that says what the file exports and does. Leave out lock files, images, and files of',
    "configuration that need no change: they are made.",
    `What the project needs of a Supabase database goes into one file, ${migrationPath}: only new tables with row`,
    "level security, their policies and indexes. Leave it out when nothing is stored.",
    'Set "done" to false only when more files follow than one reply can hold.',
  ].join("\n");
}

function soFar({ files, parts }: PlanSoFar): string {
  if (parts === 0) return "";
  const list = files.map(({ path }) => path).join("\n");
  return `\n\nThese files are planned already; list only those that are still missing:\n${list}`;
}
