/** A dashboard that is built while a stack already answers. @module */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import type { OnProgress } from "../stack/progress.ts";
import type { StackOptions } from "../stack/stack.ts";
import { buildDashboard } from "./build.ts";

/** What a stack is given, and the end of the build. */
export interface ServedDashboard extends Disposable {
  readonly door: NonNullable<StackOptions["dashboard"]>;
  /** True when the dashboard is there; never rejects. */
  readonly ready: Promise<boolean>;
}

/** Begins to build, and says what became of it; the disposal ends a build that still goes on. */
export function serveWhenBuilt(onProgress: OnProgress): ServedDashboard {
  const abort = new AbortController();
  let folder: string | undefined;
  let problem: string | undefined;
  const ready = buildDashboard({ onProgress, signal: abort.signal }).then(
    (built) => {
      folder = built;
      return true;
    },
    (error: unknown) => {
      problem = messageOf(error);
      if (!abort.signal.aborted) onProgress(problem);
      return false;
    },
  );
  return {
    door: { folder: () => folder, problem: () => problem },
    ready,
    [Symbol.dispose]: () => abort.abort(),
  };
}
