/** What kind of file it is, where nobody says so: by its first bytes, never by its name. @module */

/** What may be uploaded. A stream can be sent once only. */
export type UploadBody = Blob | ArrayBuffer | Uint8Array | string | ReadableStream<Uint8Array>;

const TEXT = "text/plain;charset=UTF-8";
const UNKNOWN = "application/octet-stream";

/** First bytes as hexadecimal digits, `..` for any. Nothing that a browser would run is told apart from plain bytes. */
const SIGNATURES: readonly (readonly [bytes: RegExp, type: string])[] = [
  [/^89504e470d0a1a0a/, "image/png"],
  [/^ffd8ff/, "image/jpeg"],
  [/^47494638(?:37|39)61/, "image/gif"],
  [/^52494646.{8}57454250/, "image/webp"],
  [/^255044462d/, "application/pdf"],
  [/^504b0304/, "application/zip"],
  [/^1f8b/, "application/gzip"],
  [/^.{8}66747970/, "video/mp4"],
  [/^494433|^fff[b3]/, "audio/mpeg"],
];
const LONGEST_SIGNATURE = 12;

/** The type that a body has or shows. Left to itself, the client calls everything plain text, and buckets refuse that. */
export async function contentTypeOf(body: UploadBody): Promise<string> {
  if (typeof body === "string") return TEXT;
  if (body instanceof Blob && body.type !== "") return body.type;
  const first = await firstBytes(body);
  const digits = [...first].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return SIGNATURES.find(([bytes]) => bytes.test(digits))?.[1] ?? UNKNOWN;
}

async function firstBytes(body: Exclude<UploadBody, string>): Promise<Uint8Array> {
  if (body instanceof ReadableStream) return new Uint8Array();
  if (body instanceof Blob) return new Uint8Array(await body.slice(0, LONGEST_SIGNATURE).arrayBuffer());
  return body instanceof Uint8Array
    ? body.subarray(0, LONGEST_SIGNATURE)
    : new Uint8Array(body.slice(0, LONGEST_SIGNATURE));
}
