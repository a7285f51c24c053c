/**
 * Which side of a rollout a request was on: noted where it is decided, read where the request is counted.
 *
 * @module
 */

/** A side of a rollout, for the figures of a request. */
export interface RequestArm {
  deployment: string;
  arm: "canary" | "control";
}

const arms = new WeakMap<Request, RequestArm>();

/** Notes the side of a request. The first rollout that a request met counts: one request is one outcome. */
export function noteArm(request: Request, arm: RequestArm): void {
  if (!arms.has(request)) arms.set(request, arm);
}

/** The side that was noted. */
export function armOf(request: Request): RequestArm | undefined {
  return arms.get(request);
}
