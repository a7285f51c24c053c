/** The client and the storage of one request, which are made when they are first used. @module */

import type { ResilientStorage } from "../resilientStorage.ts";
import type { SupabaseClient } from "../supabaseClient.ts";
import type { InfrastructureOptions } from "../universalIntegrationHelper.ts";
import type { Isolate } from "./isolate.ts";

/** A client whose calls heal, with the rights of whoever sent the request, or the service role where the author says so. */
export function lazyClient(
  isolate: Isolate,
  request: Request,
  { role, refreshToken }: Pick<InfrastructureOptions, "role" | "refreshToken">,
): () => Promise<SupabaseClient> {
  let made: Promise<SupabaseClient> | undefined;
  return () => made ??= openClient(isolate, request, role, refreshToken);
}

async function openClient(
  isolate: Isolate,
  request: Request,
  role: "service_role" | undefined,
  refreshToken: InfrastructureOptions["refreshToken"],
): Promise<SupabaseClient> {
  const [{ createCallerClient, createServiceClient }, send] = await Promise.all([
    import("../supabaseClient.ts"),
    isolate.healingFetch(refreshToken),
  ]);
  return role === "service_role"
    ? createServiceClient(isolate.settings, send)
    : createCallerClient(isolate.settings, request, send);
}

/** Storage over that client. */
export function lazyStorage(isolate: Isolate, client: () => Promise<SupabaseClient>): ResilientStorage {
  let made: Promise<ResilientStorage> | undefined;
  const open = () => made ??= openStorage(isolate, client);
  return {
    upload: async (bucket, name, body, options) => await (await open()).upload(bucket, name, body, options),
    download: async (bucket, name, options) => await (await open()).download(bucket, name, options),
    list: async (bucket, folder, options) => await (await open()).list(bucket, folder, options),
    remove: async (bucket, names) => await (await open()).remove(bucket, names),
  };
}

async function openStorage(
  isolate: Isolate,
  client: () => Promise<SupabaseClient>,
): Promise<ResilientStorage> {
  const [{ createResilientStorage }, { captureError }, { storage }] = await Promise.all([
    import("../resilientStorage.ts"),
    import("../errorInterceptor.ts"),
    client(),
  ]);
  return createResilientStorage(storage, {
    // Its cause is somebody's to mend: the engine hears of it, whatever the author makes of the error.
    ...(isolate.hasMemory
      ? {
        report: (failure, place) =>
          captureError(failure.cause, {
            functionName: isolate.functionName,
            source: "storage",
            details: place,
          }),
      }
      : {}),
  });
}
