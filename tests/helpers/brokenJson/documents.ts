/**
 * Documents as models are asked for: API replies, configurations, tool calls, reviews, texts in many languages.
 *
 * @module
 */

import type { Dice } from "./dice.ts";

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | {
  [key: string]: Json;
};

const SENTENCES = [
  "The deploy went out at noon and nobody noticed.",
  "Restart the worker, wait a minute, then look again.",
  "Wenn der Rückruf ausbleibt, bitte das Büro anrufen.",
  "Il est déjà midi; la réunion commence à quatorze heures.",
  "El índice está vacío: falta la migración.",
  "検索結果は三件です。確認してください。",
  "Пользователь не найден, повторите позже.",
  "لا توجد نتائج مطابقة.",
  "이 값은 선택 사항입니다.",
  "Coût total : 1 250 € (TVA comprise)",
  "a < b && c > d ? yes : no",
  "Ratio 3:2, see section 4.1 - or ask Ann.",
  "emoji 🎯✅ and a family 👨‍👩‍👧‍👦",
  "C# and F#, not C++; #hashtag // no comment",
  "tabs\tand\nnewlines\r\nmixed",
  "ends with a backslash \\",
  "trailing space ",
  "",
  "ok",
  "50% off, $20 flat, 1/2 price",
];
const CODE = [
  'function greet(name) {\n  return "Hello, " + name + "!";\n}',
  "for (let i = 0; i < items.length; i++) {\n  out.push({ id: items[i].id, tags: [] });\n}",
  'print(f"{total:>8.2f} {unit}")\nif x == "y":\n    raise ValueError("bad")',
  'SELECT "user"."id", count(*) FROM "user" WHERE name LIKE \'%o\'\'neil%\' GROUP BY 1;',
  '#!/bin/sh\nset -e\ngrep -r "FOO: {later}" . | sort -u > "/tmp/out.txt"',
  '<p class="lead" data-x=\'{"a":1}\'>Tom &amp; "Jerry"</p>',
  '^(?:\\d{3}-)?\\d{4}\\s*\\"?$',
  '{"inner": {"list": [1, 2, {"deep": "yes, \\"really\\""}]}}',
  "# Title\n\n```ts\nconst a = { b: 1 };\n```\n\n- one\n- two",
  "\\frac{\\alpha}{\\beta} + \\sum_{i=0}^{n} x_i",
  "D:\\data\\reports\\final.csv",
  "key: value\nlist:\n  - a\n  - b",
  "https://example.org/a/b?c=d,e&f=[g]#h",
];
const WORDS = [
  "alpha",
  "beta",
  "gamma",
  "delta",
  "orders",
  "billing",
  "north",
  "blue",
  "draft",
  "final",
  "v2",
  "kappa",
];
const KEYS = [
  "title",
  "body",
  "owner",
  "status",
  "note",
  "path",
  "query",
  "label",
  "kind",
  "source",
  "summary",
  "text",
];

/** A text value: a sentence, code, or a few words. */
export function someText(dice: Dice): string {
  const roll = dice.int(10);
  if (roll < 4) return dice.pick(SENTENCES);
  if (roll < 6) return dice.pick(CODE);
  if (roll < 7) return `${dice.pick(SENTENCES)} ${dice.pick(SENTENCES)}`;
  return someWords(dice);
}

/** A few plain words, without punctuation. */
export function someWords(dice: Dice): string {
  return Array.from({ length: 1 + dice.int(4) }, () => dice.pick(WORDS)).join(" ");
}

/** A number as APIs have it. */
export function someNumber(dice: Dice): number {
  const roll = dice.int(6);
  if (roll === 0) return dice.int(3);
  if (roll === 1) return -(1 + dice.int(1000)) / 8;
  if (roll === 2) return 1_700_000_000_000 + dice.int(1_000_000);
  if (roll === 3) return dice.int(100_000) / 1_000_000;
  return dice.int(5_000);
}

