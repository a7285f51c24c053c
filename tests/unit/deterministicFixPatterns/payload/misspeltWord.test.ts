import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("misspelt_word mends one misspelt word on either side", () => {
  assertHeals("misspelt_word", ["boxes", "width int; height int; weight int"], { "heigth": 10 }, {
    "height": 10,
  });
  assertHeals("misspelt_word", ["contacts", "emial text!"], { "email": "a@b.c" }, { "emial": "a@b.c" });
  assertHeals("misspelt_word", ["t", "received_at timestamptz"], { "recieved_at": "2026-01-01T10:00:00Z" }, {
    "received_at": "2026-01-01T10:00:00Z",
  });
});

Deno.test("misspelt_word takes no word that is right for another", () => {
  assertDeclines("misspelt_word", ["boxes", "weight int"], { "height": 10 });
  assertDeclines("misspelt_word", ["items", "rate numeric"], { "date": "2026-01-01" });
  assertDeclines("misspelt_word", ["t", "form text"], { "from": "a" });
  assertDeclines("misspelt_word", ["ledger", "debit numeric"], { "debt": 5 });
  assertDeclines("misspelt_word", ["t", "salary numeric"], { "celery": 1 });
  assertDeclines("misspelt_word", ["t", "dessert text"], { "desert": "x" });
  assertDeclines("misspelt_word", ["t", "country text; county text"], { "countty": "x" });
  assertDeclines("misspelt_word", ["t", "username text"], { "usern\u0430me": "x" });
  assertDeclines("misspelt_word", ["t", "interviewer text"], { "interviewee": "x" });
  assertDeclines("misspelt_word", ["t", "destination text"], { "designation": "x" });
  assertDeclines("misspelt_word", ["t", "state text"], { "stake": "x" });
  assertDeclines("misspelt_word", ["t", "ratio text"], { "ration": "x" });
  assertDeclines("misspelt_word", ["t", "description text"], { "descripton": 5 });
});
