/** The engine's third cycle, and its wishes to deploy. */

import assert from "node:assert/strict";
import { deploymentsPort } from "../../supabase/functions/autonomous-healing-engine/cycles/deployments.ts";
import { createDeployPort } from "../../supabase/functions/_shared/deployments.ts";
import { setSetting } from "../helpers/contract.ts";
import { serveEngine } from "../helpers/engineServer.ts";

Deno.test("autonomous-healing-engine carries deployments on in its third cycle, and reports where they went", async () => {
  await using server = await serveEngine({ ports: { deployments: deploymentsPort } });
  const { rpc } = server.contract;
  await setSetting(rpc, "mode_deployment", "auto");
  await rpc.call("set_deployment_target", {
    p_project_id: "shop",
    p_provider: "hook",
    p_config: { url: "https://example.com/deploy" },
    p_vault_entry: "deploy_nowhere",
    p_reason: "a test",
  });
  await createDeployPort(rpc).request({
    key: "release:1",
    projectId: "shop",
    reason: "release",
    changes: {},
  });
  const { body } = await server.call({ wait: true, cycle: 3 });
  // Its token is set nowhere, so it fails before anything is sent.
  assert.deepEqual(body.counters.deployments, { failed: 1 });
  assert.deepEqual(body.counters.not_installed, []);
  const again = await server.call({ wait: true, cycle: 3 });
  assert.deepEqual(again.body.counters.deployments, {});
  const planned = await server.call({ dryRun: true, cycle: 3 });
  assert.match(planned.body.plan[0].reason ?? "", /dry run does not do/);
});
