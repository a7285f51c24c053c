/** A session has run out: one new token for all calls that wait, and each call once more with it. @module */

import { bearerOf } from "./bearer.ts";
import type { FailedCall } from "./failedCall.ts";
import type { Mend, MendContext } from "./mend.ts";

const LET_BE_MS = 3_600_000;

/** The mend `expired_token`: only for a token that has run out, and only by the way that its owner gave. */
export const expiredToken: Mend = {
  key: "expired_token",
  fits: (failed, { refreshToken, memory }) =>
    refreshToken !== undefined && isExpired(failed) && !memory.has(keyOf(failed)),
  async mend(failed, context) {
    const token = await newToken(context);
    // The one token would be refused again, and a second refresh of a dead session may end it for good.
    context.memory.keep(keyOf(failed), LET_BE_MS);
    if (token === null || token === bearerOf(failed.headers)) return null;
    const headers = new Headers(failed.headers);
    headers.set("authorization", `Bearer ${token}`);
    return await failed.again(context.send, { headers });
  },
};

/**
 * Up to version 12 the interface says PGRST301 of an expired token, from 13 on PGRST303; storage answers it with 400, and
 * its words alone tell it from a token that was never good.
 */
function isExpired({ service, status, code, message, headers }: FailedCall): boolean {
  const isSaid = service === "storage"
    ? /^"?jwt expired|"exp" claim timestamp check failed/i.test(message)
    : status === 401 && /^PGRST30[13]$/.test(code) && /\bexpired\b/i.test(message);
  return isSaid && bearerOf(headers) !== undefined;
}

/** A token's own text is kept nowhere: its end tells it from others of the same session. */
function keyOf({ headers }: FailedCall): string {
  return `token ${bearerOf(headers)!.slice(-32)}`;
}

const waiting = new WeakMap<() => Promise<string | null>, Promise<string | null>>();

async function newToken({ refreshToken }: MendContext): Promise<string | null> {
  const refresh = refreshToken!;
  const known = waiting.get(refresh);
  if (known !== undefined) return await known;
  const asked = refresh().catch(() => null).finally(() => waiting.delete(refresh));
  waiting.set(refresh, asked);
  return await asked;
}
