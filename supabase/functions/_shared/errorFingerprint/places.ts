/** Hosts, routes and file paths: what names the place stays, what differs from machine to machine goes. @module */

import { stripHash } from "./buildNames.ts";
import { isGenerated, isVariable } from "./randomText.ts";

/** Roots of file systems: what follows is one machine's layout. */
const FILE_ROOT =
  /^(?:[A-Za-z]:|~|\.{1,2})?\/?(?:home|Users|var|tmp|etc|usr|opt|app|srv|root|private|mnt|proc|dev|data|workspace|workspaces|builds?|__w|github|vercel|code|repo|src|node_modules|C:)(?:\/|$)/i;
/** Files that belong to a program and tell one fault from another by their name. */
const PROGRAM_FILE =
  /\.(?:[cm]?[jt]sx?|json|sql|toml|ya?ml|env|lock|css|html?|so|control|py|sh|md|wasm|vue|svelte)$/i;
const MAX_SEGMENTS = 4;
const REGION =
  /^(?:aws-\d-)?(?:us|eu|ap|sa|ca|me|af)-(?:(?:north|south)?(?:east|west)|north|south|central)-\d$/;

/** `https://abc.supabase.co/rest/v1/users/7?x=1` as `<id>.supabase.co/rest/v1/users`. */
export function readHost(url: string): string {
  const [, scheme = "", host = "", path = ""] =
    /^([A-Za-z][\w+.-]*):\/\/(?:[^/?#@]*@)?([^/?#:]*)(?::\d+)?([^?#]*)/.exec(url) ?? [];
  if (scheme === "file") return readRoute(path.replace(/(?::\d{1,7}){1,2}$/, "")).replace(/^<path>\//, "");
  const place = host.replace(/^www\./, "").split(".").map(readLabel).join(".");
  return (/^[\d.]+$|^localhost$|^\[|^$/.test(host) ? "<ip>" : place) + readSegments(path, 3);
}

/** A file path as `<path>/name.ext`, a route as `/api/users/<id>`. */
export function readRoute(place: string): string {
  const path = place.replace(/\?.*$/, "").replace(/(?::\d{1,7}){1,2}$/, "");
  const name = path.replace(/\/$/, "").slice(path.replace(/\/$/, "").lastIndexOf("/") + 1);
  const isFile = FILE_ROOT.test(path) || PROGRAM_FILE.test(name) || !path.startsWith("/") ||
    /^\/[^/]*$/.test(path);
  if (!isFile) return readSegments(path, MAX_SEGMENTS);
  const isTelling = PROGRAM_FILE.test(name) && !/\/(?:tmp|uploads?)\//.test(path);
  return isTelling ? `<path>/${name.split(/(?<=[-.])/).map(keepOrReplace).join("")}` : "<path>";
}

function keepOrReplace(segment: string): string {
  const end = /[-.]$/.exec(segment)?.[0] ?? "";
  const name = segment.slice(0, segment.length - end.length);
  return (/^-?\d+$/.test(name) || isVariable(name) ? "<id>" : name) + end;
}

function readSegments(path: string, count: number): string {
  const segments = path.split("/").filter((segment) => segment !== "").slice(0, count);
  return segments.map((segment) => `/${readSegment(segment)}`).join("");
}

function readSegment(segment: string): string {
  if (PROGRAM_FILE.test(segment)) return stripHash(segment);
  if (/^v?\d+(?:\.\d+){1,3}$/.test(segment)) return "<n>";
  if (/[%@[\u0080-\uffff]/.test(segment)) return "<id>";
  return isCounted(segment) || isNamedId(segment) || isVariable(segment)
    ? "<id>"
    : segment.replace(/@v?\d[\w.-]*$/, "");
}

function isCounted(word: string): boolean {
  return /^\d+$|^[A-Za-z]{1,4}[-_]\d+$/.test(word);
}

/** `T02AB3C`, as chats name their teams, and `cus_QwErTyUiOpAsDf`; `ISO8601` and `user_settings` are words. */
function isNamedId(segment: string): boolean {
  const random = /^[a-z]{2,6}_([A-Za-z\d]{12,})$/.exec(segment)?.[1];
  if (random !== undefined) return isGenerated(random);
  return /^[A-Z\d]{6,}$/.test(segment) && (segment.match(/[A-Z](?=\d)|\d(?=[A-Z])/g)?.length ?? 0) >= 2;
}

function readLabel(label: string): string {
  return isCounted(label) || isTenant(label) ? "<id>" : REGION.test(label) ? "<region>" : label;
}

/** A project's reference, a preview's hash or an instance's number in a host name. */
function isTenant(label: string): boolean {
  return /^[a-z]{20}$/.test(label) || isVariable(label) || label.split("-").some(isVariable);
}
