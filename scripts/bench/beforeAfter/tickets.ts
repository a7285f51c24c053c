/** Rows whose keys only a model or experience can name, a model that names them, and isolates that write them. @module */

import { createAiClient } from "../../../supabase/functions/_shared/aiClient.ts";
import type { Clock } from "../../../supabase/functions/_shared/core/clock.ts";
import type { RpcPort } from "../../../supabase/functions/_shared/core/ports.ts";
import { silentLogger } from "../../../supabase/functions/_shared/core/logger.ts";
import type { HealingPattern } from "../../../supabase/functions/_shared/healingDb.ts";
import { createResilientDb, type Row } from "../../../supabase/functions/_shared/resilientDbWrapper.ts";
import { SelfHealingLoop } from "../../../supabase/functions/_shared/selfHealingLoop.ts";
import { saysJson } from "../../../tests/helpers/openAiReplies.ts";
import { type OpenAiServer, startOpenAiServer } from "../../../tests/helpers/openAiServer.ts";
import { recordHeals } from "./recordedHeals.ts";

/** Keys that no rule maps to a column of `tickets`. */
export const HARD_KEYS = ["gist", "blurb", "tldr", "nutshell"] as const;
/** Keys that the rules map. */
export const EASY_KEYS = ["Synopsis", "SYNOPSIS", "synopsis_"] as const;

/** Starts a model that knows what every key means. */
export function startTicketModel(): OpenAiServer {
  const server = startOpenAiServer();
  server.always((request) => {
    const asked = JSON.stringify(request.body.messages.at(-1));
    const mappings = [...HARD_KEYS, ...EASY_KEYS].filter((key) => asked.includes(key)).map((key) => ({
      key,
      column: "synopsis",
    }));
    return saysJson({ mappings })(request);
  });
  return server;
}

/** One isolate that writes tickets: what it learns is stored, what it was told it keeps for some minutes. */
export interface TicketIsolate {
  /** Writes a row, and waits until what was learned from it is stored; says by whom it was healed. */
  write(row: Row): Promise<string>;
}

/** What an isolate may use. */
export interface TicketOptions {
  model?: OpenAiServer;
  clock?: Clock;
}

/** Starts one. */
export function startTicketIsolate(service: RpcPort, { model, clock }: TicketOptions = {}): TicketIsolate {
  const target = { model: "gpt-test", baseUrl: model?.url ?? "", apiKey: "no-key-is-wanted-here" };
  const ai = () =>
    createAiClient({ settings: { targets: [target], problems: [] }, maxAttempts: 1, logger: silentLogger });
  const loop = new SelfHealingLoop({
    recall: (signatures) =>
      service.call<HealingPattern[]>("find_healing_patterns", {
        p_signatures: signatures,
        p_project_id: "",
      }),
    ...(model === undefined ? {} : { ai }),
    ...(clock === undefined ? {} : { clock }),
  });
  const heals = recordHeals(service);
  const db = createResilientDb(service, {
    learned: (table, row, ruled, options) => loop.healFurther(table, row, ruled, options),
    onHealed: heals.onHealed,
  });
  return {
    async write(row) {
      const { results } = await db.insertMany("tickets", [row]);
      await heals.settled();
      const [result] = results;
      return result!.status === "healed" ? result!.tier ?? "deterministic" : result!.status;
    },
  };
}
