/**
 * Local servers that speak the protocols of Slack's incoming webhooks, Resend, Twilio and the Standard Webhooks, check
 * what the real ones check, and do to each request what a test tells them.
 *
 * ```ts
 * import { startSlackServer, tooManyRequests } from "./providers.ts";
 *
 * await using slack = startSlackServer();
 * slack.answer(tooManyRequests(30)); // the first request; the others are taken
 * const send = () =>
 *   fetch(slack.url, {
 *     method: "POST",
 *     headers: { "content-type": "application/json" },
 *     body: JSON.stringify({
 *       text: "hello",
 *       blocks: [{ type: "section", text: { type: "mrkdwn", text: "hello" } }],
 *     }),
 *   });
 * await (await send()).body?.cancel();
 * await (await send()).body?.cancel();
 * if (slack.taken[0]?.text !== "hello") throw new Error("unexpected");
 * ```
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { jsonIn, PlainHttpServer, type PlainRequest } from "./plainHttpServer.ts";
import { waitFor } from "./waiting.ts";

/** What a server does with one request instead of taking it; undefined takes it. */
export type ProviderBehaviour = (request: PlainRequest) => Response | Promise<Response> | undefined;

/** The key that Resend knows. */
export const RESEND_KEY = "re_a-key-of-some-length";
/** The account that Twilio knows. */
export const TWILIO_SID = `AC${"0123456789abcdef".repeat(2)}`;
/** Its token. */
export const TWILIO_TOKEN = "a-token-of-some-length";
/** The secret of the generic webhook. */
export const WEBHOOK_SECRET = `whsec_${btoa("a secret of some length")}`;
const SLACK_PATH = "/services/T000/B000/secret-of-the-webhook";

/** A provider that remembers what came and what it took. */
export class ProviderServer<Taken> implements AsyncDisposable {
  readonly requests: PlainRequest[] = [];
  /** What a person would see, in order. */
  readonly taken: Taken[] = [];
  readonly #queue: ProviderBehaviour[] = [];
  readonly #server: PlainHttpServer;
  #standing: ProviderBehaviour = () => undefined;

