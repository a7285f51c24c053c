/** Vercel: deployments from git, from files or of an older one, promotion and rollback. @module */

import { DeployServer, type ProviderRequest } from "./base.ts";

/** One deployment at Vercel. */
export interface VercelDeployment {
  uid: string;
  readyState: string;
  target: string | null;
  meta: Record<string, string>;
  created: number;
  body: Record<string, unknown>;
}

const STEPS = ["QUEUED", "INITIALIZING", "BUILDING"];

/** The server; each look at a deployment takes it one state further. */
export class VercelServer extends DeployServer {
  readonly projectId = "prj_shop";
  readonly deployments: VercelDeployment[] = [];
  /** What production serves; null before the first deployment. */
  production: string | null = null;
  /** How builds end. */
  outcome: "READY" | "ERROR" | "BLOCKED" | "CANCELED" | "STRANGE" = "READY";
  #aliasRequest: Record<string, unknown> | null = null;

  /** The config of a target. */
  get config(): Record<string, unknown> {
    const gitSource = { type: "github", repoId: 7, ref: "main" };
    return { projectId: this.projectId, name: "shop", teamId: "team_1", gitSource, apiUrl: this.base };
  }

  /** A deployment that serves production already. */
  seed(uid: string): void {
    const created = Date.now() - 86_400_000;
    this.deployments.push({ uid, readyState: "READY", target: "production", meta: {}, created, body: {} });
    this.production = uid;
  }

  protected override stranger(): Response {
    return refuse(403, "forbidden", "Not authorized");
  }

  protected override take(request: ProviderRequest): Response {
    const { method, url } = request;
    if (url.searchParams.get("teamId") !== "team_1") return refuse(403, "forbidden", "Not authorized");
    const path = url.pathname;
    if (method === "POST" && path === "/v13/deployments") return this.#create(request);
    if (method === "GET" && path === "/v6/deployments") return this.#list(url);
    if (method === "GET" && path === `/v9/projects/${this.projectId}`) return this.#project();
    const [, pointed] =
      /^\/(?:v10\/projects\/prj_shop\/promote|v1\/projects\/prj_shop\/rollback)\/(\w+)$/.exec(path) ?? [];
    if (method === "POST" && pointed !== undefined) return this.#point(pointed, path.includes("promote"));
    const [, id, cancel] = /^\/v1[23]\/deployments\/(\w+)(\/cancel)?$/.exec(path) ?? [];
    const found = this.deployments.find(({ uid }) => uid === id);
    if (found === undefined) return refuse(404, "not_found", "Deployment not found");
    if (method === "PATCH" && cancel !== undefined) found.readyState = "CANCELED";
    else this.#advance(found);
    return Response.json(shown(found));
  }

  #create({ url, json }: ProviderRequest): Response {
    if (typeof json.name !== "string") return refuse(400, "bad_request", "Missing property `name`");
    const sources = [json.gitSource, json.files, json.deploymentId].filter((source) => source !== undefined);
    if (sources.length !== 1 || !url.searchParams.has("forceNew")) {
      return refuse(400, "bad_request", "One of gitSource, files and deploymentId");
    }
    const made: VercelDeployment = {
      uid: `dpl_${this.deployments.length + 1}`,
      readyState: "QUEUED",
      target: json.target === "production" ? "production" : null,
      meta: json.meta as Record<string, string>,
      created: Date.now(),
      body: json,
    };
    this.deployments.push(made);
    return Response.json(shown(made));
  }

  #list(url: URL): Response {
    const since = Number(url.searchParams.get("since") ?? 0);
    const deployments = this.deployments.filter(({ created }) => created >= since).reverse()
      .map(({ uid, readyState, meta, created }) => ({
        uid,
        state: readyState,
        readyState,
        meta,
        created,
        url: `${uid}.test`,
      }));
    return Response.json({ deployments, pagination: { count: deployments.length, next: null, prev: null } });
  }

  #project(): Response {
    const request = this.#aliasRequest;
    // The domains move a look later.
    if (request?.jobStatus === "pending") {
      request.jobStatus = "succeeded";
      this.production = String(request.toDeploymentId);
      return Response.json({
        id: this.projectId,
        targets: this.#targets(request.fromDeploymentId),
        lastAliasRequest: { ...request, jobStatus: "in-progress" },
      });
    }
    return Response.json({
      id: this.projectId,
      targets: this.#targets(this.production),
      lastAliasRequest: request,
    });
  }

  #targets(id: unknown): Record<string, unknown> {
    return id === null ? {} : { production: { id } };
  }

  #point(id: string, isPromotion: boolean): Response {
    if (!this.deployments.some(({ uid, readyState }) => uid === id && readyState === "READY")) {
      return refuse(422, "unprocessable", "The deployment cannot be served");
    }
    if (this.production === id) return refuse(409, "conflict", "It is the production deployment already");
    this.#aliasRequest = {
      fromDeploymentId: this.production,
      toDeploymentId: id,
      jobStatus: "pending",
      requestedAt: Date.now(),
      type: isPromotion ? "promote" : "rollback",
    };
    return new Response(null, { status: isPromotion ? 202 : 201 });
  }

  #advance(found: VercelDeployment): void {
    const at = STEPS.indexOf(found.readyState);
    if (at === -1) return;
    found.readyState = STEPS[at + 1] ?? this.outcome;
    if (found.readyState === "READY" && found.target === "production") this.production = found.uid;
  }
}

function shown({ uid, readyState, meta }: VercelDeployment): Record<string, unknown> {
  const errors = readyState === "ERROR"
    ? { errorCode: "BUILD_FAILED", errorMessage: 'Command "npm run build" exited with 1' }
    : {};
  return { id: uid, readyState, meta, url: `${uid}.vercel.test`, ...errors };
}

function refuse(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}
