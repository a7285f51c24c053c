/** Refuses options that make no sense, always in the same sentence. @module */

/** Throws a `RangeError` that names the option, what it must be and what it is, unless it `holds`. */
export type OptionCheck = (key: string, value: unknown, holds: boolean, wanted: string) => void;

/** The check of one thing's options; `task` is what cannot be done with a wrong one, such as `create Tracer`. */
export function optionCheck(task: string): OptionCheck {
  return (key, value, holds, wanted) => {
    if (holds) return;
    throw new RangeError(`Cannot ${task} as "${key}" must be ${wanted}: current value is ${value}`);
  };
}
