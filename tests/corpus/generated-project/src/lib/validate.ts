export interface SignUp {
  email: string;
  password: string;
  age?: number;
}

export type FieldErrors = Partial<Record<keyof SignUp, string>>;

export function validateSignUp(form: SignUp): FieldErrors {
  const errors: FieldErrors = {};
  if (!form.email.includes("@")) errors.email = "That is no e-mail address";
  if (form.password.length < 8) errors.password = "Use at least 8 characters";
  if (form.age !== undefined && form.age < 18) errors.age = "You must be 18";
  return errors;
}

export function isValid(errors: FieldErrors): boolean {
  return Object.keys(errors).length === 0;
}

export function clampQuantity(wanted: number, stock: number): number {
  return Math.max(1, Math.min(wanted, stock));
}
