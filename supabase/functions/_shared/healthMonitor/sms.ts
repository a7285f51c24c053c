/** Whether Twilio answers, takes the token, and the account is active. @module */

import { part } from "../core/unknownValues.ts";
import type { NotificationSettings } from "../notifications.ts";
import { askProvider, judgeReply } from "./ask.ts";
import { type HealthCheck, notConfigured } from "./check.ts";

/** The account at Twilio. */
type Account = NonNullable<NotificationSettings["sms"]>;

/** The check; it sends nothing. */
export function smsCheck(account: Account | { missing: string }, request: typeof fetch): HealthCheck {
  return {
    name: "sms",
    limitMs: 10_000,
    async look(signal) {
      if ("missing" in account) return notConfigured(account.missing);
      const { baseUrl, accountSid, authToken } = account;
      const reply = await askProvider({
        provider: "Twilio",
        url: `${baseUrl}/2010-04-01/Accounts/${accountSid}.json`,
        headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` },
        signal,
        fetch: request,
      });
      const bad = judgeReply("Twilio", reply);
      if (bad !== undefined) return bad;
      const status = part(reply.body, "status");
      return status === "active"
        ? { status: "healthy", reason: "Twilio answers, and the account is active" }
        : { status: "unhealthy", reason: `Twilio answers, and the account is ${status}` };
    },
  };
}