function someScalar(dice: Dice): Json {
  const roll = dice.int(8);
  if (roll < 4) return someText(dice);
  if (roll < 6) return someNumber(dice);
  return dice.pick<Json>([true, false, null]);
}

function issueReply(dice: Dice): Json {
  return {
    id: dice.int(99_999),
    url: `https://api.example.com/repos/${dice.pick(WORDS)}/issues/${dice.int(900)}`,
    title: someText(dice),
    user: { login: dice.pick(WORDS), id: dice.int(9_999), site_admin: false },
    labels: Array.from({ length: dice.int(3) }, () => ({ name: dice.pick(WORDS), color: "d73a4a" })),
    comments: dice.int(40),
    body: someText(dice),
    closed_at: dice.pick<Json>([null, "2026-02-03T04:05:06Z"]),
  };
}

function config(dice: Dice): Json {
  return {
    compilerOptions: {
      target: "es2022",
      strict: true,
      paths: { "@/*": ["./src/*"] },
      lib: ["dom", "es2023"],
    },
    include: ["src/**/*.ts", dice.pick(WORDS)],
    scripts: { build: "tsc -p . && node dist/index.js", test: `node --test "${dice.pick(WORDS)}/*.js"` },
    version: `${dice.int(9)}.${dice.int(20)}.${dice.int(9)}`,
    private: true,
  };
}

function toolCall(dice: Dice): Json {
  return {
    thought: someText(dice),
    action: dice.pick(["edit_file", "run", "search"]),
    input: { file: `src/${dice.pick(WORDS)}.ts`, from: dice.int(50), content: dice.pick(CODE) },
    done: dice.pick([true, false]),
  };
}

function geo(dice: Dice): Json {
  const ring = Array.from({ length: 3 + dice.int(3) }, () => [someNumber(dice), someNumber(dice)]);
  return {
    type: "Feature",
    geometry: { type: "Polygon", coordinates: [ring] },
    properties: { name: someText(dice) },
  };
}

function table(dice: Dice): Json {
  return Array.from({ length: 2 + dice.int(4) }, (_, i) => ({
    row: i,
    [dice.pick(KEYS)]: someText(dice),
    amount: someNumber(dice),
    ok: dice.pick<Json>([true, false, null]),
  }));
}

function nested(dice: Dice, depth: number): Json {
  if (depth === 0) return someScalar(dice);
  const count = 1 + dice.int(3);
  if (dice.int(2) === 0) {
    return Array.from({ length: count }, () => nested(dice, depth - 1 - dice.int(2) < 0 ? 0 : depth - 1));
  }
  const object: { [key: string]: Json } = {};
  for (let i = 0; i < count; i++) {
    object[`${dice.pick(KEYS)}${i}`] = nested(dice, i === 0 ? depth - 1 : 0);
  }
  return object;
}

function chat(dice: Dice): Json {
  return {
    messages: Array.from(
      { length: 1 + dice.int(3) },
      () => ({
        role: dice.pick(["user", "assistant"]),
        content: someText(dice),
      }),
    ),
    usage: { prompt_tokens: dice.int(900), completion_tokens: dice.int(900), cost: someNumber(dice) },
    model: "m-1",
  };
}

/** A whole document: an object or an array of objects. */
export function someDocument(dice: Dice): Json {
  const make = dice.pick([
    issueReply,
    config,
    toolCall,
    geo,
    table,
    chat,
    (d: Dice) => ({ tree: nested(d, 2 + d.int(5)), ok: true }),
  ]);
  return make(dice);
}

/** Plain documents without punctuation in their texts, for defects that such texts would make ambiguous. */
export function plainDocument(dice: Dice): Json {
  return {
    name: someWords(dice),
    owner: { label: someWords(dice), team: someWords(dice), rank: dice.int(90) },
    items: Array.from({ length: 2 + dice.int(2) }, (_, i) => ({
      step: i,
      text: someWords(dice),
      tags: Array.from({ length: 2 + dice.int(2) }, () => someWords(dice)),
    })),
    total: dice.int(500),
    note: someWords(dice),
  };
}
