/** Files: each answer of storage comes from a small storage that keeps them, and what is kept is looked at in the end. @module */

import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { createHealingFetch } from "../../supabase/functions/_shared/healingFetch.ts";
import { RetryBudget } from "../../supabase/functions/_shared/retry.ts";
import { createResilientStorage } from "../../supabase/functions/_shared/resilientStorage.ts";
import { createClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { answered, type Played, repeatsOf, type Scene, type Stage, WORDS } from "./restScene.ts";
import { BUCKET, isUpload, playTimeouts, storageOver } from "./storageTimeouts.ts";
import { fileIn, isValidKey, keyIn, SmallStorage } from "./smallStorage.ts";
import { type StandIn, type StandInRequest, startStandIn } from "./standIn.ts";

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

/** The scenes of files. */
export const STORAGE_SCENES: readonly Scene[] = [
  {
    fits: ({ code, message }) => code === "InvalidKey" || /^Invalid key\b/i.test(message),
    play: playInvalidKey,
  },
  {
    fits: ({ statusCode, message }) => statusCode === "409" || /already exists/i.test(message),
    play: playExists,
  },
  { fits: ({ message }) => /^Object not found/i.test(message), play: playNotFound },
  { fits: ({ message }) => /^mime type .* is not supported/i.test(message), play: playType },
  {
    fits: ({ statusCode, code }) => statusCode === "544" || code === "DatabaseTimeout",
    play: playTimeouts,
  },
  { fits: ({ message }) => /jwt expired/i.test(message), play: playExpired },
  { fits: () => true, play: playUpload },
];

async function playInvalidKey(stage: Stage): Promise<Played> {
  const named = /^Invalid key:? *(.*)$/is.exec(stage.answer.message)?.[1] ?? "";
  const name = named === "" || isValidKey(named) ? WORDS.key! : named;
  const kept = new SmallStorage();
  const defect = ({ url }: StandInRequest) => !isValidKey(keyIn(url) ?? "plain");
  const answer = (request: StandInRequest) => kept.answer(request);
  await using standIn = startStandIn(stage.row, { defect, answer, words: WORDS });
  const { storage, bare } = storageOver(standIn);
  const { error } = await bare.from(BUCKET).upload(name, "text of the file");
  const isShown = error !== null && standIn.answered === 0;
  try {
    const stored = await storage.upload(BUCKET, name, "text of the file");
    const back = await (await storage.download(BUCKET, name))?.text();
    const folder = name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : "";
    const listed = (await storage.list(BUCKET, folder)).map((entry) => entry.name);
    const isRight = isShown && stored.status === "stored" && back === "text of the file" &&
      listed.join() === name.replace(/^\//, "") && kept.files.size === 1;
    return answered(standIn, stage, {
      isRight,
      actions: [`resilientStorage: ${name} is kept as ${stored.key}`],
      reason: isRight
        ? "the file is stored, read and listed under its own name, in its own folder"
        : `stored ${JSON.stringify(stored)}, listed ${JSON.stringify(listed)}`,
    });
  } catch (error) {
    return refused(stage, standIn, error);
  }
}

/** A file of that name is there: the same one is no fault, another one stays as it is. */
async function playExists(stage: Stage): Promise<Played> {
  const kept = new SmallStorage();
  kept.files.set("a.txt", { bytes: new TextEncoder().encode("first"), contentType: "text/plain" });
  const defect = (request: StandInRequest) =>
    isUpload(request) && request.headers.get("x-upsert") !== "true" &&
    kept.files.has(keyIn(request.url) ?? "");
  await using standIn = startStandIn(stage.row, {
    defect,
    answer: (request) => kept.answer(request),
    words: WORDS,
  });
  const { storage } = storageOver(standIn);
  try {
    const same = await storage.upload(BUCKET, "a.txt", "first");
    const other = await storage.upload(BUCKET, "a.txt", "second");
    const text = new TextDecoder().decode(kept.files.get("a.txt")!.bytes);
    const isRight = same.status === "stored" && same.wasThere && other.status === "exists" &&
      text === "first";
    return {
      ...answered(standIn, stage, {
        isRight,
        actions: [],
        reason: isRight
          ? "the same file counts as stored, another one is answered with exists, and what is there is as it was"
          : `same: ${same.status}, other: ${other.status}, kept: ${text}`,
      }),
      // Two uploads of one name are two calls of the author's.
      harm: text === "first" ? [] : ["a file was overwritten"],
    } as Played;
  } catch (error) {
    return refused(stage, standIn, error);
  }
}

async function playNotFound(stage: Stage): Promise<Played> {
  const kept = new SmallStorage();
  const defect = ({ url }: StandInRequest) => !kept.files.has(keyIn(url) ?? "");
  await using standIn = startStandIn(stage.row, {
    defect,
    answer: (request) => kept.answer(request),
    words: WORDS,
  });
  const { storage } = storageOver(standIn);
  try {
    const file = await storage.download(BUCKET, "anna/none.txt");
    return answered(standIn, stage, {
      isRight: file === null && kept.files.size === 0 && standIn.requests.length === 1,
      actions: [],
      reason: "that there is no such file is an answer: null, after one request, and nothing was made",
    });
  } catch (error) {
    return refused(stage, standIn, error);
  }
}

/** A picture without a type is sent as one; a type that its author gave is never changed. */
async function playType(stage: Stage): Promise<Played> {
  const named = /^mime type (.*) is not supported/i.exec(stage.answer.message)![1]!;
  const isDefault = named.startsWith("text/plain") || named.startsWith("application/octet-stream");
  const taken = isDefault ? "image/png" : "application/x-something-else";
  const kept = new SmallStorage();
  const types: string[] = [];
  await using standIn = startStandIn(stage.row, {
    defect: (request) =>
      isUpload(request) && !fileIn(request.bytes, request.headers).contentType.startsWith(taken),
    answer: (request) => {
      types.push(fileIn(request.bytes, request.headers).contentType);
      return kept.answer(request);
    },
    words: WORDS,
  });
  const { storage, bare } = storageOver(standIn);
  const { error } = await bare.from(BUCKET).upload("bare.png", PNG);
  const isShown = error !== null;
  try {
    const stored = await storage.upload(BUCKET, "a.png", PNG, isDefault ? {} : { contentType: named });
    return answered(standIn, stage, {
      isRight: isShown && stored.status === "stored" && types.join() === "image/png" &&
        kept.files.has("a.png"),
      actions: ["resilientStorage: the type that the file's first bytes show"],
      reason: "a picture whose type nobody gave is sent as what it is, which the bucket takes",
    });
  } catch (error) {
    return refused(stage, standIn, error);
  }
}

/** The session has run out, and its owner has a way to a new one. */
async function playExpired(stage: Stage): Promise<Played> {
  const kept = new SmallStorage();
  const defect = ({ headers }: StandInRequest) => headers.get("authorization") === "Bearer old.old.old";
  const answer = (request: StandInRequest) => kept.answer(request);
  await using standIn = startStandIn(stage.row, { defect, answer, words: WORDS });
  const client = createClient(standIn.url, "sb_publishable_healbench", {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: {
      fetch: createHealingFetch({ refreshToken: () => Promise.resolve("new.new.new") }),
      headers: { authorization: "Bearer old.old.old" },
    },
  });
  const storage = createResilientStorage(client.storage, { baseDelayMs: 1, budget: new RetryBudget() });
  try {
    const { status } = await storage.upload(BUCKET, "anna/a.txt", "mine");
    return answered(standIn, stage, {
      isRight: status === "stored" && kept.files.size === 1 && standIn.requests.length === 2,
      actions: ["expired_token"],
      reason: "one new token, and the same file once more",
    });
  } catch (error) {
    return refused(stage, standIn, error);
  }
}

/** Any other answer: an upload meets it, once. */
async function playUpload(stage: Stage): Promise<Played> {
  const kept = new SmallStorage();
  await using standIn = startStandIn(stage.row, { answer: (request) => kept.answer(request), words: WORDS });
  const { storage } = storageOver(standIn);
  try {
    const { status } = await storage.upload(BUCKET, "anna/a.txt", "mine");
    return answered(standIn, stage, {
      isRight: status === "stored" && kept.files.size === 1,
      actions: ["retry"],
      reason: "the upload was looked for and made again",
    });
  } catch (error) {
    return refused(stage, standIn, error);
  }
}

/** An upload sent again differs in the border of its form alone: it is counted by its address. */
function refused(stage: Stage, standIn: StandIn, error: unknown): Played {
  const uploads =
    standIn.requests.filter((request) => isUpload(request) && !request.url.includes("bare.png")).length;
  const repeats = stage.row.retry_safe_unchanged === true || uploads < 2
    ? []
    : [`an upload that lasts in failing was sent ${uploads} times`];
  return {
    kind: "refused",
    error: isHealingError(error) && error.cause !== undefined ? error.cause : error,
    harm: [...repeatsOf(stage, standIn), ...repeats],
    place: { bucket: BUCKET, operation: "write" },
  };
}
