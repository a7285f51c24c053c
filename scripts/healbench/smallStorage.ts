/** Files in memory behind storage's own protocol: what a bench and tests put behind the real client. @module */

/** A request, as a stand-in or a server has it. */
export interface StorageRequest {
  method: string;
  /** The path, from `/storage/v1` on. */
  url: string;
  headers: Headers;
  bytes: Uint8Array;
}

/** A file that is kept. */
export interface KeptFile {
  bytes: Uint8Array;
  contentType: string;
}

/** What storage takes as a key, in its own words. */
const VALID_KEY = /^(?:\w|\/|!|-|\.|\*|'|\(|\)| |&|\$|@|=|;|:|\+|,|\?)*$/;

/** The key that an address names, behind its bucket; undefined where it names none. */
export function keyIn(url: string): string | undefined {
  const path = new URL(url, "http://storage").pathname;
  const match = /^\/storage\/v1\/object\/(?:info\/|public\/|authenticated\/)?(?!list\/)[^/]+\/(.*)$/.exec(
    path,
  );
  return match === null ? undefined : decodeURIComponent(match[1]!);
}

/** True for a key that storage takes. */
export function isValidKey(key: string): boolean {
  return key.length > 0 && key.length <= 1_024 && VALID_KEY.test(key);
}

/** One bucket. */
export class SmallStorage {
  readonly files = new Map<string, KeptFile>();

  /** Answers a request as storage does. */
  answer(request: StorageRequest): Response {
    const { method, url, bytes, headers } = request;
    const path = new URL(url, "http://storage").pathname;
    if (path.startsWith("/storage/v1/object/list/")) return this.#list(JSON.parse(textOf(bytes)));
    const key = keyIn(url);
    if (method === "DELETE") return this.#remove(JSON.parse(textOf(bytes)).prefixes);
    if (key === undefined) return refusal("404", "not_found", "Route not found");
    if (!isValidKey(key)) return refusal("400", "InvalidKey", `Invalid key: ${key}`);
    if (method === "POST" || method === "PUT") {
      const file = fileIn(bytes, headers);
      if (method === "POST" && headers.get("x-upsert") !== "true" && this.files.has(key)) {
        return refusal("409", "Duplicate", "The resource already exists");
      }
      this.files.set(key, file);
      return Response.json({ Id: crypto.randomUUID(), Key: `files/${key}` });
    }
    const file = this.files.get(key);
    if (file === undefined) return refusal("404", "not_found", "Object not found");
    if (path.startsWith("/storage/v1/object/info/")) {
      return Response.json({ name: key, size: file.bytes.byteLength, content_type: file.contentType });
    }
    return new Response(new Blob([file.bytes as BlobPart]), {
      headers: { "content-type": file.contentType },
    });
  }

  #list({ prefix, limit = 100, offset = 0 }: { prefix: string; limit?: number; offset?: number }): Response {
    const start = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
    const below = [...this.files.keys()].filter((key) => key.startsWith(start)).map((key) =>
      key.slice(start.length)
    );
    const names = [...new Set(below.map((rest) => rest.split("/")[0]!))].sort().slice(offset, offset + limit);
    return Response.json(names.map((name) => {
      const file = this.files.get(`${start}${name}`);
      return file === undefined ? { name, id: null, updated_at: null, metadata: null } : {
        name,
        id: crypto.randomUUID(),
        updated_at: new Date(0).toISOString(),
        metadata: { size: file.bytes.byteLength, mimetype: file.contentType },
      };
    }));
  }

  #remove(keys: string[]): Response {
    return Response.json(keys.filter((key) => this.files.delete(key)).map((name) => ({ name })));
  }
}

/** An answer of storage that refuses: 400, with the true status as a text. */
export function refusal(statusCode: string, error: string, message: string): Response {
  return Response.json({ statusCode, error, message }, { status: 400 });
}

/** What an upload sends: a form with the file as its last part, or the file itself. */
export function fileIn(bytes: Uint8Array, headers: Headers): KeptFile {
  const type = headers.get("content-type") ?? "application/octet-stream";
  const border = /^multipart\/form-data;.*boundary=(.+)$/.exec(type)?.[1];
  if (border === undefined) return { bytes, contentType: type };
  // One unit a byte; the file's part has no name, and readers of forms leave such parts out.
  const text = bytes.reduce((all, byte) => all + String.fromCharCode(byte), "");
  const part = text.split(`--${border}`).at(-2)!;
  const end = part.indexOf("\r\n\r\n");
  const contentType = /content-type: *([^\r\n]+)/i.exec(part.slice(0, end))?.[1] ??
    "application/octet-stream";
  const file = part.slice(end + 4, -2);
  return { bytes: Uint8Array.from(file, (unit) => unit.charCodeAt(0)), contentType };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