  constructor(
    private readonly path: string,
    take: (request: PlainRequest, taken: Taken[]) => Response | Promise<Response>,
  ) {
    this.#server = new PlainHttpServer(async (request) => {
      this.requests.push(request);
      const instead = await (this.#queue.shift() ?? this.#standing)(request);
      return instead ?? await take(request, this.taken);
    });
  }

  /** The server's own address. */
  get base(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** Where messages go. */
  get url(): string {
    return `${this.base}${this.path}`;
  }

  /** Queues behaviours, one for each of the next requests. */
  answer(...behaviours: ProviderBehaviour[]): void {
    this.#queue.push(...behaviours);
  }

  /** What happens to requests when the queue is empty. */
  always(behaviour: ProviderBehaviour): void {
    this.#standing = behaviour;
  }

  /** Returns when so many requests have come. */
  received(count: number): Promise<void> {
    return waitFor(`${count} requests`, () => this.requests.length >= count, 20_000);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}

/** 429, with the seconds to wait. */
export function tooManyRequests(afterS: number): ProviderBehaviour {
  return () =>
    Response.json({ name: "rate_limit_exceeded" }, { status: 429, headers: { "retry-after": `${afterS}` } });
}

/** An answer of one's own. */
export function answers(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): ProviderBehaviour {
  return () => new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
}

/** Never answers. */
export function hangs(): ProviderBehaviour {
  return () => new Promise<Response>(() => {});
}

/** What Slack shows. */
export interface SlackMessage {
  text: string;
  blocks: { type: string; text: { type: string; text: string } }[];
}

/** Slack's incoming webhook: one secret address, plain-text answers. */
export function startSlackServer(): ProviderServer<SlackMessage> {
  return new ProviderServer(SLACK_PATH, ({ method, path, headers, body }, taken) => {
    if (path !== SLACK_PATH || method !== "POST") return new Response("no_service", { status: 404 });
    const message = jsonIn(body) as Partial<SlackMessage> | undefined;
    const areBlocks = message?.blocks?.every(({ type, text }) =>
      ["header", "section"].includes(type) && ["plain_text", "mrkdwn"].includes(text.type) &&
      text.text.length > 0 && text.text.length <= (type === "header" ? 150 : 3_000)
    );
    if (
      headers.get("content-type") !== "application/json" || typeof message?.text !== "string" || !areBlocks
    ) {
      return new Response("invalid_payload", { status: 400 });
    }
    taken.push(message as SlackMessage);
    return new Response("ok");
  });
}

/** What Resend sends. */
export interface Email {
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
}

/** Resend: JSON with a bearer key; one mail for each key of idempotency. */
export function startResendServer(): ProviderServer<Email> {
  const known = new Map<string, { body: string; id: string }>();
  return new ProviderServer("/emails", ({ method, path, headers, body }, taken) => {
    const refuse = (statusCode: number, name: string, message: string) =>
      Response.json({ statusCode, name, message }, { status: statusCode });
    if (path !== "/emails" || method !== "POST") {
      return refuse(404, "not_found", "The requested endpoint does not exist");
    }
    const key = /^Bearer (.+)$/.exec(headers.get("authorization") ?? "")?.[1];
    if (key === undefined) return refuse(401, "missing_api_key", "Missing API Key");
    if (key !== RESEND_KEY) return refuse(401, "validation_error", "API key is invalid");
    const mail = jsonIn(body) as Email | undefined;
    if (
      mail === undefined || !mail.to.every((to) => /^[^@\s]+@[^@\s]+$/.test(to)) ||
      /[\r\n]/.test(mail.subject)
    ) {
      return refuse(422, "validation_error", "Invalid `to` field");
    }
    const idempotencyKey = headers.get("idempotency-key") ?? crypto.randomUUID();
    const earlier = known.get(idempotencyKey);
    if (earlier !== undefined && earlier.body !== body) {
      return refuse(409, "invalid_idempotent_request", "This key was used with another payload");
    }
    const { id } = earlier ?? { id: crypto.randomUUID() };
    if (earlier === undefined) taken.push(mail);
    known.set(idempotencyKey, { body, id });
    return Response.json({ id });
  });
}

/** What Twilio sends. */
export interface Sms {
  to: string;
  from: string;
  body: string;
}

/** Twilio: a form with basic authentication, and errors with a code. */
export function startTwilioServer(): ProviderServer<Sms> {
  const own = `/2010-04-01/Accounts/${TWILIO_SID}/Messages.json`;
  return new ProviderServer(own, ({ path, headers, body }, taken) => {
    const refuse = (status: number, code: number, message: string) =>
      Response.json({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }, {
        status,
      });
    const isKnown = headers.get("authorization") === `Basic ${btoa(`${TWILIO_SID}:${TWILIO_TOKEN}`)}`;
    if (path !== own || !isKnown) return refuse(401, 20003, "Authenticate");
    const form = new URLSearchParams(body);
    const sms = { to: form.get("To") ?? "", from: form.get("From") ?? "", body: form.get("Body") ?? "" };
    if (!/^\+[1-9]\d{6,14}$/.test(sms.to)) return refuse(400, 21211, `Invalid 'To' Phone Number: ${sms.to}`);
    if (sms.body === "") return refuse(400, 21602, "Message body is required");
    if (sms.body.length > 1_600) return refuse(400, 21617, "The concatenated message body exceeds the limit");
    taken.push(sms);
    return Response.json({ sid: `SM${crypto.randomUUID().replaceAll("-", "")}`, status: "queued" }, {
      status: 201,
    });
  });
}

/** What a receiver of the generic webhook reads. */
export interface WebhookMessage {
  id: string;
  type: string;
  severity: string;
  subject: string;
  text: string;
}

/** A receiver that verifies the signature and the age of a request by itself, and drops what it has had. */
export function startWebhookReceiver(): ProviderServer<WebhookMessage> {
  const had = new Set<string>();
  return new ProviderServer("/hook?tenant=1", ({ headers, body }, taken) => {
    const [id, timestamp, signature] = ["id", "timestamp", "signature"].map((name) =>
      headers.get(`webhook-${name}`) ?? ""
    );
    const key = Buffer.from(WEBHOOK_SECRET.slice("whsec_".length), "base64");
    const expected = Buffer.from(
      `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`,
    );
    const given = Buffer.from(signature!);
    const isFresh = Math.abs(Date.now() / 1_000 - Number(timestamp)) < 300;
    if (given.length !== expected.length || !timingSafeEqual(given, expected) || !isFresh) {
      return new Response("bad signature", { status: 401 });
    }
    const message = JSON.parse(body) as WebhookMessage;
    assert.equal(message.id, id);
    if (!had.has(id!)) taken.push(message);
    had.add(id!);
    return new Response(null, { status: 204 });
  });
}
