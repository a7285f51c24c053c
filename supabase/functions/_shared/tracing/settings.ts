/** What the environment says about tracing, under the names that OpenTelemetry gave it. @module */

import type { Environment } from "../core/settings.ts";

/** Where spans go, and how many. */
export interface TracingSettings {
  /** Where spans are posted to; undefined records none. */
  endpoint: string | undefined;
  /** What goes along, such as a key. */
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  /** Share of the traces begun here that is recorded, 0..1. */
  ratio: number;
}

/** Reads the settings; never throws, and what makes no sense is as if it were not set. */
export function readTracingSettings(env: Environment = Deno.env): TracingSettings {
  const isOff = env.get("OTEL_SDK_DISABLED")?.toLowerCase() === "true" ||
    env.get("OTEL_TRACES_EXPORTER") === "none";
  const base = env.get("OTEL_EXPORTER_OTLP_ENDPOINT");
  const endpoint = env.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ||
    (base ? `${base.replace(/\/+$/, "")}/v1/traces` : undefined);
  const samplesNone = env.get("OTEL_TRACES_SAMPLER")?.endsWith("always_off") === true;
  const ratio = samplesNone ? 0 : Number(env.get("OTEL_TRACES_SAMPLER_ARG") || 1);
  return {
    endpoint: isOff || endpoint === undefined || !isHttp(endpoint) ? undefined : endpoint,
    headers: readPairs(
      env.get("OTEL_EXPORTER_OTLP_TRACES_HEADERS") ?? env.get("OTEL_EXPORTER_OTLP_HEADERS") ?? "",
    ),
    serviceName: env.get("OTEL_SERVICE_NAME") || "supabase-functions",
    ratio: ratio >= 0 && ratio <= 1 ? ratio : 1,
  };
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** `key=value,key=value`, each part encoded as in an address. */
function readPairs(text: string): Record<string, string> {
  const pairs = text.split(",").flatMap((pair): [string, string][] => {
    const [, name = "", value = ""] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    try {
      const header: [string, string] = [decodeURIComponent(name), decodeURIComponent(value)];
      // Refuses what cannot be a header.
      new Headers([header]);
      return name === "" ? [] : [header];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(pairs);
}
