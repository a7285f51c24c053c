/** Requests of many users through everything that counts them in production, as if over the last hour. @module */

import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { recordPerformanceMetrics } from "../../supabase/functions/_shared/healingDb.ts";
import {
  type MetricReport,
  PerformanceMonitor,
} from "../../supabase/functions/_shared/performanceMonitor.ts";
import { observeRequest } from "../../supabase/functions/_shared/requestObserver.ts";
import { getRolloutShare } from "../../supabase/functions/_shared/rolloutDb.ts";
import { RolloutReader } from "../../supabase/functions/_shared/rollouts.ts";

/** What comes by. */
export interface Traffic {
  deployment: string;
  functionName?: string;
  /** Minutes before now, the earlier first. */
  from: number;
  to: number;
  perMinute: number;
  /** Whether a request fails: by whether its user has the release, and the how many-th of its side it is. */
  fails: (isIn: boolean, index: number) => boolean;
}

/**
 * Serves the requests: each asks whether its user has the release, is watched, and is counted in the minute in which it
 * would have come. Returns how many were served to either side.
 */
export async function serveTraffic(
  rpc: RpcPort,
  traffic: Traffic,
): Promise<{ canary: number; control: number }> {
  const { deployment, functionName = "checkout", from, to, perMinute, fails } = traffic;
  const reader = new RolloutReader({
    readShare: async (id) => Number((await getRolloutShare(rpc, id)).share),
    freshMs: 1e9,
    staleMs: 1e9,
  });
  const served = { canary: 0, control: 0 };
  for (let ago = from; ago >= to; ago--) {
    let metrics: readonly MetricReport[] = [];
    const monitor = new PerformanceMonitor({
      sink: () => Promise.resolve({ record: (batch) => Promise.resolve(metrics = batch.metrics) }),
    });
    for (let request = 0; request < perMinute; request++) {
      await observeRequest(new Request("http://localhost/"), functionName, async () => {
        const isIn = await reader.isIn(deployment, `user-${ago}-${request}`);
        const index = served[isIn ? "canary" : "control"]++;
        return new Response(null, { status: fails(isIn, index) ? 500 : 200 });
      }, monitor);
    }
    await monitor.flush();
    const batch = metrics.map((metric) => ({ ...metric, ageMs: ago * 60_000 }));
    await recordPerformanceMetrics(rpc, { batchId: crypto.randomUUID(), metrics: batch });
  }
  return served;
}
