/** What docs/notifications.md says is so: its settings, and the receiver that it shows. */

import assert from "node:assert/strict";
import { blocksOf } from "../../scripts/lib/documents.ts";
import { EMAIL, openNotifications, raise } from "../helpers/notifications.ts";
import { WEBHOOK_SECRET } from "../helpers/providers.ts";

const DOCUMENT = await Deno.readTextFile(new URL("../../docs/notifications.md", import.meta.url));

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

Deno.test("the receiver of docs/notifications.md verifies what is sent, and refuses what is changed", async () => {
  const { code } = blocksOf("docs/notifications.md", DOCUMENT).find(({ language }) => language === "ts")!;
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
