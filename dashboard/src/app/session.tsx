/** Who is signed in, and the client that everything asks through. @module */

import type { Session, SupabaseClient } from "@supabase/supabase-js";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { DashboardConfig } from "../api/config.ts";

/** What every part of the dashboard may use. */
export interface App {
  client: SupabaseClient;
  config: DashboardConfig;
  /** Undefined until it is known, null when nobody is signed in. */
  session: Session | null | undefined;
  /** True when a session has ended by itself. */
  hasExpired: boolean;
  signOut: () => Promise<void>;
}

const AppContext = createContext<App | undefined>(undefined);

/** The client and the session. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) {
    throw new Error("useApp() is used outside of AppProvider");
  }
  return app;
}

/** Follows the session of a client. */
export function AppProvider(
  { client, config, children }: {
    client: SupabaseClient;
    config: DashboardConfig;
    children: ReactNode;
  },
): ReactNode {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [hasExpired, setExpired] = useState(false);
  const isByHand = useRef(false);
  useEffect(() => {
    const { data } = client.auth.onAuthStateChange((event, next) => {
      if (event === "SIGNED_OUT") setExpired(!isByHand.current);
      if (event === "SIGNED_IN") isByHand.current = false;
      setSession(next);
    });
    return () => data.subscription.unsubscribe();
  }, [client]);
  const app = useMemo<App>(() => ({
    client,
    config,
    session,
    hasExpired,
    signOut: async () => {
      isByHand.current = true;
      // What the backend says to it changes nothing: this browser is signed out.
      await client.auth.signOut({ scope: "local" });
    },
  }), [client, config, session, hasExpired]);
  return <AppContext value={app}>{children}</AppContext>;
}

/** True when the session's token names an admin; the database decides for itself whenever it is asked. */
export function isAdmin(session: Session): boolean {
  return session.user.app_metadata.role === "admin";
}
