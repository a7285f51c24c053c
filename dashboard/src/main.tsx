/** The first thing that runs: reads where the project is, and shows the dashboard, or what is wrong. @module */

import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { openClient } from "./api/client.ts";
import { readConfig } from "./api/config.ts";
import { createQueryClient } from "./api/queries.ts";
import { App } from "./app/App.tsx";
import { AppProvider } from "./app/session.tsx";
import { showTheme } from "./app/theme.ts";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/lists.css";

showTheme();
const root = createRoot(document.getElementById("root")!);
try {
  await start(root);
} catch (error) {
  root.render(
    <NoConfig
      message={error instanceof Error ? error.message : String(error)}
    />,
  );
}

async function start(root: Root): Promise<void> {
  const config = await readConfig();
  const client = openClient(config);
  const queries = createQueryClient(() => void client.auth.signOut({ scope: "local" }));
  root.render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <AppProvider client={client} config={config}>
          <App />
        </AppProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

function NoConfig({ message }: { message: string }) {
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <h1>The dashboard does not know its project</h1>
        <p>{message}</p>
        <p>
          It reads <code>config.json</code> beside the page:
        </p>
        <pre className="code" tabIndex={0} aria-label="Example of config.json">
          {`{\n  "supabaseUrl": "https://<project>.supabase.co",\n  "publishableKey": "sb_publishable_…"\n}`}
        </pre>
      </div>
    </main>
  );
}
