/** GitHub: dispatches and runs, commits and pull requests, Deployments and statuses. @module */

import { DeployServer, type ProviderRequest } from "./base.ts";

/** A run of the workflow. */
export interface WorkflowRun {
  id: number;
  display_title: string;
  status: string;
  conclusion: string | null;
  head_sha: string;
  html_url: string;
}

const ROOT = "/repos/acme/shop";
const WORKFLOW = `${ROOT}/actions/workflows/self-healing-deploy.yml`;
const HEAD = "a".repeat(40);
const STEPS = ["queued", "in_progress", "completed"];

/** The server; each look at a run takes it one state further. */
export class GitHubServer extends DeployServer {
  readonly runs: WorkflowRun[] = [];
  readonly refs = new Map<string, string>([["heads/main", HEAD]]);
  readonly pulls: Record<string, unknown>[] = [];
  readonly trees: Record<string, unknown>[] = [];
  readonly deployments: Record<string, unknown>[] = [];
  readonly statuses = new Map<number, Record<string, unknown>[]>();
  /** How runs end. */
  conclusion = "success";
  /** False: a dispatch is answered with 204, as it was before 2026. */
  returnsRunDetails = true;
  #ids = 100;

  /** The config of a target. */
  config(mode: "workflow" | "pull_request" | "deployment"): Record<string, unknown> {
    return { owner: "acme", repo: "shop", mode, apiUrl: this.base };
  }

  protected override stranger(): Response {
    return refuse(401, "Bad credentials");
  }

  protected override take(request: ProviderRequest): Response {
    const { method, url, json } = request;
    const at = `${method} ${url.pathname}`;
    switch (at) {
      case `POST ${WORKFLOW}/dispatches`:
        return this.#dispatch(json);
      case `GET ${WORKFLOW}/runs`:
        return this.#listRuns(url);
      case `POST ${ROOT}/git/trees`:
        this.trees.push(json);
        return Response.json({ sha: "b".repeat(40) }, { status: 201 });
      case `POST ${ROOT}/git/commits`:
        return Response.json({ sha: "c".repeat(40) }, { status: 201 });
      case `POST ${ROOT}/git/refs`:
        return this.#makeRef(json);
      case `POST ${ROOT}/pulls`:
        return this.#makePull(json);
      case `GET ${ROOT}/pulls`:
        return Response.json(
          this.pulls.filter(({ head }) =>
            url.searchParams.get("head") === `acme:${(head as { ref: string }).ref}`
          ),
        );
      case `POST ${ROOT}/deployments`:
        return this.#makeDeployment(json);
      case `GET ${ROOT}/deployments`:
        return Response.json(this.#findDeployments(url));
    }
    return this.#takeOne(request);
  }

  #takeOne({ method, url, json }: ProviderRequest): Response {
    const [, sha] = /\/commits\/([\w%-]+)$/.exec(url.pathname) ?? [];
    if (method === "GET" && sha !== undefined) {
      const found = /^[0-9a-f]{40}$/.test(sha) ? sha : this.refs.get(`heads/${sha}`);
      return found === undefined
        ? refuse(422, `No commit found for SHA: ${sha}`)
        : Response.json({ sha: found });
    }
    const [, ref] = /\/git\/ref\/(heads\/.+)$/.exec(url.pathname) ?? [];
    if (ref !== undefined) {
      const found = this.refs.get(ref);
      return found === undefined ? refuse(404, "Not Found") : Response.json({ object: { sha: found } });
    }
    const [, run, what] = /\/actions\/runs\/(\d+)(?:\/(jobs|cancel))?$/.exec(url.pathname) ?? [];
    if (run !== undefined) return this.#run(Number(run), what);
    const [, deployment] = /\/deployments\/(\d+)\/statuses$/.exec(url.pathname) ?? [];
    if (deployment !== undefined) return this.#status(Number(deployment), method, json);
    return refuse(404, "Not Found");
  }

