/** What was deployed, how far each release is, and why. @module */

import type { ReactNode } from "react";
import type { DeploymentLine } from "../api/deploymentTypes.ts";
import type { PageProps } from "../app/pages.tsx";
import { linkTo } from "../app/router.ts";
import { Ago, Badge } from "../ui/Basics.tsx";
import { ListPage, type ListSpec } from "../ui/ListPage.tsx";
import type { Column } from "../ui/Table.tsx";
import { asWords } from "../ui/words.ts";

const COLUMNS: readonly Column<DeploymentLine>[] = [
  {
    head: "Deployment",
    cell: ({ id, trigger_reason: why, project_id: project, status_reason: reason }) => (
      <>
        <a className="row-link sentence" href={linkTo(`deployments/${id}`)}>{why}</a>
        <span className="sub">{[project, reason].filter((part) => part !== "").join(" · ")}</span>
      </>
    ),
  },
  { head: "State", cell: ({ status }) => <Badge state={status} /> },
  { head: "Rollout", cell: ({ rollout }) => rollout === null ? "–" : <Share {...rollout} /> },
  { head: "What", cell: ({ action, environment }) => `${action}, ${environment}`, isSpare: true },
  { head: "Provider", cell: ({ provider }) => provider, isSpare: true },
  { head: "Because of", cell: ({ trigger_kind: kind }) => asWords(kind), isSpare: true },
  { head: "Asked", cell: ({ created_at: at }) => <Ago at={at} /> },
];

function Share({ status, share }: { status: string; share: number }): ReactNode {
  return (
    <>
      <span className="num">{share} %</span> <Badge state={status} />
    </>
  );
}

const SPEC: ListSpec<"list_deployments"> = {
  list: "list_deployments",
  title: "Deployments",
  lead: "Each release with why it was made, who has it, whether it does harm, and the way back.",
  filters: [
    {
      name: "status",
      label: "State",
      options: [
        "pending",
        "deploying",
        "building",
        "unknown",
        "ready",
        "live",
        "kept",
        "rolled_back",
        "failed",
        "cancelled",
        "blocked",
      ],
    },
    { name: "action", label: "What", options: ["deploy", "promote", "rollback"] },
    { name: "environment", label: "Where", options: ["production", "preview"] },
  ],
  columns: COLUMNS,
  empty: {
    title: "Nothing was deployed",
    text: (
      <>
        Say where a project is deployed to with{" "}
        <code>set_deployment_target</code>. Then fixes of code, winners of experiments and people deploy;
        until <code>mode_deployment</code> is <code>auto</code>, each waits for approval.
      </>
    ),
  },
};

export default function Deployments({ place }: PageProps): ReactNode {
  return <ListPage spec={SPEC} place={place} />;
}
