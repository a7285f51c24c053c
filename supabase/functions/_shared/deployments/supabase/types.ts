/** The words of the provider `supabase`. @module */

import type { Json } from "../../core/ports.ts";
import type { SavedFile } from "../../deploymentDb.ts";
import type { Job } from "../provider.ts";

/** What a target of Supabase has to say. */
export interface SupabaseConfig {
  projectRef: string;
  apiUrl?: string | undefined;
}

/** A job for Supabase. */
export type SupabaseJob = Job<SupabaseConfig>;

/** A function as it is to stand in the end; `files` is null where none is to stand. */
export interface WantedFunction {
  slug: string;
  metadata: { [key: string]: Json };
  files: SavedFile[] | null;
}
