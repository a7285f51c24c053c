/** A worker dies at each of its calls of the database, before the call and after it; another one goes on. */

import assert from "node:assert/strict";
import { fenceUntrusted } from "../../supabase/functions/_shared/aiClient.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { workOnGeneration } from "../../supabase/functions/_shared/projectGenerator.ts";
import { clientOf } from "../helpers/aiClients.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { begin } from "../helpers/generations.ts";
import { builds, QUICK, saved } from "../helpers/megaMind.ts";
import { startOpenAiServer } from "../helpers/openAiServer.ts";

/** A database that is gone for good after so many calls; the last one may have been carried out, unheard. */
function dying(db: RpcPort, calls: number, isHeard: boolean): { db: RpcPort; hasDied: () => boolean } {
  let left = calls;
  let died = false;
  return {
    hasDied: () => died,
    db: {
      async call(name, args) {
        if (left-- > 0) return await db.call(name, args);
        const isFirst = !died;
        died = true;
        if (isFirst && !isHeard) await db.call(name, args).catch(() => {});
        throw new HealingError("UNAVAILABLE", "the worker has died");
      },
    },
  };
}

for (const mode of ["template", "model"]) {
  Deno.test(`a generation by ${mode} ends as one whole project wherever its worker dies`, async () => {
    await using database = await createTestDatabase();
    await using contract = await openContract(database);
    await using model = startOpenAiServer();
    model.always(builds());
    await database.query("update healing_settings set wanted = '1000' where key like 'max_generations%'");
    const work = (id: string, db: RpcPort, worker: string) =>
      workOnGeneration(id, {
        db,
        // The budget of tokens is kept elsewhere, so that only the generation's own calls are counted.
        model: clientOf([model], { isolateBudget: { tokens: 10_000_000, usd: 100 } }),
        fence: fenceUntrusted,
        logger: silentLogger,
        functionName: "test",
        worker,
        limits: QUICK,
      });
    let deaths = 0;
    for (const isHeard of [true, false]) {
      for (let calls = 0;; calls++) {
        const { request_id: id } = await begin(database, { mode });
        const first = dying(contract.rpc, calls, isHeard);
        await work(id, first.db, "first").catch(() => {});
        if (!first.hasDied()) break;
        deaths++;
        await database.query(
          `update generation_requests set next_attempt_at = now(),
             lease_expires_at = case when status = 'running' then now() - interval '1 second' end where id = $1`,
          [id],
        );
        const shown = await work(id, contract.rpc, "second");
        assert.deepEqual([calls, isHeard, shown.status, shown.failure], [calls, isHeard, "completed", null]);
      }
    }
    assert.ok(deaths > 8, `${deaths} deaths`);
    const [counts] = await database.query<{ requests: number; whole: number; drafts: number }>(
      `select (select count(*)::int from generation_requests where status = 'completed') as requests,
         (select count(*)::int from generated_projects as p where file_count > 0
            and file_count = (select count(*) from generated_files where project_id = p.id)
            and 1 = (select count(*) from generation_quality_metrics where project_id = p.id)) as whole,
         (select count(*)::int from healing_private.generation_drafts) as drafts`,
    );
    const { projects } = await saved(database);
    assert.deepEqual(counts, { requests: projects, whole: projects, drafts: 0 });
    assert.deepEqual(await database.query("select from generation_failures"), []);
  });
}
