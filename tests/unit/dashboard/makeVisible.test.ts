import assert from "node:assert/strict";
import { makeVisible } from "../../../dashboard/src/api/makeVisible.ts";

Deno.test("makeVisible() spells out what hides in text or turns it around, wherever it stands", () => {
  const value = {
    a: ["gnp.\u202Eexe", { b: "zero\u200Bwidth" }],
    c: "\u0000\u001b[31mred",
    n: 7,
    none: null,
  };
  assert.deepEqual(makeVisible(value), {
    a: ["gnp.⟨U+202E⟩exe", { b: "zero⟨U+200B⟩width" }],
    c: "⟨U+0000⟩⟨U+001B⟩[31mred",
    n: 7,
    none: null,
  });
});

Deno.test("makeVisible() leaves lines, tabs, other scripts and joined emoji as they are", () => {
  const text = "one\n\ttwo\r\nŽluťoučký 한국어 العربية 👩‍🚒 <b>bold</b>";
  assert.equal(makeVisible(text), text);
});
