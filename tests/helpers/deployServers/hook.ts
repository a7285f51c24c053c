/** A deploy hook of a project's own, which checks the signature and can tell what became of a deployment. @module */

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { DEPLOY_TOKEN, DeployServer, type ProviderRequest } from "./base.ts";

const STEPS = ["queued", "building"];

/** The server; each look takes a deployment one state further. */
export class HookServer extends DeployServer {
  /** What it carries out, by key. */
  readonly deployments = new Map<string, { status: string; body: Record<string, unknown> }>();
  /** How deployments end. */
  outcome = "ready";
  /** How often it began one, whatever its key. */
  begun = 0;

  /** The config of a target. */
  get config(): Record<string, unknown> {
    return { url: `${this.base}/deploy`, statusUrl: `${this.base}/status`, canRollBack: true };
  }

  protected override mayAsk({ method, headers, body, url }: ProviderRequest): boolean {
    const signed = method === "POST" ? body : url.pathname.split("/").at(-1)!;
    const time = headers.get("x-healing-timestamp") ?? "";
    const expected = `sha256=${createHmac("sha256", DEPLOY_TOKEN).update(`${time}.${signed}`).digest("hex")}`;
    const given = Buffer.from(headers.get("x-healing-signature") ?? "");
    return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected));
  }

  protected override stranger(): Response {
    return Response.json({ error: "bad signature" }, { status: 401 });
  }

  protected override take({ method, headers, url, json }: ProviderRequest): Response {
    if (method === "POST") {
      const key = headers.get("idempotency-key") ?? "";
      if (!this.deployments.has(key)) {
        this.deployments.set(key, { status: "queued", body: json });
        this.begun++;
      }
      return Response.json({ accepted: true }, { status: 202 });
    }
    const found = this.deployments.get(url.pathname.split("/").at(-1)!);
    if (found === undefined) return Response.json({ error: "unknown" }, { status: 404 });
    const at = STEPS.indexOf(found.status);
    if (at !== -1) found.status = STEPS[at + 1] ?? this.outcome;
    return Response.json({ status: found.status, reason: `it is ${found.status}` });
  }
}
