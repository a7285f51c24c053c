import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

const learned = [{ table: "events", key: "browser", column: "metadata", confirmations: 6 }];

Deno.test("catch_all_json adds a member and keeps the others", () => {
  assertHeals("catch_all_json", ["events", "metadata jsonb"], { "browser": "ff" }, {
    "metadata": { "browser": "ff" },
  }, { learned });
  assertHeals("catch_all_json", ["events", "metadata jsonb"], { "metadata": { "a": 1 }, "browser": "ff" }, {
    "metadata": { "a": 1, "browser": "ff" },
  }, { learned });
});

Deno.test("catch_all_json overwrites no member, fills no list and takes nothing unconfirmed", () => {
  assertDeclines("catch_all_json", ["events", "metadata jsonb"], {
    "metadata": { "browser": "a" },
    "browser": "b",
  }, { learned });
  assertDeclines("catch_all_json", ["events", "metadata jsonb"], { "metadata": [1], "browser": "b" }, {
    learned,
  });
  assertDeclines("catch_all_json", ["events", "metadata jsonb"], { "os": "x" }, { learned });
  assertDeclines("catch_all_json", ["events", "metadata jsonb"], { "metadata": null, "browser": "b" }, {
    learned,
  });
});
