import assert from "node:assert/strict";
import { jsonReporter } from "../../supabase/functions/_shared/jsonReporter.ts";
import { JsonParseError, robustJSONParse } from "../../supabase/functions/_shared/robustJsonParser.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { waitFor } from "../helpers/waiting.ts";

const SECRET = ["sb", "secret", "AbCdEfGhIjKlMnOpQrStUv_12345678"].join("_");

Deno.test("jsonReporter() stores a failure with its code and the sanitised text", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const options = jsonReporter(contract.rpc, {
    functionName: "plan",
    framework: "react",
    userRequest: `use ${SECRET}`,
  });
  await assert.rejects(robustJSONParse(`I cannot do that, your key is ${SECRET}.`, options), JsonParseError);
  const rows = () =>
    database.query(
      "select error_type, failure_category, framework, user_request, details from generation_failures",
    );
  await waitFor("the failure", async () => (await rows()).length === 1);
  const [row] = await rows();
  assert.equal(row!.error_type, "json_invalid");
  assert.equal(row!.framework, "react");
  assert.ok(!JSON.stringify(row).includes(SECRET));
});

Deno.test("jsonReporter() stores what was mended, by kind, and nothing for sound JSON", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const options = jsonReporter(contract.rpc, { functionName: "plan" });
  await robustJSONParse('{"sound": true}', options);
  await robustJSONParse("{name: 'Ada',}", options);
  const rows = () =>
    database.query("select message, result, details from healing_events where event_type = 'json_repaired'");
  await waitFor("the event", async () => (await rows()).length > 0);
  const events = await rows();
  assert.equal(events.length, 1);
  assert.match(String(events[0]!.message), /key_quoted: 1/);
});
