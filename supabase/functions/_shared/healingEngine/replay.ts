/** Makes the queued operations of an error again. @module */

import { messageOf } from "../core/errors.ts";
import type { ReplayReport } from "../core/ports.ts";
import { claimOperations, finishOperation, type RpcPort } from "../healingDb.ts";
import type { OperationInvoker } from "./options.ts";

/** Claims the operations of an error and makes each once; one that may succeed later goes back to the queue. */
export async function replayOperations(
  db: RpcPort,
  invoke: OperationInvoker,
  worker: string,
  errorId: string,
): Promise<ReplayReport> {
  const report: ReplayReport = { attempted: 0, succeeded: 0, failures: [] };
  for (const operation of await claimOperations(db, worker, errorId)) {
    report.attempted++;
    const answer = await invoke(operation).catch((error) => ({ status: 0, body: messageOf(error) }));
    if (answer.status >= 200 && answer.status < 300) {
      report.succeeded++;
      await finishOperation(db, operation, { status: "done", result: { status: answer.status } });
      continue;
    }
    const failure = `${operation.target} answered ${answer.status}: ${answer.body.slice(0, 300)}`;
    report.failures.push(failure);
    await finishOperation(db, operation, {
      status: mayPass(answer.status) ? "queued" : "failed",
      error: failure,
    });
  }
  return report;
}

/** No answer, a server's fault and "later" may pass; any other refusal is an answer. */
function mayPass(status: number): boolean {
  return status === 0 || status >= 500 || [408, 409, 425, 429].includes(status);
}
