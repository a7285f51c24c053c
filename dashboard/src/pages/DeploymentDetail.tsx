/** One deployment: its state, the curve of its release, the verdicts, and the ways on and back. @module */

import type { ReactNode } from "react";
import { ACTS } from "../api/actions.ts";
import type { DeploymentDetail as Detail } from "../api/deploymentTypes.ts";
import { useRead } from "../api/queries.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { ActButton } from "../ui/ActButton.tsx";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, type Fact, Facts, PageHead, Section, Stored } from "../ui/Basics.tsx";
import { type Column, Table } from "../ui/Table.tsx";
import { asWords, share } from "../ui/words.ts";
import { Release, Steering } from "./deployments/Release.tsx";

export default function DeploymentDetail({ id }: PageProps): ReactNode {
  const query = useRead("get_deployment", { p_deployment_id: id });
  return <Async query={query}>{(detail) => <Deployment detail={detail} />}</Async>;
}

function Deployment({ detail }: { detail: Detail }): ReactNode {
  const { deployment, curve, errors } = detail;
  return (
    <>
      <PageHead
        back={["Deployments", linkTo("deployments")]}
        title={deployment.trigger_reason}
        badge={<Badge state={deployment.status} />}
        lead={deployment.status_reason}
      >
        <Decisions detail={detail} />
      </PageHead>
      {curve !== null && <Release curve={curve} />}
      <Rollbacks rollbacks={detail.rollbacks} />
      {errors.length > 0 && (
        <Section title="Errors that may have come with it">
          <Table label="Errors" columns={ERROR_COLUMNS} rows={errors} />
        </Section>
      )}
      <Section title="About it">
        <Facts items={factsOf(detail)} />
        <Stored title="What is deployed" value={deployment.changes} />
        <Stored title="What went wrong" value={deployment.error} />
      </Section>
      <Triggers triggers={detail.triggers} />
    </>
  );
}

const OPEN = ["pending", "deploying", "building", "unknown"];

function Decisions({ detail: { deployment, curve } }: { detail: Detail }): ReactNode {
  const { id, status, approved_by: by, action } = deployment;
  return (
    <>
      {curve !== null && <Steering rollout={curve.rollout} />}
      {status === "pending" && by === null && (
        <ActButton
          label="Approve"
          kind="primary"
          title="Deploy it"
          change={ACTS.decideDeployment(id, "approve")}
        >
          <p>{deployment.trigger_reason}</p>
        </ActButton>
      )}
      {OPEN.includes(status) && (
        <ActButton
          label="Cancel it"
          kind="danger"
          title="Cancel this deployment"
          change={ACTS.decideDeployment(id, "cancel")}
        >
          <p>What was not sent is not sent; what is under way is ended where the provider can.</p>
        </ActButton>
      )}
      {["ready", "live", "kept"].includes(status) && action === "deploy" && curve === null && (
        <ActButton
          label="Roll back"
          kind="danger"
          title="Take this release back"
          change={ACTS.rollBackDeployment(id)}
        >
          <p>
            What stood there before is put back. It is refused across a change that has destroyed something.
          </p>
        </ActButton>
      )}
    </>
  );
}

function factsOf({ deployment }: Detail): Fact[] {
  const { url, deployed_at: deployed } = deployment;
  return [
    ["Project", deployment.project_id],
    ["Provider", `${deployment.provider}, ${deployment.environment}`],
    ["What", deployment.action],
    ["Because of", asWords(deployment.trigger_kind)],
    ["Asked by", deployment.requested_by],
    ["Approved by", deployment.approved_by],
    ["Asked", <Ago key="a" at={deployment.created_at} />],
    ["There since", <Ago key="d" at={deployed} />],
    ["Judged", <Ago key="j" at={deployment.settled_at} />],
    // Only an address of the web becomes a link: it comes from a provider.
    [
      "Address",
      url !== null && /^https:\/\//.test(url) ? <a key="u" href={url} rel="noreferrer">{url}</a> : url,
    ],
    ["Can go back", deployment.has_rollback_point ? "yes: what stood there before is known" : "no"],
    ["Says the provider", deployment.provider_state],
  ];
}

const ERROR_COLUMNS: readonly Column<Detail["errors"][number]>[] = [
  {
    head: "Error",
    cell: ({ id, error_message: message, reason }) => (
      <>
        <a className="row-link" href={linkTo(`errors/${id}`)}>{message}</a>
        <span className="sub">{reason}</span>
      </>
    ),
  },
  { head: "State", cell: ({ status }) => <Badge state={status} /> },
  { head: "Score", cell: ({ score }) => share(score), isNumber: true },
];

function Rollbacks({ rollbacks }: { rollbacks: Detail["rollbacks"] }): ReactNode {
  if (rollbacks.length === 0) return null;
  return (
    <Section title="Taken back">
      <ul className="plain-list">
        {rollbacks.map((one) => (
          <li key={one.id}>
            <Badge state={one.status} /> {one.automatic ? "by itself" : `by ${one.requested_by}`}{" "}
            <Ago at={one.requested_at} />: {one.reason}
            {one.outcome !== null && ` (${one.outcome})`}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Triggers({ triggers }: { triggers: Detail["triggers"] }): ReactNode {
  if (triggers.length === 0) return null;
  return (
    <Section title="Who asked for it">
      <ul className="plain-list">
        {triggers.map(({ id, kind, reason, requested_by: by, requested_at: at, auto_fix_id: fixId }) => (
          <li key={id}>
            <b>{asWords(kind)}</b> by {by}, <Ago at={at} />: {reason}{" "}
            {fixId !== null && <a href={linkTo(`fixes/${fixId}`)}>its fix</a>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
