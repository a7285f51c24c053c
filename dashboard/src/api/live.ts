/** Hears from Realtime that something happened, where the project has it, and has what is shown asked for again. @module */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useApp } from "../app/session.tsx";

/** The private channel that only admins may hear; its messages say that something is there, not what. */
const TOPIC = "healing:notifications";

/** Listens while it is mounted. */
export function useLive(): void {
  const { client, config, session } = useApp();
  const queries = useQueryClient();
  const token = session?.access_token;
  useEffect(() => {
    if (!config.realtime || token === undefined) return;
    void client.realtime.setAuth(token);
    const channel = client.channel(TOPIC, { config: { private: true } })
      .on("broadcast", { event: "*" }, () => void queries.invalidateQueries())
      .subscribe();
    return () => void client.removeChannel(channel);
  }, [client, config.realtime, token, queries]);
}
