/** Judges which columns the unknown keys of a row mean; pure. @module */

/** A column of a table, as the write path reads it. */
export interface ColumnFacts {
  name: string;
  /** The type as `format_type` prints it. */
  type: string;
  nullable: boolean;
  /** The default's expression, or null. */
  default: string | null;
}

/** A table, as the write path reads it. */
export interface TableFacts {
  table: string;
  columns: readonly ColumnFacts[];
}

/** One key that moved to the column that it means. */
export interface AppliedMapping {
  rule: string;
  from: string;
  to: string;
  /** 0..1. */
  confidence: number;
}

/** What a row becomes, or why it stays as it is. */
export interface HealedPayload {
  decision: "map" | "partial" | "refuse";
  row: Record<string, unknown>;
  applied: AppliedMapping[];
  /** Keys for which no column is clearly right. */
  unmapped: string[];
  reason: string;
}

type MappingRule = (
  key: string,
  value: unknown,
  table: TableFacts,
) => Omit<AppliedMapping, "from"> | null;

/** Equal after case, accents and separators are taken away, and for one column only. */
function normalisedName(
  key: string,
  _value: unknown,
  table: TableFacts,
): Omit<AppliedMapping, "from"> | null {
  const meant = table.columns.filter((column) => normalise(column.name) === normalise(key));
  return meant.length === 1 ? { rule: "normalised_name", to: meant[0]!.name, confidence: 0.98 } : null;
}

const CHAT_SYNONYMS: Readonly<Record<string, string>> = {
  sender: "role",
  author: "role",
  speaker: "role",
  message: "content",
  text: "content",
  body: "content",
};
const CHAT_ROLES = new Set(["user", "assistant", "system", "tool"]);

/**
 * In a table of chat messages (it has `role` and `content`) a sender is a role and a message is the content.
 * `role` is otherwise a name that decides about rights, so the value itself has to be the role of a speaker.
 */
function chatSynonym(
  key: string,
  value: unknown,
  table: TableFacts,
): Omit<AppliedMapping, "from"> | null {
  const to = Object.hasOwn(CHAT_SYNONYMS, normalise(key)) ? CHAT_SYNONYMS[normalise(key)]! : null;
  const isChat = ["role", "content"].every((name) => table.columns.some((column) => column.name === name));
  if (to === null || !isChat || typeof value !== "string") return null;
  if (to === "role" && !CHAT_ROLES.has(value)) return null;
  return { rule: `chat_${normalise(key)}_to_${to}`, to, confidence: 0.95 };
}

const RULES: readonly MappingRule[] = [normalisedName, chatSynonym];

/**
 * Maps the unknown keys of a row to the columns that they clearly mean. A key without a clear column makes the whole
 * row a refusal: a false mapping is worse than a failure, and nothing is dropped.
 */
export function healPayload(
  table: TableFacts,
  row: Readonly<Record<string, unknown>>,
): HealedPayload {
  const names = new Set(table.columns.map((column) => column.name));
  const applied: AppliedMapping[] = [];
  const unmapped: string[] = [];
  const healed: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(row)) {
    if (names.has(key)) healed[key] = value;
  }
  for (const [key, value] of Object.entries(row)) {
    if (names.has(key)) continue;
    const mapping = RULES.map((rule) => rule(key, value, table)).find((found) => found !== null) ?? null;
    if (mapping === null || mapping.to in healed) {
      unmapped.push(key);
      continue;
    }
    healed[mapping.to] = value;
    applied.push({ ...mapping, from: key });
  }
  const missing = missingColumns(table, healed);
  if (unmapped.length > 0) {
    return refusal(
      row,
      unmapped,
      `no column is clearly meant by ${list(unmapped)}`,
    );
  }
  if (missing.length > 0) {
    return refusal(row, [], `required columns have no value: ${list(missing)}`);
  }
  return {
    decision: "map",
    row: { ...healed },
    applied,
    unmapped,
    reason: `${applied.length} keys renamed`,
  };
}

function refusal(
  row: Readonly<Record<string, unknown>>,
  unmapped: string[],
  reason: string,
): HealedPayload {
  return { decision: "refuse", row: { ...row }, applied: [], unmapped, reason };
}

function missingColumns(
  table: TableFacts,
  row: Record<string, unknown>,
): string[] {
  return table.columns
    .filter((column) => !column.nullable && column.default === null && !(column.name in row))
    .map((column) => column.name);
}

function normalise(name: string): string {
  return name.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function list(names: readonly string[]): string {
  return names.slice(0, 10).map((name) => JSON.stringify(name.slice(0, 63)))
    .join(", ");
}
