import assert from "node:assert/strict";
import { parseEnvFile } from "../../../scripts/stack/envFile.ts";

Deno.test("parseEnvFile() reads bare, quoted and exported entries, and leaves out comments", () => {
  const text = [
    "# a comment",
    "PLAIN=value with spaces  # and a comment",
    "export EXPORTED = yes",
    `DOUBLE="a # b \\"c\\"\\nd"`,
    "SINGLE='$not \\n expanded'",
    "URL=https://example.com/?a=1",
    "  INDENTED=1\r",
    "not a line",
  ].join("\n");
  assert.deepEqual(parseEnvFile(text), {
    PLAIN: "value with spaces",
    EXPORTED: "yes",
    DOUBLE: 'a # b "c"\nd',
    SINGLE: "$not \\n expanded",
    URL: "https://example.com/?a=1",
    INDENTED: "1",
  });
});

Deno.test("parseEnvFile() leaves out what nobody has filled in, and does not take the next line for it", () => {
  assert.deepEqual(parseEnvFile('EMPTY=\nQUOTED=""\nNEXT=1\n'), { NEXT: "1" });
  assert.deepEqual(parseEnvFile(""), {});
});
