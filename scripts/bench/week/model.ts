/** A model for the simulated week: it answers over HTTP, knows nothing, and says so. @module */

import { createAiClient, fenceUntrusted } from "../../../supabase/functions/_shared/aiClient.ts";
import { silentLogger } from "../../../supabase/functions/_shared/core/logger.ts";
import type { RpcPort } from "../../../supabase/functions/_shared/core/ports.ts";
import { createModelProposer, type Proposer } from "../../../supabase/functions/_shared/healingEngine.ts";

/** A model that counts how often it is asked. */
export interface WeekModel extends AsyncDisposable {
  readonly questions: number;
  /** What asks it about errors, over a database. */
  proposerFor(db: RpcPort): Proposer;
}

const ANSWER = JSON.stringify({ explanation: "Nothing is known of this error.", causes: [], proposals: [] });

/** Starts the model on a free port of this machine. */
export function startWeekModel(): WeekModel {
  let questions = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    questions++;
    return Response.json({
      id: "chatcmpl-week",
      object: "chat.completion",
      created: 0,
      model: "week",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: ANSWER } }],
      usage: { prompt_tokens: 900, completion_tokens: 30, total_tokens: 930 },
    });
  });
  const target = {
    model: "week",
    baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
    apiKey: "no-key-is-wanted-here",
  };
  return {
    get questions() {
      return questions;
    },
    proposerFor: (db) =>
      createModelProposer({
        db,
        model: createAiClient({ settings: { targets: [target], problems: [] }, db, logger: silentLogger }),
        fence: fenceUntrusted,
        logger: silentLogger,
      }),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
