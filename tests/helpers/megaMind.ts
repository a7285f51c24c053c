/** The orchestrator on a database of its own, with a local model, called as a machine calls it. @module */

import { createHandler } from "../../supabase/functions/mega-mind-orchestrator/handler.ts";
import type { GenerationDependencies } from "../../supabase/functions/_shared/generationEndpoint.ts";
import { type AiClientOptions, fenceUntrusted } from "../../supabase/functions/_shared/aiClient.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { clientOf, hurriedClock } from "./aiClients.ts";
import type { TestDatabase } from "./database.ts";
import { type FunctionServer, MACHINE_KEY, MACHINE_SETTINGS, serveFunction } from "./engineServer.ts";
import { says } from "./openAiReplies.ts";
import {
  type Behaviour,
  type OpenAiServer,
  type ReceivedRequest,
  startOpenAiServer,
} from "./openAiServer.ts";

/** What the orchestrator answers. */
export interface MegaAnswer {
  request_id: string;
  project_id: string;
  status: string;
  stage: string;
  progress: number;
  message: string;
  mode: string;
  title: string;
  code: string;
  hint: string;
  error_type: string;
  is_waiting: boolean;
  claims: number;
  files: { path: string; content: string }[];
  quality: {
    passed: boolean;
    qualityScore: number;
    missingFiles: string[];
    fixesApplied: number;
    filesAdded: number;
  };
  migration?: { path: string; status: string; report: Record<string, unknown> };
}

/** The function and its model. */
export interface MegaMind extends AsyncDisposable {
  model: OpenAiServer;
  server: FunctionServer;
  database: TestDatabase;
  ask(body: object): Promise<{ status: number; body: MegaAnswer }>;
  /** Asks with a query. */
  get(query: string): Promise<{ status: number; body: MegaAnswer }>;
}

/** Limits without pauses. */
export const QUICK = { retryMs: 1, leastMs: 0 };

/** Serves it. */
export async function serveMegaMind(
  changes: Partial<GenerationDependencies> = {},
  ai: AiClientOptions = {},
): Promise<MegaMind> {
  const model = startOpenAiServer();
  let handle: ((request: Request) => Promise<Response>) | undefined;
  const server = await serveFunction((_, { rpc }) =>
    handle = createHandler({
      settings: MACHINE_SETTINGS,
      db: rpc,
      model: clientOf([model], { db: rpc, clock: hurriedClock([]), ...ai }),
      fence: fenceUntrusted,
      instanceId: crypto.randomUUID(),
      logger: silentLogger,
      limits: QUICK,
      ...changes,
    })
  );
  return {
    model,
    server,
    database: server.database,
    ask: (body) => server.call<MegaAnswer>(body),
    async get(query) {
      const url = `http://project.test/functions/v1/mega-mind-orchestrator${query}`;
      const answer = await handle!(new Request(url, { headers: { apikey: MACHINE_KEY } }));
      return { status: answer.status, body: await answer.json() };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
    },
  };
}

/** Files of a small, good project of React. */
export const PROJECT: Readonly<Record<string, string>> = {
  "src/lib/format.ts": "export function shout(text: string): string {\n  return text.toUpperCase();\n}\n",
  "src/components/Title.tsx":
    'import { shout } from "../lib/format";\n\nexport function Title({ text }: { text: string }) {\n  return <h1>{shout(text)}</h1>;\n}\n',
  "src/App.tsx":
    'import { Title } from "./components/Title";\n\nexport default function App() {\n  return <Title text="hello" />;\n}\n',
  "src/index.css": "body {\n  margin: 0;\n}\n",
  "src/README.md": "# Notes\n",
  "src/more.ts": "export const more = 1;\n",
};

/** A plan of these files. */
export function planOf(paths: readonly string[], more: object = {}) {
  return {
    title: "Notes",
    description: "A list of notes",
    files: paths.map((path) => ({ path, purpose: "a part" })),
    done: true,
    ...more,
  };
}

/** The paths that a question for files wants. */
export function wantedIn({ body }: ReceivedRequest): string[] {
  const text = body.messages.at(-1)!.content.split("Write these files now:\n")[1] ?? "";
  return text.split("\n").map((line) => line.split(": ")[0]!).filter((path) => path !== "");
}

/** True for a question about the plan. */
export function isPlan({ body }: ReceivedRequest): boolean {
  return body.messages.some(({ content }) => content.startsWith("You plan"));
}

/** A model that plans these files and writes those that it is asked for. */
export function builds(files: Readonly<Record<string, string>> = PROJECT): Behaviour {
  return (request) => {
    if (isPlan(request)) return says(JSON.stringify(planOf(Object.keys(files))))(request);
    const reply = wantedIn(request).map((path) => ({ path, content: files[path] ?? "" }));
    return says(JSON.stringify({ files: reply }))(request);
  };
}

/** Rows of what was saved. */
export async function saved(
  database: TestDatabase,
): Promise<{ projects: number; files: number; metrics: number }> {
  const [row] = await database.query<{ projects: number; files: number; metrics: number }>(
    `select (select count(*)::int from generated_projects) as projects, (select count(*)::int from generated_files) as files,
       (select count(*)::int from generation_quality_metrics) as metrics`,
  );
  return row!;
}
