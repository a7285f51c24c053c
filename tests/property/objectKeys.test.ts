/** What holds of the keys of files whatever their names are. @module */

import assert from "node:assert/strict";
import { isValidKey } from "../../scripts/healbench/smallStorage.ts";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import {
  createResilientStorage,
  objectKeyOf,
  objectNameOf,
} from "../../supabase/functions/_shared/resilientStorage.ts";
import { createServerClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { assertAsyncProperty, assertProperty, fc } from "../helpers/property.ts";

/** Pieces of paths that mean something to addresses, to folders or to the spelling itself, in any order. */
const piece = fc.oneof(
  fc.constantFrom(
    "/",
    ".",
    "..",
    "../",
    "%2e%2e/",
    "%2F",
    "\\",
    "?",
    "#",
    "=",
    "=2E",
    "=C3=A4",
    "=3D",
    "=",
    "=FF",
  ),
  fc.constantFrom(
    "ä",
    "№",
    "é",
    "e\u0301",
    "文件",
    "👩‍👩‍👧",
    "\u202e",
    "\ufeff",
    "\0",
    "\n",
    "\t",
    " ",
    "+",
    "&",
    ";",
    ":",
  ),
  fc.constantFrom("anna", "uploads", "a.txt", "report.pdf", "CON"),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const name = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(""));

/** The key; undefined for what can be no name. */
function keyOf(text: string): string | undefined {
  try {
    return objectKeyOf(text);
  } catch (error) {
    assert.ok(isHealingError(error) && error.code === "BAD_REQUEST");
    return undefined;
  }
}

/** The name without the one `/` that the client drops in front. */
function plain(text: string): string {
  return text.replace(/^\//, "");
}

Deno.test("objectKeyOf() gives a key that storage takes, that is its own key, and that tells its name", () => {
  assertProperty(
    fc.property(name, (text) => {
      const key = keyOf(text);
      if (key === undefined) return;
      assert.ok(isValidKey(key), key);
      assert.equal(objectKeyOf(key), key, "a key is its own key");
      const back = objectNameOf(key);
      assert.equal(objectKeyOf(back), key, "a name and its key are one file");
      // A part of a path that is a key already is read as the name that it spells; any other is its own name.
      const [own, spelled] = [plain(text).split("/"), key.split("/")];
      const isOwn = (segment: string, place: number) =>
        segment === own[place] || spelled[place] === own[place];
      assert.ok(back.split("/").every(isOwn), back);
    }),
    { runs: 1_000 },
  );
});

Deno.test("objectKeyOf() gives two names one key only where one of them is spelled as a key, which is never written", () => {
  assertProperty(
    fc.property(name, name, (one, other) => {
      const [a, b] = [keyOf(one), keyOf(other)];
      if (a === undefined || a !== b || plain(one) === plain(other)) return;
      const written = [one, other].filter((text) => objectNameOf(a) === plain(text));
      assert.ok(written.length < 2, "a file is only written under the name that its key tells");
    }),
    { runs: 1_000 },
  );
});

Deno.test("objectKeyOf() leaves a file in its folder, and every folder its depth", () => {
  assertProperty(
    fc.property(name, (text) => {
      const key = keyOf(text);
      if (key === undefined) return;
      const [segments, own] = [key.split("/"), plain(text).split("/")];
      assert.equal(segments.length, own.length);
      assert.ok(segments.every((segment) => segment !== "" && segment !== "." && segment !== ".."), key);
      // A folder's key does not depend on what lies in it.
      const folder = own.slice(0, -1).join("/");
      if (folder !== "" && keyOf(`${folder}/a`) !== undefined) {
        assert.equal(segments.slice(0, -1).join("/"), keyOf(`${folder}/a`)!.slice(0, -2));
      }
      const address = new URL(`http://storage/storage/v1/object/files/${key}`);
      assert.equal(
        decodeURIComponent(address.pathname),
        `/storage/v1/object/files/${key}`,
        "nothing is lost on the way",
      );
    }),
    { runs: 1_000 },
  );
});

Deno.test("upload() never writes two names to one key", async () => {
  const written = new Map<string, string>();
  const send = (input: RequestInfo | URL) => {
    sent = decodeURIComponent(new URL(String(input)).pathname.slice("/storage/v1/object/files/".length));
    return Promise.resolve(Response.json({ Id: "1", Key: "k" }));
  };
  let sent = "";
  const storage = createResilientStorage(createServerClient("http://storage", "key", send).storage);
  await assertAsyncProperty(
    fc.asyncProperty(name, async (text) => {
      sent = "";
      try {
        await storage.upload("files", text, "x");
      } catch (error) {
        assert.ok(isHealingError(error) && error.code === "BAD_REQUEST");
        assert.equal(sent, "", "nothing was sent");
        return;
      }
      assert.equal(sent, objectKeyOf(text));
      assert.equal(written.get(sent) ?? plain(text), plain(text));
      written.set(sent, plain(text));
    }),
    { runs: 500 },
  );
});
