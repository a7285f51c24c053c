/** Whether Resend answers, takes the key, and may send from our domain. @module */

import { part } from "../core/unknownValues.ts";
import type { NotificationSettings } from "../notifications.ts";
import { askProvider, judgeReply } from "./ask.ts";
import { type HealthCheck, type HealthLook, notConfigured } from "./check.ts";

/** The sender's account at Resend. */
type Account = NonNullable<NotificationSettings["email"]>;

/** The check; it sends nothing. */
export function emailCheck(account: Account | { missing: string }, request: typeof fetch): HealthCheck {
  return {
    name: "email",
    limitMs: 10_000,
    async look(signal) {
      if ("missing" in account) return notConfigured(account.missing);
      const reply = await askProvider({
        provider: "Resend",
        url: `${account.baseUrl}/domains`,
        headers: { authorization: `Bearer ${account.apiKey}` },
        signal,
        fetch: request,
      });
      // A key that may only send is the right one for this job, and Resend tells it from a wrong one.
      if (part(reply.body, "name") === "restricted_api_key") {
        return { status: "healthy", reason: "Resend answers and knows the key, which may only send" };
      }
      return judgeReply("Resend", reply) ?? judgeDomain(reply.body, account.from);
    },
  };
}

function judgeDomain(body: unknown, from: string): HealthLook {
  const domain = /@([^\s@<>]+)>?$/.exec(from)?.[1]?.toLowerCase() ?? "";
  const listed = part(body, "data");
  const found = Array.isArray(listed) ? listed.find((one) => part(one, "name") === domain) : undefined;
  // Resend's own domain is nobody's, and a list has pages.
  if (found === undefined) return { status: "healthy", reason: "Resend answers and takes the key" };
  const status = part(found, "status");
  return status === "verified"
    ? { status: "healthy", reason: `Resend answers, and ${domain} is verified` }
    : { status: "unhealthy", reason: `Resend does not send from ${domain}: the domain is ${status}` };
}
