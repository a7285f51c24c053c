/** The targets of a client: a model at an endpoint each, with the breaker around it. @module */

import { BreakerGroup, type BreakerStore, CircuitBreaker } from "../circuitBreaker.ts";
import { HealingError } from "../core/errors.ts";
import type { RpcPort } from "../core/ports.ts";
import { type AiTarget, endpointOf } from "../core/settings.ts";
import { breakerStore } from "../healingDb.ts";
import { type AiDetour, isAiFailure } from "./failure.ts";
import type { ClientOptions } from "./options.ts";
import type { AiAvailability } from "./types.ts";

/** One target that can be called. */
export interface Target extends AiTarget {
  /** `model at host/path`, for people. */
  name: string;
  /** Host and path. */
  endpoint: string;
  breaker: CircuitBreaker;
}

/** The targets in their order, and why there are none. */
export interface Targets {
  list: readonly Target[];
  problems: readonly string[];
}

/** A probe waits as long as a request may take, and a little. */
const PROBE_MARGIN_MS = 5_000;
const MAX_NAME = 200;

/** Checks the targets once more, since a caller may have made them, and puts a breaker around each. */
export function openTargets(options: ClientOptions): Targets {
  const { settings } = options;
  const usable = settings.targets.filter(({ baseUrl, apiKey, model }) =>
    endpointOf(baseUrl) !== undefined && apiKey.trim() !== "" && model !== ""
  );
  const spoilt = settings.targets.length - usable.length;
  const problems = [
    ...settings.problems,
    ...(spoilt === 0 ? [] : [`${spoilt} targets have no model, no key, or an address that no key may go to`]),
  ];
  const places = usable.map((target) => {
    const url = new URL(endpointOf(target.baseUrl)!);
    const endpoint = `${url.host}${url.pathname.replace(/\/+$/, "")}`;
    return {
      ...target,
      baseUrl: url.href,
      endpoint,
      name: `${target.model} at ${endpoint}`.slice(0, MAX_NAME - 3),
    };
  });
  const group = new BreakerGroup(`ai:${places.map(({ name }) => name).join(", ")}`.slice(0, MAX_NAME));
  const store = storeOf(options);
  const list = places.map((place) => ({
    ...place,
    breaker: new CircuitBreaker(`ai:${place.name}`, {
      group,
      halfOpenTimeoutMs: options.attemptTimeoutMs + PROBE_MARGIN_MS,
      countsAsFailure: (error) => !isAiFailure(error) || error.judgement.isTargetFault,
      clock: options.clock,
      random: options.random,
      ...(store === undefined ? {} : { store }),
    }),
  }));
  return { list, problems };
}

/** Whether there is a model to call, and why not. */
export function availabilityOf({ list, problems }: Targets): AiAvailability {
  if (list.length > 0) return { available: true, models: list.map(({ name }) => name) };
  return { available: false, reason: problems.join("; ") || "no model is named" };
}

/** The error of a call without a model. */
export function missingModel({ problems }: Targets): HealingError {
  return new HealingError(
    "CONFIG_MISSING",
    `No model can be asked: ${problems.join("; ") || "no model is named"}`,
    { hint: "Set OPENAI_API_KEY and OPENAI_MODEL; check availability() before you rely on a model" },
  );
}

/** Whether a target would not fail in the same way as the one before, nor evade its limit. */
export function leadsElsewhere(target: Target, failed: Target, detour: AiDetour): boolean {
  const isSameModel = target.model === failed.model;
  const isSameEndpoint = target.endpoint === failed.endpoint;
  switch (detour) {
    case "any":
      return true;
    case "otherModel":
      return !isSameModel;
    case "otherEndpoint":
      return !isSameEndpoint;
    case "otherModelOrEndpoint":
      return !isSameModel || !isSameEndpoint;
  }
}

const stores = new WeakMap<RpcPort, BreakerStore>();

/** One store for each database, since an isolate has one vote. */
function storeOf({ breakers, db }: ClientOptions): BreakerStore | undefined {
  if (breakers !== undefined || db === undefined) return breakers;
  const known = stores.get(db) ?? breakerStore(db);
  stores.set(db, known);
  return known;
}
