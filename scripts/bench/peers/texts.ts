/** The texts that parsers are timed on: about a megabyte of records as an API gives them. @module */

const NAMES = ["Ada Lovelace", "Grace Hopper", "José Álvarez", "Wei Zhang", "Øyvind Dahl", "Noor Haddad"];
const NOTES = [
  "Restart the worker, wait a minute, then look again.",
  'She wrote: "the index is stale", and left it at that.\nSee section 4.',
  "C:\\data\\reports\\2026\\final.csv",
  "Überfällig seit dem 3. März; bitte prüfen.",
  "select id from orders where total > 100 and status = 'open'",
];

function record(i: number): Record<string, unknown> {
  return {
    id: 100_000 + i,
    name: NAMES[i % NAMES.length],
    active: i % 3 === 0,
    score: (i * 37 % 1_000) / 8,
    tags: [`t${i % 50}`, `group-${i % 7}`],
    note: `${NOTES[i % NOTES.length]} #${i}`,
    address: { city: `City ${i % 400}`, zip: String(10_000 + i), geo: [i / 1_000, -i / 500] },
    parent: i % 5 === 0 ? null : i - 1,
  };
}

function records(count: number): string {
  return JSON.stringify(Array.from({ length: count }, (_, i) => record(i)));
}

/** About a megabyte of valid JSON. */
export const VALID = records(4_600);

/** The same with one defect, a trailing comma at its end. */
export const ONE_DEFECT = VALID.slice(0, -1) + ",]";

/** The same with two defects a record: a bare key and a literal of Python. */
export const TWO_DEFECTS = VALID.replaceAll('"id":', "id:").replaceAll(
  /"active":(?:true|false)/g,
  (all) => all.endsWith("true") ? '"active":True' : '"active":False',
);

/** Forty thousand characters of a reply, for streaming. */
export const REPLY = records(200).slice(0, 40_000);
