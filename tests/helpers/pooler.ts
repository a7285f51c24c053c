/**
 * The platform's pooler as Debian's `pgbouncer` in transaction mode: each transaction may get another server
 * connection, and what one leaves behind on it, the next one finds.
 *
 * @module
 */

import { freePort } from "../../scripts/stack/postgres.ts";
import { postgresUser } from "../../scripts/stack/runAs.ts";
import { waitFor } from "./waiting.ts";

const PROGRAM = "/usr/sbin/pgbouncer";

/** A pooler in front of a server; it ends with the test. */
export interface Pooler extends AsyncDisposable {
  /** The same database through the pooler. */
  through(databaseUrl: string): string;
}

/** Starts a pooler in front of the server of a connection string, with a handful of server connections. */
export async function startPooler(serverUrl: string, serverConnections = 2): Promise<Pooler> {
  const port = freePort();
  const folder = await Deno.makeTempDir();
  const runAs = postgresUser();
  await Deno.chmod(folder, 0o755);
  await Deno.writeTextFile(
    `${folder}/pgbouncer.ini`,
    settings(new URL(serverUrl), port, serverConnections, folder),
    {
      mode: 0o644,
    },
  );
  await Deno.writeTextFile(`${folder}/users.txt`, '"postgres" ""\n', { mode: 0o644 });
  const child = new Deno.Command(PROGRAM, {
    args: ["-q", `${folder}/pgbouncer.ini`],
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...(runAs ?? {}),
  }).spawn();
  const errors = new Response(child.stderr).text();
  let ended = false;
  const status = child.status.then((result) => (ended = true, result));
  await waitFor("the pooler", async () => {
    if (ended) throw new Error(await errors);
    return await isListening(port);
  });
  return {
    through: (databaseUrl) => withPort(databaseUrl, port),
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill("SIGKILL");
      await Promise.all([status, errors]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function settings({ hostname, port }: URL, own: number, serverConnections: number, folder: string): string {
  return `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = trust
auth_file = ${folder}/users.txt
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
`;
}

function withPort(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl);
  url.port = String(port);
  return url.href;
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
