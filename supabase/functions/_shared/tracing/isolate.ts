/** The tracer of this isolate, as the environment configures it. @module */

import { readTracingSettings, type TracingSettings } from "./settings.ts";
import { Tracer, type TracerOptions } from "./tracer.ts";

let tracer: Tracer | undefined;

/** The tracer that everything of this isolate shares. */
export function isolateTracer(): Tracer {
  if (tracer === undefined) {
    useTracer(tracerOfEnvironment());
    globalThis.addEventListener("beforeunload", () => void tracer?.flush());
  }
  return tracer!;
}

/** An environment that may not be read is one without a collector. */
function tracerOfEnvironment(): Tracer {
  try {
    return configuredTracer(readTracingSettings());
  } catch {
    return new Tracer();
  }
}

/** Replaces the isolate's tracer; the answer puts the former one back. */
export function useTracer(other: Tracer): () => void {
  const former = tracer;
  tracer = other;
  return () => tracer = former;
}

/** A tracer that sends to the collector of the settings; without one it records nothing. */
export function configuredTracer(
  { endpoint, headers, serviceName, ratio }: TracingSettings,
  options: Omit<TracerOptions, "exporter" | "ratio"> = {},
): Tracer {
  if (endpoint === undefined) return new Tracer(options);
  return new Tracer({
    ...options,
    ratio,
    exporter: async () => {
      const { otlpExporter } = await import("./otlpExporter.ts");
      return otlpExporter({ endpoint, headers, serviceName });
    },
  });
}
