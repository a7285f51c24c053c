/** Local servers that answer what health checks ask of the real services, and check the key as those do. @module */

import { ProviderServer, RESEND_KEY, TWILIO_SID, TWILIO_TOKEN } from "./providers.ts";
import type { HealthSettings } from "../../supabase/functions/_shared/healthMonitor.ts";

const KEY = "a-key-of-some-length-for-all";

/** The services that a project uses. */
export interface HealthServices extends AsyncDisposable {
  ai: ProviderServer<never>;
  email: ProviderServer<never>;
  sms: ProviderServer<never>;
  storage: ProviderServer<never>;
  uploadthing: ProviderServer<never>;
  /** How checks reach them. */
  settings: HealthSettings;
}

/** Starts all of them, well. */
export function startHealthServices(): HealthServices {
  const [ai, email, sms, storage, uploadthing] = [models(), domains(), account(), buckets(), usage()];
  return {
    ai,
    email,
    sms,
    storage,
    uploadthing,
    settings: {
      ai: { model: "gpt-test", baseUrl: `${ai.base}/v1`, apiKey: KEY },
      email: { apiKey: RESEND_KEY, from: "Healing <healing@example.com>", baseUrl: email.base },
      sms: { accountSid: TWILIO_SID, authToken: TWILIO_TOKEN, from: "+15005550006", baseUrl: sms.base },
      files: { kind: "storage", url: storage.base, key: KEY },
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(
        [ai, email, sms, storage, uploadthing].map((server) => server[Symbol.asyncDispose]()),
      );
    },
  };
}

/** How to reach UploadThing instead of Storage. */
export function uploadThingAccount(server: ProviderServer<never>): HealthSettings["files"] {
  return { kind: "uploadthing", baseUrl: server.base, apiKey: KEY };
}

/** An OpenAI-compatible list of models. */
function models(): ProviderServer<never> {
  return new ProviderServer("/v1/models", ({ method, path, headers }) => {
    if (method !== "GET" || path !== "/v1/models") return refuse(404, { error: { message: "Invalid URL" } });
    if (headers.get("authorization") !== `Bearer ${KEY}`) {
      return refuse(401, { error: { message: "Incorrect API key provided", code: "invalid_api_key" } });
    }
    const data = ["gpt-other", "gpt-test"].map((id) => ({ id, object: "model", owned_by: "test" }));
    return Response.json({ object: "list", data });
  });
}

function domains(): ProviderServer<never> {
  return new ProviderServer("/domains", ({ method, path, headers }) => {
    if (method !== "GET" || path !== "/domains") return refuse(404, { name: "not_found" });
    if (headers.get("authorization") !== `Bearer ${RESEND_KEY}`) {
      return refuse(401, { statusCode: 401, name: "validation_error", message: "API key is invalid" });
    }
    return Response.json({ object: "list", data: [{ id: "1", name: "example.com", status: "verified" }] });
  });
}

function account(): ProviderServer<never> {
  const own = `/2010-04-01/Accounts/${TWILIO_SID}.json`;
  return new ProviderServer(own, ({ method, path, headers }) => {
    const isKnown = headers.get("authorization") === `Basic ${btoa(`${TWILIO_SID}:${TWILIO_TOKEN}`)}`;
    if (method !== "GET" || path !== own || !isKnown) {
      return refuse(401, { code: 20003, message: "Authenticate", status: 401 });
    }
    return Response.json({ sid: TWILIO_SID, status: "active", type: "Full" });
  });
}

function buckets(): ProviderServer<never> {
  return new ProviderServer("/storage/v1/bucket", ({ method, path, headers }) => {
    if (method !== "GET" || !path.startsWith("/storage/v1/bucket")) {
      return refuse(404, { error: "not_found" });
    }
    if (headers.get("authorization") !== `Bearer ${KEY}`) {
      return refuse(403, { statusCode: "403", error: "Unauthorized", message: "invalid signature" });
    }
    return Response.json([{ id: "files", name: "files", public: false }]);
  });
}

function usage(): ProviderServer<never> {
  return new ProviderServer("/v6/getUsageInfo", ({ method, path, headers }) => {
    if (method !== "POST" || path !== "/v6/getUsageInfo") return refuse(404, { error: "Not found" });
    if (headers.get("x-uploadthing-api-key") !== KEY) return refuse(401, { error: "Invalid API key" });
    return Response.json({ totalBytes: 10, appTotalBytes: 10, filesUploaded: 1, limitBytes: 100 });
  });
}

function refuse(status: number, body: unknown): Response {
  return Response.json(body, { status });
}
