/**
 * Schemas as the caller brings them: anything with `safeParse` (zod), or a Standard Schema. Neither is imported.
 *
 * @module
 */

/** A schema with zod's `safeParse`. */
export interface SafeParseSchema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: unknown };
}

/** A schema after the Standard Schema convention, version 1. */
export interface StandardSchema<T> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>;
  };
}

/** What a Standard Schema answers. */
export type StandardResult<T> = {
  readonly value: T;
  readonly issues?: undefined;
} | {
  readonly issues: readonly { readonly message: string }[];
};

/** Either kind of schema. */
export type JsonSchemaLike<T> = SafeParseSchema<T> | StandardSchema<T>;

/** A schema's verdict on a value. */
export type SchemaVerdict<T> = { ok: true; value: T } | {
  ok: false;
  issues: unknown;
};

/** Asks the schema. A schema that throws has refused. */
export async function judge<T>(schema: JsonSchemaLike<T>, value: unknown): Promise<SchemaVerdict<T>> {
  try {
    if ("~standard" in schema) {
      const result = await schema["~standard"].validate(value);
      return result.issues === undefined
        ? { ok: true, value: result.value }
        : { ok: false, issues: result.issues };
    }
    const result = schema.safeParse(value);
    return result.success ? { ok: true, value: result.data } : { ok: false, issues: result.error };
  } catch (thrown) {
    return { ok: false, issues: thrown };
  }
}