  #dispatch({ ref, inputs, return_run_details }: Record<string, unknown>): Response {
    const { trigger_id, ref: commit } = inputs as Record<string, string>;
    if (!this.refs.has(`heads/${ref}`)) return refuse(422, `No ref found for: ${ref}`);
    const id = this.#ids++;
    const html_url = `https://github.test/acme/shop/actions/runs/${id}`;
    this.runs.push({
      id,
      display_title: `Deploy ${trigger_id} @ ${commit}`,
      status: "queued",
      conclusion: null,
      head_sha: HEAD,
      html_url,
    });
    if (return_run_details !== true || !this.returnsRunDetails) return new Response(null, { status: 204 });
    return Response.json({
      workflow_run_id: id,
      run_url: `${this.base}${ROOT}/actions/runs/${id}`,
      html_url,
    });
  }

  #listRuns(url: URL): Response {
    const wanted = url.searchParams.get("status");
    const runs = this.runs.filter(({ conclusion }) => wanted === null || conclusion === wanted).reverse();
    return Response.json({ total_count: runs.length, workflow_runs: runs });
  }

  #run(id: number, what: string | undefined): Response {
    const run = this.runs.find((entry) => entry.id === id);
    if (run === undefined) return refuse(404, "Not Found");
    if (what === "jobs") {
      const steps = [{ name: "Push the migrations", conclusion: "failure" }];
      return Response.json({ jobs: [{ name: "deploy", conclusion: "failure", steps }] });
    }
    if (what === "cancel") {
      if (run.status === "completed") return refuse(409, "Cannot cancel a workflow run that is completed.");
      Object.assign(run, { status: "completed", conclusion: "cancelled" });
      return Response.json({}, { status: 202 });
    }
    if (run.status !== "completed") {
      run.status = STEPS[STEPS.indexOf(run.status) + 1]!;
      if (run.status === "completed") run.conclusion = this.conclusion;
    }
    return Response.json(run);
  }

  #makeRef({ ref, sha }: Record<string, unknown>): Response {
    const name = String(ref).replace(/^refs\//, "");
    if (this.refs.has(name)) return refuse(422, "Reference already exists");
    this.refs.set(name, String(sha));
    return Response.json({ ref }, { status: 201 });
  }

  #makePull({ title, head, base }: Record<string, unknown>): Response {
    if (!this.refs.has(`heads/${head}`)) return refuse(422, "Validation Failed");
    if (this.pulls.some((pull) => (pull.head as { ref: string }).ref === head)) {
      return refuse(422, `Validation Failed: A pull request already exists for acme:${head}.`);
    }
    const number = this.#ids++;
    const pull = {
      number,
      title,
      state: "open",
      head: { ref: head },
      base: { ref: base },
      merged_at: null,
      html_url: `https://github.test/pull/${number}`,
    };
    this.pulls.push(pull);
    return Response.json(pull, { status: 201 });
  }

  #makeDeployment(json: Record<string, unknown>): Response {
    if (json.auto_merge !== false) return Response.json({ message: "Auto-merged main" }, { status: 202 });
    const id = this.#ids++;
    this.deployments.push({ id, ...json, sha: json.ref });
    return Response.json({ id, url: `${this.base}${ROOT}/deployments/${id}` }, { status: 201 });
  }

  #findDeployments(url: URL): Record<string, unknown>[] {
    const [task, environment] = [url.searchParams.get("task"), url.searchParams.get("environment")];
    return this.deployments.filter((entry) =>
      (task === null || entry.task === task) && (environment === null || entry.environment === environment)
    ).reverse();
  }

  #status(id: number, method: string, json: Record<string, unknown>): Response {
    const known = this.statuses.get(id) ?? [];
    if (method === "GET") return Response.json(known.slice(0, 1));
    this.statuses.set(id, [json, ...known]);
    return Response.json(json, { status: 201 });
  }
}

function refuse(status: number, message: string): Response {
  return Response.json({ message, documentation_url: "https://docs.github.com/rest" }, { status });
}
