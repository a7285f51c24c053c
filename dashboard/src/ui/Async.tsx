/** What is shown while something is fetched, when it could not be, and when what is shown has grown old. @module */

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { CallError } from "../api/client.ts";
import { useApp } from "../app/session.tsx";

/** Shows what was read; while it is not there, what there is to say about that. */
export function Async<T>(
  { query, children }: {
    query: UseQueryResult<T>;
    children: (data: T) => ReactNode;
  },
): ReactNode {
  if (query.data !== undefined && !isRefusal(query.error)) {
    return children(query.data);
  }
  if (query.error !== null) {
    return (
      <Failure
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  return <Loading />;
}

/** What was shown before is not shown on to somebody who may not see it any more. */
function isRefusal(error: Error | null): boolean {
  return error instanceof CallError && error.kind === "notAdmin";
}

/** Something is on its way. */
export function Loading(): ReactNode {
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      <span />
      <span />
      <span />
    </div>
  );
}

/** What went wrong, and what helps. */
export function Failure(
  { error, onRetry }: { error: Error; onRetry?: () => void },
): ReactNode {
  const { session } = useApp();
  const kind = error instanceof CallError ? error.kind : "refused";
  if (kind === "notAdmin") return <NotAdmin email={session?.user.email} />;
  return (
    <div className="failure" role="alert">
      <p className="failure-title">
        {kind === "offline" ? "The backend does not answer" : error.message}
      </p>
      <p>{helpFor(error)}</p>
      {onRetry !== undefined && <button type="button" onClick={onRetry}>Try again</button>}
    </div>
  );
}

function helpFor(error: Error): string {
  if (!(error instanceof CallError)) {
    return "This is a fault of the dashboard itself. Loading the page again may help.";
  }
  if (error.kind === "offline") {
    return "It is asked again every few seconds, and this page goes on by itself when it is back.";
  }
  if (error.code === "PGRST202") {
    return "The database does not know this function: push the migrations that belong to this dashboard.";
  }
  return error.hint ?? `The database refused with ${error.code || "no code"}.`;
}

/** Says to somebody who is no admin how one becomes an admin. */
export function NotAdmin({ email }: { email: string | undefined }): ReactNode {
  return (
    <div className="failure" role="alert">
      <p className="failure-title">This is for admins</p>
      <p>
        {email ?? "This account"}{" "}
        is signed in, but is no admin, so the database shows it nothing. Who may run SQL on the project can
        make it one; then sign in again:
      </p>
      <pre className="code" tabIndex={0} aria-label="SQL">
        {`update auth.users set raw_app_meta_data = raw_app_meta_data || '{"role": "admin"}'\nwhere email = '…';`}
      </pre>
    </div>
  );
}
