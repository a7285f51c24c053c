/** What the doctor learns by calling: a run on the way of the schedules, and each function as a stranger. */

import assert from "node:assert/strict";
import type { Patient } from "../../scripts/doctor/examination.ts";
import { functions } from "../../scripts/doctor/functions.ts";
import { liveRun } from "../../scripts/doctor/liveRun.ts";
import { bad, openPatient } from "../helpers/doctor.ts";

Deno.test("liveRun tells of a call that was not sent, of an answer that refuses, and of a run that ended", async () => {
  await using project = await openPatient();
  const { database, patient } = project;
  await database.query("delete from vault.secrets");
  assert.match(bad(await liveRun.look(patient)).join(), /not sent: Vault has no entry project_url/);
  await database.query(
    `select vault.create_secret('https://mine.supabase.co', 'project_url'), vault.create_secret('0123456789abcdef', 'cron_secret_key')`,
  );
  /** Answers the call once it was sent, before the doctor looks. */
  const answered = (sql: string): Patient => ({
    ...patient,
    waitFor: async (_, look) => {
      await database.query(sql);
      return await look();
    },
  });
  const last = "(select net_request_id from healing_runs order by dispatched_at desc limit 1)";
  const answer = (status: number) =>
    `insert into net._http_response (id, status_code) values (${last}, ${status})`;
  assert.match(bad(await liveRun.look(answered(answer(401)))).join(), /refused the schedule's key with 401/);
  assert.match(bad(await liveRun.look(answered(answer(404)))).join(), /health-check is not deployed/);
  assert.match(bad(await liveRun.look(answered(answer(500)))).join(), /the answer was 500/);
  assert.match(bad(await liveRun.look(patient)).join(), /dispatched after 0 s; no answer came/);
  const finish =
    `update healing_runs set status = 'finished', finished_at = clock_timestamp(), started_at = dispatched_at
    where net_request_id = ${last}`;
  assert.deepEqual(bad(await liveRun.look(answered(finish))), []);
});

Deno.test("functions tells what is not deployed, refused by the gateway, open to strangers, or does not start", async () => {
  await using project = await openPatient();
  const answers: { [name: string]: [number, object] } = {
    fine: [401, { code: "UNAUTHENTICATED", requestId: "1" }],
    gateway: [401, { code: "UNAUTHORIZED_NO_AUTH_HEADER", message: "Missing authorization header" }],
    gone: [404, { code: "NOT_FOUND", message: "Requested function was not found" }],
    open: [200, { ok: true }],
    boots: [503, { code: "BOOT_ERROR", message: "Function failed to start" }],
  };
  await using server = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
    const [status, body] = answers[new URL(request.url).pathname.split("/").pop()!]!;
    return Response.json(body, { status });
  });
  const reference = {
    ...project.patient.reference,
    functions: Object.keys(answers).map((name) => ({ name })),
  };
  const patient = { ...project.patient, reference, apiUrl: `http://127.0.0.1:${server.addr.port}` };
  const told = await functions.look(patient);
  assert.deepEqual(bad(told).map((says) => says.split(/[ :]/)[0]), ["gateway", "gone", "open", "boots"]);
  assert.match(told[1]!.next!, /functions deploy gone/);
  assert.match(bad(told)[3]!, /503.*BOOT_ERROR/);
  const nobody = await functions.look({ ...patient, apiUrl: "http://127.0.0.1:1" });
  assert.match(bad(nobody)[0]!, /no answer/);
  assert.deepEqual((await functions.look({ ...patient, apiUrl: undefined })).map(({ state }) => state), [
    "unknown",
  ]);
});
