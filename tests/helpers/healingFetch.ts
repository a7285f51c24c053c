/** A healing fetch over answers in their order, and what was sent. @module */

import {
  createHealingFetch,
  type HealingFetchOptions,
} from "../../supabase/functions/_shared/healingFetch.ts";
import { createClient } from "../../supabase/functions/_shared/supabaseClient.ts";

/** The public key. */
export const KEY = "sb_publishable_test";
/** The address of the interface. */
export const REST = "https://project.test/rest/v1";

/** A request as it was sent. */
export interface Sent {
  method: string;
  path: string;
  headers: Headers;
  body: string | undefined;
}

/** A healing fetch over answers in their order; the last one stands for all that follow. */
export function healing(answers: (() => Response)[], options: HealingFetchOptions = {}) {
  const sent: Sent[] = [];
  const mended: string[] = [];
  const send: typeof fetch = (input, init) => {
    const { method = "GET", headers, body } = init ?? {};
    sent.push({
      method,
      path: String(input).replace("https://project.test", ""),
      headers: new Headers(headers),
      body: typeof body === "string" ? body : undefined,
    });
    return Promise.resolve(answers[Math.min(sent.length, answers.length) - 1]!());
  };
  const request = createHealingFetch({
    send,
    baseDelayMs: 0,
    onMended: ({ mend }) => mended.push(mend),
    ...options,
  });
  const client = createClient("https://project.test", KEY, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch: request },
  });
  return { request, client, sent, mended };
}

/** An answer of the interface that refuses. */
export const refused = (status: number, code: string, message = "", details: string | null = null) => () =>
  Response.json({ code, message, details, hint: null }, { status });
/** A good one. */
export const good = () => Response.json([{ id: 1 }]);
