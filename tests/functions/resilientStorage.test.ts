import assert from "node:assert/strict";
import { keyIn, refusal, SmallStorage, type StorageRequest } from "../../scripts/healbench/smallStorage.ts";
import type { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { isRetryable, RetryBudget, wasRetried } from "../../supabase/functions/_shared/retry.ts";
import {
  createResilientStorage,
  objectKeyOf,
  type ResilientStorageOptions,
} from "../../supabase/functions/_shared/resilientStorage.ts";
import { createServerClient } from "../../supabase/functions/_shared/supabaseClient.ts";

type Handler = (request: StorageRequest, kept: SmallStorage) => Response | Promise<Response> | undefined;

/** Storage whose requests pass `before`, which answers some of them in its place. */
function storageWith(before: Handler = () => undefined, options: ResilientStorageOptions = {}) {
  const kept = new SmallStorage();
  const requests: string[] = [];
  const send: typeof fetch = async (input, init) => {
    const whole = new Request(input, init);
    const { pathname, search } = new URL(whole.url);
    const bytes = new Uint8Array(await whole.arrayBuffer());
    const request = { method: whole.method, url: pathname + search, headers: whole.headers, bytes };
    requests.push(`${request.method} ${pathname.replace("/storage/v1/object", "")}`);
    return await before(request, kept) ?? await kept.answer(request);
  };
  const client = createServerClient("http://storage.test", "key", send);
  return {
    kept,
    requests,
    storage: createResilientStorage(client.storage, {
      baseDelayMs: 0,
      budget: new RetryBudget(),
      ...options,
    }),
  };
}

const timeout = () =>
  Response.json({
    statusCode: "544",
    error: "DatabaseTimeout",
    message: "The connection to the database timed out",
  }, {
    status: 544,
  });
const isWrite = ({ method }: StorageRequest) => method === "POST" || method === "PUT";
const textIn = (kept: SmallStorage, key: string) => new TextDecoder().decode(kept.files.get(key)?.bytes);

/** The first so many requests that fit are answered with a failure. */
function failing(
  times: number,
  fits: (request: StorageRequest) => boolean,
  answer: () => Response = timeout,
): Handler {
  let left = times;
  return (request) => fits(request) && left-- > 0 ? answer() : undefined;
}

Deno.test("a file of any name is stored, read, listed and removed under that name, with one request each", async () => {
  const { storage, kept, requests } = storageWith();
  const names = [
    "anna/Übung № 1.pdf",
    "anna/100% sure?.txt",
    "anna/a=b ä.txt",
    "anna/plain.txt",
    "文件/报告.docx",
  ];
  for (const name of names) {
    const stored = await storage.upload("files", name, `text of ${name}`);
    assert.deepEqual(stored, {
      status: "stored",
      wasThere: false,
      bucket: "files",
      name,
      key: objectKeyOf(name),
    });
    assert.equal(await (await storage.download("files", name))?.text(), `text of ${name}`);
    assert.equal(
      await (await storage.download("files", stored.key))?.text(),
      `text of ${name}`,
      "by its key as well",
    );
  }
  assert.equal(requests.length, 3 * names.length);
  assert.equal(kept.files.size, names.length);
  assert.deepEqual(
    (await storage.list("files", "anna")).map(({ name }) => name).sort(),
    names.slice(0, 4).sort(),
  );
  assert.deepEqual((await storage.list("files")).map(({ name, isFolder }) => [name, isFolder]), [[
    "文件",
    true,
  ], [
    "anna",
    true,
  ]]);
  assert.deepEqual(await storage.remove("files", [names[0]!, names[0]!, "anna/none"]), [names[0]]);
  assert.equal(kept.files.has(objectKeyOf(names[0]!)), false);
  assert.deepEqual(await storage.remove("files", []), []);
});

Deno.test("upload() refuses a name that is spelled as the key of another file, and what can be no name", async () => {
  const { storage, requests } = storageWith();
  await storage.upload("files", "ä.txt", "first");
  const before = requests.length;
  const bad = ["=C3=A4.txt", "", "/", "folder/", "a\ud800.txt", "ä".repeat(400), "a/=/b"];
  for (const name of bad) {
    await assert.rejects(storage.upload("files", name, "x", { upsert: true }), { code: "BAD_REQUEST" });
  }
  for (const bucket of ["", "..", "a/b", "a?b", "é"]) {
    await assert.rejects(storage.upload(bucket, "a.txt", "x"), { code: "BAD_REQUEST" });
  }
  await assert.rejects(storage.upload("files", "a.txt", { a: 1 } as never), {
    code: "BAD_REQUEST",
    hint: /stringify/,
  });
  await assert.rejects(storage.list("files", "", { limit: 0 }), { code: "BAD_REQUEST" });
  assert.equal(requests.length, before, "nothing was sent");
});

Deno.test("a name never leaves its bucket or its folder", async () => {
  const { storage, kept } = storageWith();
  const names = [
    "../other/a.txt",
    "a/../../b.txt",
    "..",
    "./a.txt",
    "a//b.txt",
    "a\\..\\b.txt",
    "%2e%2e/c.txt",
    "a ",
    "a",
  ];
  for (const name of names) await storage.upload("files", name, name);
  assert.equal(kept.files.size, names.length);
  for (const name of names) assert.equal(await (await storage.download("files", name))?.text(), name);
});

Deno.test("that a file exists is an answer: the same bytes count as stored, others leave it as it is", async () => {
  const { storage, kept } = storageWith();
  await storage.upload("files", "a.txt", "first");
  const same = await storage.upload("files", "a.txt", new TextEncoder().encode("first"));
  assert.deepEqual([same.status, same.status === "stored" && same.wasThere], ["stored", true]);
  assert.equal((await storage.upload("files", "a.txt", "other")).status, "exists");
  assert.equal((await storage.upload("files", "a.txt", "firsT")).status, "exists", "of the same length");
  assert.equal(textIn(kept, "a.txt"), "first");
  assert.equal((await storage.upload("files", "a.txt", "new", { upsert: true })).status, "stored");
  assert.equal(textIn(kept, "a.txt"), "new");
});

Deno.test("an upload that timed out is looked for first, and made again only where the file is not there", async () => {
  const lost = storageWith(failing(1, isWrite));
  assert.equal((await lost.storage.upload("files", "a.txt", "mine")).status, "stored");
  assert.deepEqual(lost.requests, ["POST /files/a.txt", "GET /info/files/a.txt", "POST /files/a.txt"]);

  let times = 0;
  const made = storageWith((request, kept) => {
    if (!isWrite(request) || times++ > 0) return undefined;
    kept.files.set("a.txt", { bytes: new TextEncoder().encode("mine"), contentType: "text/plain" });
    return timeout();
  });
  const stored = await made.storage.upload("files", "a.txt", "mine");
  assert.deepEqual(stored.status === "stored" && stored.wasThere, false);
  assert.equal(made.requests.filter((line) => line.startsWith("POST")).length, 1);

  const other = storageWith((request, kept) => {
    if (!isWrite(request)) return undefined;
    kept.files.set("a.txt", { bytes: new TextEncoder().encode("somebody's"), contentType: "text/plain" });
    return timeout();
  });
  assert.equal((await other.storage.upload("files", "a.txt", "mine")).status, "exists");
  assert.equal(textIn(other.kept, "a.txt"), "somebody's");
});

Deno.test("an upload is never made again where it may overwrite, cannot be looked for, or has gone", async () => {
  const upsert = storageWith(failing(9, isWrite));
  await assert.rejects(
    upsert.storage.upload("files", "a.txt", "x", { upsert: true }),
    (error: HealingError) => {
      assert.equal(error.code, "TIMEOUT");
      assert.ok(wasRetried(error, 0), "nothing above tries again");
      return true;
    },
  );
  assert.equal(upsert.requests.length, 1);

  const blind = storageWith((request) =>
    isWrite(request) || request.url.includes("/info/") ? timeout() : undefined
  );
  await assert.rejects(blind.storage.upload("files", "a.txt", "x"), { code: "TIMEOUT", hint: /not known/ });
  assert.equal(blind.requests.filter((line) => line.startsWith("POST")).length, 1);

  const stream = storageWith(failing(9, isWrite));
  await assert.rejects(stream.storage.upload("files", "a.txt", new Blob(["x"]).stream()), {
    code: "TIMEOUT",
  });
  assert.equal(stream.requests.length, 1);

  const removed = storageWith(failing(9, ({ method }) => method === "DELETE"));
  await assert.rejects(removed.storage.remove("files", ["a.txt"]), { code: "TIMEOUT" });
  assert.equal(removed.requests.length, 1);
});

Deno.test("a read is made again while its failure passes, and what lasts is asked once whatever its status says", async () => {
  const passing = storageWith(failing(2, ({ method }) => method === "GET"));
  await passing.storage.upload("files", "a.txt", "x");
  assert.equal(await (await passing.storage.download("files", "a.txt"))?.text(), "x");
  assert.equal(passing.requests.filter((line) => line.startsWith("GET")).length, 3);

  const lasting: [string, () => Response, string][] = [
    ["schema", () =>
      Response.json({
        statusCode: "503",
        code: "DatabaseSchemaMismatch",
        message: "The database schema is invalid or incompatible.",
      }, { status: 503 }), "DATABASE_ERROR"],
    ["bucket", () => refusal("404", "Bucket not found", "Bucket not found"), "CONFIG_MISSING"],
    [
      "right",
      () => refusal("403", "Unauthorized", "new row violates row-level security policy"),
      "FORBIDDEN",
    ],
    [
      "size",
      () => refusal("413", "Payload too large", "The object exceeded the maximum allowed size"),
      "PAYLOAD_TOO_LARGE",
    ],
    [
      "type",
      () => refusal("415", "invalid_mime_type", "mime type image/svg+xml is not supported"),
      "BAD_REQUEST",
    ],
  ];
  for (const [what, answer, code] of lasting) {
    const told: unknown[] = [];
    const { storage, requests } = storageWith(() => answer(), { report: (_, place) => told.push(place) });
    await assert.rejects(storage.upload("files", "a.txt", "x"), (error: HealingError) => {
      assert.equal(error.code, code, what);
      assert.equal(isRetryable(error), false, what);
      return true;
    });
    await assert.rejects(storage.download("files", "a.txt"), { code });
    assert.equal(requests.length, 2, what);
    assert.deepEqual(told, [{ bucket: "files", operation: "write" }, { bucket: "files", operation: "read" }]);
  }
});

Deno.test("a file that is not there is null, and no file is made for it", async () => {
  const { storage, kept, requests } = storageWith();
  assert.equal(await storage.download("files", "none.txt"), null);
  assert.equal(kept.files.size, 0);
  assert.equal(requests.length, 1);
});

Deno.test("upload() says what a file is by its first bytes, and never changes what its author says", async () => {
  const { storage, kept } = storageWith();
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]);
  await storage.upload("files", "1", png);
  await storage.upload("files", "2", new Blob([png]));
  await storage.upload("files", "3", png.buffer);
  await storage.upload("files", "4", "text");
  await storage.upload("files", "5", new TextEncoder().encode("<svg onload=alert(1)>"));
  await storage.upload("files", "6", new Blob([png], { type: "image/x-own" }));
  await storage.upload("files", "7.png", png, { contentType: "application/x-said" });
  await storage.upload("files", "8", new Blob([png]), { contentType: "application/x-said" });
  assert.deepEqual([...kept.files.values()].map(({ contentType }) => contentType), [
    "image/png",
    "image/png",
    "image/png",
    "text/plain;charset=UTF-8",
    "application/octet-stream",
    "image/x-own",
    "application/x-said",
    "application/x-said",
  ]);
  assert.deepEqual(kept.files.get("2")!.bytes, png);
});

Deno.test("createResilientStorage() refuses options that make no sense, and a listener that throws breaks nothing", async () => {
  assert.throws(() => storageWith(undefined, { maxAttempts: 0 }), RangeError);
  assert.throws(() => storageWith(undefined, { baseDelayMs: -1 }), RangeError);
  const { storage } = storageWith(() => refusal("404", "Bucket not found", "Bucket not found"), {
    report: () => {
      throw new Error("the listener");
    },
  });
  await assert.rejects(storage.upload("files", "a.txt", "x"), {
    code: "CONFIG_MISSING",
    message: "Bucket not found",
  });
});

Deno.test("uploads of one name at once leave one of them", async () => {
  const { storage, kept } = storageWith();
  const all = await Promise.all(["a", "b", "c"].map((text) => storage.upload("files", "same.txt", text)));
  assert.deepEqual(all.map(({ status }) => status).sort(), ["exists", "exists", "stored"]);
  const winner = ["a", "b", "c"][all.findIndex(({ status }) => status === "stored")];
  assert.equal(textIn(kept, keyIn("/storage/v1/object/files/same.txt")!), winner);
});
