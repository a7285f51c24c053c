/** Every attempt at a fix, what became of it, and why. @module */

import type { ReactNode } from "react";
import type { PageProps } from "../app/pages.tsx";
import { ListPage, type ListSpec } from "../ui/ListPage.tsx";
import { FIX_COLUMNS } from "./lines.tsx";

const SPEC: ListSpec<"list_fixes"> = {
  list: "list_fixes",
  title: "Fixes",
  lead:
    "Each attempt with its whole life: why it was made, what it changed, what proved it, and the way back.",
  search: "Search target and text",
  filters: [
    {
      name: "status",
      label: "State",
      options: [
        "kept",
        "validating",
        "applying",
        "awaiting_approval",
        "reverted",
        "failed",
        "inconclusive",
        "rejected",
        "expired",
      ],
    },
    {
      name: "action_group",
      label: "Touches",
      options: ["database", "runtime", "code", "deployment", "payload", "call"],
    },
    { name: "tier", label: "Found by", options: ["deterministic", "learned", "ai", "context", "person"] },
    { name: "risk", label: "Risk", options: ["low", "medium", "high"] },
  ],
  columns: FIX_COLUMNS,
  empty: {
    title: "No fix matches",
    text:
      "Failures that are healed within a request need no fix. The engine makes one when an error comes back that a rule, a " +
      "learned pattern or a model knows a remedy for.",
  },
};

export default function Fixes({ place }: PageProps): ReactNode {
  return <ListPage spec={SPEC} place={place} />;
}
