/** How components ask the backend: polled while they are looked at, and asked again at once after each change. @module */

import {
  keepPreviousData,
  QueryCache,
  QueryClient,
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useApp } from "../app/session.tsx";
import { type Act, act, type Lists, readPage, type Reads, readWhole } from "./actions.ts";
import { CallError } from "./client.ts";
import type { Cursor, Page } from "./types.ts";

/** How often is asked without Realtime, and with it, where a broadcast may be lost. */
const POLL_MS = { polling: 3_000, live: 10_000 };

/** What everything that is read is kept in; a session that the backend no longer takes is told of once it is met. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof CallError && error.kind === "signedOut") {
          onSignedOut();
        }
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        refetchOnWindowFocus: true,
        retry: (count, error) => error instanceof CallError && error.kind === "offline" && count < 1,
        retryDelay: 500,
        // The browser's own word for being offline says nothing about a project on this machine.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}

/** How often the current project is polled. */
export function usePollInterval(): number {
  return useApp().config.realtime ? POLL_MS.live : POLL_MS.polling;
}

/** Something that is read whole. */
export function useRead<Name extends keyof Reads>(
  name: Name,
  args: Reads[Name][0],
): UseQueryResult<Reads[Name][1]> {
  const { client } = useApp();
  const refetchInterval = usePollInterval();
  return useQuery({
    queryKey: [name, args],
    queryFn: () => readWhole(client, name, args),
    refetchInterval,
  });
}

/** One page of a list; while the next one is fetched, the last one stays. */
export function useList<Name extends keyof Lists>(
  name: Name,
  filter: Record<string, string | undefined>,
  after: Cursor | undefined,
): UseQueryResult<Page<Lists[Name]>> {
  const { client } = useApp();
  const refetchInterval = usePollInterval();
  const wanted = { ...filter, ...(after === undefined ? {} : { after }) };
  return useQuery({
    queryKey: [name, wanted],
    queryFn: () => readPage(client, name, wanted),
    placeholderData: keepPreviousData,
    refetchInterval,
  });
}

/** A change with its reason; afterwards everything that is shown is asked for again. */
export function useAct(): UseMutationResult<
  unknown,
  Error,
  { change: Act; reason: string }
> {
  const { client } = useApp();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ change, reason }: { change: Act; reason: string }) => act(client, change, reason),
    onSettled: () => queries.invalidateQueries(),
  });
}
