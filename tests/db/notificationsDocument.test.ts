/** What docs/notifications.md says is so: its settings, its SQL, and the receiver that it shows. */

import assert from "node:assert/strict";
import * as door from "../../supabase/functions/_shared/notifications.ts";
import { EMAIL, openNotifications, raise } from "../helpers/notifications.ts";
import { WEBHOOK_SECRET } from "../helpers/providers.ts";

const DOCUMENT = await Deno.readTextFile(new URL("../../docs/notifications.md", import.meta.url));

function blocks(language: string): string[] {
  return [...DOCUMENT.matchAll(new RegExp("```" + language + "\\n([^]*?)```", "g"))].map(([, code]) => code!);
}

Deno.test("docs/notifications.md names every setting with its default, and every variable", async () => {
  await using all = await openNotifications({ notification_emails: [], notification_phones: [] });
  const rows = await all.database.query(
    "select key, wanted::text as value from healing_settings where key like 'notification%' order by key",
  );
  const documented = [...DOCUMENT.matchAll(/^\| `(notification_\w+)`\s+\| `(.*?)`/gm)].map((
    [, key, value],
  ) => ({ key, value }));
  assert.deepEqual(documented, rows);
  const example = await Deno.readTextFile(new URL("../../.env.example", import.meta.url));
  for (const [name] of example.matchAll(/^(SLACK|WEBHOOK|RESEND|TWILIO)_\w+/gm)) {
    assert.ok(DOCUMENT.includes(name), name);
  }
});

Deno.test("the code of docs/notifications.md imports what the door has", () => {
  const [, names] = /import \{(.*?)\} from "\.\.\/_shared\/notifications\.ts"/.exec(blocks("ts")[1]!)!;
  for (const name of names!.split(",")) assert.ok(name.trim() in door, name);
});

Deno.test("the SQL of docs/notifications.md runs", async () => {
  await using all = await openNotifications();
  await raise(all.rpc, "one", "critical");
  const [sql] = blocks("sql");
  for (const statement of sql!.split(/;\n/).filter((part) => part.trim() !== "")) {
    await all.database.query(statement);
  }
  const [row] = await all.database.query("select read_by from notifications");
  assert.deepEqual(row, { read_by: "postgres" });
});

Deno.test("the receiver of docs/notifications.md verifies what is sent, and refuses what is changed", async () => {
  const [code] = blocks("ts");
  const { verifyWebhook } = await import(`data:application/typescript,${encodeURIComponent(code!)}`);
  await using all = await openNotifications({ notification_emails: [EMAIL] });
  await raise(all.rpc, "one");
  await all.deliver();
  const { headers, body } = all.receiver.requests[0]!;
  const request = (text: string) =>
    new Request("http://receiver.test", { method: "POST", headers, body: text });
  assert.equal((await verifyWebhook(request(body), WEBHOOK_SECRET)).subject, "[high] About one");
  await assert.rejects(verifyWebhook(request(body.replace("one", "two")), WEBHOOK_SECRET), /not signed/);
  await assert.rejects(verifyWebhook(request(body), "another secret"), /not signed/);
});
