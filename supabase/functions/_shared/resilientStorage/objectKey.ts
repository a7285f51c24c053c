/**
 * The key under which storage keeps a file of any name, and the way back.
 *
 * Storage takes plain letters and few signs. A name that it takes stays as it is. In any other, each part of the path is
 * spelled by itself: a sign that storage does not take, and `=` where it would be mistaken for a spelling, becomes `=`
 * and two hexadecimal digits for each of its bytes in UTF-8. So a file stays in its folder, two names never share a key,
 * and every key tells its name. Nothing is looked up and nothing has to be kept.
 *
 * @module
 */

import { HealingError } from "../core/errors.ts";

/** What storage takes, as its own pattern says, without `?`: the client sends that as the end of the path. */
const TAKEN = /^[\w!\-.*'() &$@=;:+,]$/;
/** The longest key of storage. */
const MOST_CHARACTERS = 1_024;
const SPELLED = /(?:=[0-9A-F]{2})+/g;

/** The key of a name, or the key itself when one is given. Throws `BAD_REQUEST` for what can be no name of a file. */
export function objectKeyOf(name: string): string {
  checkName(name);
  const segments = segmentsOf(name);
  const key = segments.map((segment, place) => spell(segment, place === segments.length - 1)).join("/");
  if (key.length <= MOST_CHARACTERS) return key;
  throw badName(`its key would have ${key.length} characters, and storage takes ${MOST_CHARACTERS}`);
}

/** The name behind a key; a key that spells nothing is its own name. */
export function objectNameOf(key: string): string {
  return key.split("/").map(read).join("/");
}

/**
 * The key for a file that is to be written. A name that is spelled like the key of another one is refused: both would be
 * one file.
 */
export function newObjectKeyOf(name: string): string {
  const key = objectKeyOf(name);
  const own = segmentsOf(name).join("/");
  if (objectNameOf(key) === own) return key;
  throw badName(`it is the key of ${JSON.stringify(objectNameOf(key))}; write the file under that name`);
}

/** The key of a folder; empty for the bucket itself. */
export function folderKeyOf(folder: string): string {
  const plain = folder.replace(/^\/|\/$/g, "");
  return plain === "" ? "" : objectKeyOf(plain);
}

function checkName(name: unknown): asserts name is string {
  if (typeof name !== "string" || name === "" || name === "/") throw badName("a file needs a name");
  // Two names with half a sign each would be written alike.
  if (/\p{Surrogate}/u.test(name)) throw badName("it holds half of a sign");
  if (name.endsWith("/")) throw badName("it ends with a folder");
  if (name.startsWith("//")) throw badName("it begins with a folder that has no name");
}

/** The client drops one `/` in front, on every call; an empty part inside stays one of its own. */
function segmentsOf(name: string): string[] {
  return name.replace(/^\//, "").split("/");
}

function spell(segment: string, isLast: boolean): string {
  // A folder without a name, inside a path, has a spelling of its own, and so do the two that mean other folders.
  if (segment === "") return "=";
  if (segment === "." || segment === "..") return spellSigns(segment, () => true);
  const signs = [...segment];
  // What stands at the end of an address as a space is lost on the way.
  const isEnd = (place: number) => isLast && place === signs.length - 1;
  const isOdd = (sign: string, place: number) => !TAKEN.test(sign) || (sign === " " && isEnd(place));
  return signs.some(isOdd)
    ? spellSigns(segment, (sign, place) => sign === "=" || isOdd(sign, place))
    : segment;
}

function spellSigns(segment: string, isSpelled: (sign: string, place: number) => boolean): string {
  return [...segment].map((sign, place) => isSpelled(sign, place) ? bytesOf(sign) : sign).join("");
}

function bytesOf(sign: string): string {
  return [...new TextEncoder().encode(sign)].map((byte) =>
    `=${byte.toString(16).toUpperCase().padStart(2, "0")}`
  ).join("");
}

/** Only what is spelled exactly as here was spelled here. */
function read(segment: string, place: number, segments: string[]): string {
  if (segment === "=") return place > 0 && place < segments.length - 1 ? "" : segment;
  const name = segment.replace(SPELLED, (run) => {
    const bytes = run.slice(1).split("=").map((byte) => parseInt(byte, 16));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes));
  });
  return name !== "" && !name.includes("/") && spell(name, place === segments.length - 1) === segment
    ? name
    : segment;
}

function badName(why: string): HealingError {
  return new HealingError("BAD_REQUEST", `Cannot name a file so: ${why}`, {
    hint: "Give a path such as folder/name.pdf; any letters will do",
  });
}
