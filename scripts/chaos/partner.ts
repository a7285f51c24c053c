/** A partner service that is sometimes too busy: 503, slow, or a cut connection. @module */

/** What the partner is like at the moment. */
export type PartnerMood = "well" | "busy" | "slow" | "rude";

/** The partner. */
export interface Partner extends AsyncDisposable {
  readonly url: string;
  mood: PartnerMood;
  /** How often each key was carried out. */
  readonly done: ReadonlyMap<string, number>;
}

const SLOW_MS = 1_500;

/** Starts it; what it has done under a key it does not do again, as a partner should. */
export function startPartner(): Partner {
  const done = new Map<string, number>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    await request.body?.cancel();
    const key = request.headers.get("idempotency-key") ?? "";
    if (partner.mood === "busy") return new Response("busy", { status: 503 });
    if (partner.mood === "slow") await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    if (!done.has(key)) done.set(key, 1);
    // The order is in the books; the answer never arrives whole.
    if (partner.mood === "rude") return new Response('{"ok": tr', { status: 200 });
    return Response.json({ ok: true, key });
  });
  const partner: Partner = {
    url: `http://127.0.0.1:${server.addr.port}/`,
    mood: "well",
    done,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return partner;
}
