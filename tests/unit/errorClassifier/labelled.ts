/** The form of the labelled corpus of the classifier. @module */

import type {
  ClassifierInput,
  ErrorCategory,
  ErrorType,
} from "../../../supabase/functions/_shared/errorClassifier.ts";

/** An error and the verdict that it must get. */
export interface Labelled {
  input: ClassifierInput;
  errorType: ErrorType;
  transient: boolean;
  category?: ErrorCategory;
  subject?: Record<string, string>;
}

/** A permanent error: the same call meets it again. */
export function permanent(
  errorType: ErrorType,
  input: ClassifierInput,
  subject?: Record<string, string>,
  category?: ErrorCategory,
): Labelled {
  return { input, errorType, transient: false, ...(subject && { subject }), ...(category && { category }) };
}

/** A transient error: the same call may succeed later. */
export function transient(errorType: ErrorType, input: ClassifierInput, category?: ErrorCategory): Labelled {
  return { input, errorType, transient: true, ...(category && { category }) };
}

/** What a driver throws: SQLSTATE and message. */
export function sql(code: string, message: string): ClassifierInput {
  return { name: "error", code, message };
}
