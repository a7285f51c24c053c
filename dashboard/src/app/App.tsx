/** Who is there: nobody signs in, somebody who is no admin is told so, an admin sees the pages. @module */

import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { Loading, NotAdmin } from "../ui/Async.tsx";
import { Page } from "./pages.tsx";
import { isAdmin, useApp } from "./session.tsx";
import { Shell } from "./Shell.tsx";
import { SignIn } from "./SignIn.tsx";

/** The dashboard. */
export function App(): ReactNode {
  const { session, signOut } = useApp();
  const queries = useQueryClient();
  const userId = session?.user.id;
  // What one person has read is not kept for the next.
  useEffect(() => () => queries.clear(), [userId, queries]);
  if (session === undefined) {
    return (
      <main className="sign-in">
        <Loading />
      </main>
    );
  }
  if (session === null) return <SignIn />;
  if (isAdmin(session)) {
    return (
      <Shell>
        <Page />
      </Shell>
    );
  }
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <NotAdmin email={session.user.email} />
        <button type="button" onClick={() => void signOut()}>Sign out</button>
      </div>
    </main>
  );
}
