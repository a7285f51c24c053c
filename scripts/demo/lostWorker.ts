/** The story of a project whose first worker vanishes while it generates it. @module */

import type { DemoStage } from "./stage.ts";
import type { Story, StoryReport } from "./story.ts";
import { until } from "./until.ts";

interface Generated {
  status: string;
  claims: number;
  files: number;
  score: number;
}

/** A worker takes the request and is never heard of again; the schedule has another one go on. */
export const lostWorker: Story = {
  title: "A request becomes a project although the worker that took it dies on the way",
  async tell({ stack, database }: DemoStage): Promise<StoryReport> {
    const wish = {
      subject: "demo",
      user_request: "a list of books",
      framework: "react-vite",
      title: "Books",
      mode: "template",
    };
    const { rows: [begun] } = await database.query<{ id: string }>(
      "select begin_generation($1::jsonb) ->> 'request_id' as id",
      [JSON.stringify(wish)],
    );
    const id = begun!.id;
    await database.query("select claim_generation($1, 'a worker that dies')", [id]);
    // What a minute without a sign of life would do.
    await database.query(
      `update generation_requests set lease_expires_at = now() - interval '1 second', updated_at = now() - interval '1 minute'
       where id = $1`,
      [id],
    );
    await stack.runJob("healing_generations");
    await stack.drainNet();
    let made: Generated | undefined;
    await until("the project", async () => {
      made = (await database.query<Generated>(
        `select r.status, r.claim_count as claims, p.file_count as files, p.quality_score::int as score
         from generation_requests as r left join generated_projects as p on p.generation_request_id = r.id where r.id = $1`,
        [id],
      )).rows[0];
      return made?.status === "completed" || made?.status === "failed";
    });
    return {
      healed: made?.status === "completed" && made.claims === 2 && made.score === 100,
      broke: "the first worker vanished with the request in its hands",
      healedBy: "the reaper called mega-mind-orchestrator again, which went on from the checkpoint",
      tier: "-",
      proof:
        `saved in one transaction: ${made?.files} files, quality ${made?.score} of 100, by worker ${made?.claims}`,
    };
  },
};
