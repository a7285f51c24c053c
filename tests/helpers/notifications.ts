/** What tests of notifications share: all four providers, the channels that send to them, and the settings. @module */

import {
  createNotificationChannels,
  deliverNotifications,
  type DeliverOptions,
  type DeliveryReport,
  type NotificationChannels,
  type NotificationSettings,
  notifyAdmins,
} from "../../supabase/functions/_shared/notifications.ts";
import type { RpcPort } from "../../supabase/functions/_shared/healingDb.ts";
import { type Contract, openContract, setSetting } from "./contract.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import {
  RESEND_KEY,
  startResendServer,
  startSlackServer,
  startTwilioServer,
  startWebhookReceiver,
  TWILIO_SID,
  TWILIO_TOKEN,
  WEBHOOK_SECRET,
} from "./providers.ts";

/** The address of the tests. */
export const EMAIL = "ops@example.com";
/** The number of the tests. */
export const PHONE = "+4915112345678";

/** A database and all providers. */
export async function openNotifications(settings: Record<string, unknown> = {}) {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  const providers = startProviders();
  await prepare(database, contract, settings);
  const environment = environmentOf(providers);
  const channels = createNotificationChannels(environment);
  const deliver = (
    options: DeliverOptions = {},
    through: NotificationChannels = channels,
  ): Promise<DeliveryReport> => deliverNotifications(contract.rpc, through, options);
  return {
    database,
    contract,
    rpc: contract.rpc,
    ...providers,
    environment,
    channels,
    deliver,
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(providers).map((provider) => provider[Symbol.asyncDispose]()));
      await contract[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

function startProviders() {
  return {
    slack: startSlackServer(),
    resend: startResendServer(),
    twilio: startTwilioServer(),
    receiver: startWebhookReceiver(),
  };
}

function environmentOf(
  { slack, resend, twilio, receiver }: ReturnType<typeof startProviders>,
): NotificationSettings {
  const from = "+15005550006";
  return {
    slack: { url: slack.url },
    webhook: { url: receiver.url, secret: WEBHOOK_SECRET },
    email: { apiKey: RESEND_KEY, from: "Healing <healing@example.com>", baseUrl: resend.base },
    sms: { accountSid: TWILIO_SID, authToken: TWILIO_TOKEN, from, baseUrl: twilio.base },
    problems: {},
  };
}

async function prepare(
  database: TestDatabase,
  { rpc }: Contract,
  settings: Record<string, unknown>,
): Promise<void> {
  // Where the dispatcher would send its calls; nobody listens there.
  await database.query(
    "select vault.create_secret('http://127.0.0.1:9', 'project_url'), vault.create_secret('a-key', 'cron_secret_key')",
  );
  const wanted = { notification_emails: [EMAIL], notification_phones: [PHONE], ...settings };
  for (const [key, value] of Object.entries(wanted)) await setSetting(rpc, key, value);
}

/** Limits that a test about something else does not meet. */
export const NO_LIMITS = {
  notification_max_per_minute: 1_000_000,
  notification_max_per_hour: 1_000_000,
  notification_critical_max_per_hour: 1_000_000,
  notification_sms_max_per_hour: 1_000_000,
};

/** Raises a notification about a subject. */
export function raise(
  rpc: RpcPort,
  subject: string,
  severity: "low" | "medium" | "high" | "critical" = "high",
) {
  return notifyAdmins(rpc, {
    severity,
    title: `About ${subject}`,
    body: `Body of ${subject}`,
    dedupeKey: subject,
  });
}

/** Time passes: all stored times go back. */
export async function passTime(database: TestDatabase, seconds: number): Promise<void> {
  for (
    const [table, columns] of [
      ["notifications", ["created_at", "last_seen_at", "told_at", "escalated_at", "read_at"]],
      ["notification_channels", ["paused_until", "digested_at", "last_failed_at", "last_sent_at"]],
      ["notification_deliveries", [
        "due_at",
        "claimed_at",
        "tried_since",
        "lease_expires_at",
        "created_at",
        "ended_at",
      ]],
      ["healing_runs", ["dispatched_at"]],
      ["notification_mutes", ["muted_until", "created_at", "ended_at"]],
    ] as const
  ) {
    const changes = columns.map((column) => `${column} = ${column} - make_interval(secs => $1)`).join(", ");
    await database.query(`update ${table} set ${changes}`, [seconds]);
  }
}

/** How many messages of a channel are in which state. */
export async function statesOf(database: TestDatabase, channel: string): Promise<Record<string, number>> {
  const rows = await database.query<{ status: string; n: number }>(
    "select status, count(*)::int as n from notification_deliveries where channel = $1 group by status",
    [channel],
  );
  return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
}

/** Contracts with a connection each. */
export async function connectMany(database: TestDatabase, count: number) {
  const contracts: Contract[] = await Promise.all(
    Array.from({ length: count }, () => openContract(database)),
  );
  return Object.assign(contracts, {
    [Symbol.asyncDispose]: () =>
      Promise.all(contracts.map((contract) => contract[Symbol.asyncDispose]())).then(() => {}),
  });
}
