/** Which page belongs to a place; each is loaded when it is first looked at. @module */

import { type ComponentType, lazy, type ReactNode, Suspense } from "react";
import { Loading } from "../ui/Async.tsx";
import { Empty } from "../ui/Basics.tsx";
import { Boundary } from "./Boundary.tsx";
import { type Place, usePlace } from "./router.ts";

/** What a page gets. */
export interface PageProps {
  place: Place;
  /** The id in the address, where it names one. */
  id: string;
}

const LISTS: Readonly<Record<string, ComponentType<PageProps>>> = {
  "": lazy(() => import("../pages/Overview.tsx")),
  approvals: lazy(() => import("../pages/Approvals.tsx")),
  fixes: lazy(() => import("../pages/Fixes.tsx")),
  errors: lazy(() => import("../pages/Errors.tsx")),
  experiments: lazy(() => import("../pages/Experiments.tsx")),
  patterns: lazy(() => import("../pages/Patterns.tsx")),
  deployments: lazy(() => import("../pages/Deployments.tsx")),
  tests: lazy(() => import("../pages/Tests.tsx")),
  health: lazy(() => import("../pages/Health.tsx")),
  queue: lazy(() => import("../pages/Queue.tsx")),
  settings: lazy(() => import("../pages/Settings.tsx")),
};

const DETAILS: Readonly<Record<string, ComponentType<PageProps>>> = {
  approvals: lazy(() => import("../pages/ApprovalDetail.tsx")),
  fixes: lazy(() => import("../pages/FixDetail.tsx")),
  errors: lazy(() => import("../pages/ErrorDetail.tsx")),
  experiments: lazy(() => import("../pages/ExperimentDetail.tsx")),
  patterns: lazy(() => import("../pages/PatternDetail.tsx")),
  deployments: lazy(() => import("../pages/DeploymentDetail.tsx")),
  tests: lazy(() => import("../pages/TestDetail.tsx")),
  health: lazy(() => import("../pages/CheckDetail.tsx")),
};

/** The page of the current place. */
export function Page(): ReactNode {
  const place = usePlace();
  const [name = "", id = "", ...more] = place.parts;
  const Shown = more.length > 0 ? undefined : id === "" ? LISTS[name] : DETAILS[name];
  if (Shown === undefined) {
    return (
      <Empty title="There is no such page">
        Choose one of the pages on the left.
      </Empty>
    );
  }
  return (
    <Boundary key={`${name}/${id}`}>
      <Suspense fallback={<Loading />}>
        <Shown place={place} id={id} />
      </Suspense>
    </Boundary>
  );
}
