/**
 * An engine whose every step to the outside is numbered, and a process that kills itself at one of them.
 *
 * Arguments: DATABASE_URL, the number of the step (0: none, and the names of all steps are printed), and whether to die
 * before it or while it is under way. A step is a call of an SQL function, a statement of a direct transaction, its
 * commit, or a call of an operation's target: whatever the code does there is found by running it, not by a list.
 *
 * @module
 */

import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { createHealingEngine } from "../../supabase/functions/_shared/healingEngine.ts";
import {
  type DirectConnection,
  type DirectTransaction,
  openDirectConnection,
} from "../../supabase/functions/_shared/postgres.ts";

/** Where a process dies. */
export type Death = "before" | "during";

const names: string[] = [];

function program(): void {
  const [url, step, death] = Deno.args;
  const at = Number(step);
  const stepper = (name: string) => {
    names.push(name);
    if (names.length !== at) return false;
    if (death === "before") Deno.kill(Deno.pid, "SIGKILL");
    return true;
  };
  run(url!, stepper).then(() => {
    Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(names)));
    Deno.exit(0);
  });
}

type Stepper = (name: string) => boolean;

/** Sends the request and dies before the answer is read. */
async function take<Result>(isLast: boolean, work: () => Promise<Result>): Promise<Result> {
  const result = work();
  if (isLast) {
    // One turn of the event loop, so that the request leaves.
    await new Promise((resolve) => setTimeout(resolve, 0));
    Deno.kill(Deno.pid, "SIGKILL");
  }
  return await result;
}

function numbered(rpc: RpcPort, stepper: Stepper, prefix = ""): RpcPort {
  return { call: (name, args) => take(stepper(`${prefix}${name}`), () => rpc.call(name, args)) };
}

function numberedTransaction(tx: DirectTransaction, stepper: Stepper): DirectTransaction {
  return {
    rpc: numbered(tx.rpc, stepper, "tx."),
    query: (text, values) => take(stepper("tx.query"), () => tx.query(text, values)),
    execute: (template, ...values) => take(stepper("tx.execute"), () => tx.execute(template, ...values)),
    script: (statements) => take(stepper("tx.script"), () => tx.script(statements)),
  };
}

function numberedConnection(connection: DirectConnection, stepper: Stepper): DirectConnection {
  return {
    rpc: numbered(connection.rpc, stepper),
    get isOpen() {
      return connection.isOpen;
    },
    close: () => connection.close(),
    alone: (statement, settings, options) =>
      take(stepper("alone"), () => connection.alone(statement, settings, options)),
    isPooled: () => connection.isPooled(),
    transaction: (work, options) =>
      connection.transaction(async (tx) => {
        const result = await work(numberedTransaction(tx, stepper));
        // What follows is the commit, or the end of a dry run.
        stepper(options?.rollback ? "tx.rollback" : "tx.commit");
        return result;
      }, options),
  };
}

async function run(url: string, stepper: Stepper): Promise<void> {
  const [connection, target] = await Promise.all([openDirectConnection(url), openDirectConnection(url)]);
  const engine = createHealingEngine({
    db: numbered(connection.rpc, stepper),
    openDirect: async () => numberedConnection(await openDirectConnection(url), stepper),
    worker: "dying",
    leaseSeconds: 60,
    invoke: ({ idempotency_key: key }) =>
      take(stepper("invoke"), async () => {
        await target.transaction((tx) =>
          tx.query("insert into made (key) values ($1) on conflict do nothing", [key])
        );
        return { status: 200, body: "" };
      }),
  });
  await engine.detectAndHeal();
}

if (import.meta.main) program();
