/** Signing in, and why it is asked for again. @module */

import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useApp } from "./session.tsx";

/** The way in. */
export function SignIn(): ReactNode {
  const { client, hasExpired } = useApp();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  async function onSubmit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    const { error } = await client.auth.signInWithPassword({
      email: String(form.get("email")).trim(),
      password: String(form.get("password")),
    });
    setBusy(false);
    setProblem(error === null ? undefined : explain(error));
  }
  return (
    <main className="sign-in">
      <form className="sign-in-card" onSubmit={(event) => void onSubmit(event)}>
        <p className="brand">
          <Mark /> Healing
        </p>
        <h1>Sign in</h1>
        {hasExpired && <Expired />}
        <Field name="email" label="E-mail" type="email" autoComplete="username" />
        <Field name="password" label="Password" type="password" autoComplete="current-password" />
        {problem !== undefined && <p className="form-error" role="alert">{problem}</p>}
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? "Signing in …" : "Sign in"}
        </button>
        <p className="quiet-text">
          For admins of the project: users whose app metadata has the role admin.
        </p>
      </form>
    </main>
  );
}

function Expired(): ReactNode {
  return (
    <p className="notice" role="status">Your session has ended. Sign in, and you are back where you were.</p>
  );
}

function explain(
  { code, message, status }: {
    code?: string | undefined;
    message: string;
    status?: number | undefined;
  },
): string {
  if (code === "invalid_credentials") {
    return "E-mail and password do not belong together.";
  }
  if (status === undefined || status === 0 || status >= 500) {
    return "The backend does not answer. Try again in a moment.";
  }
  return message;
}

function Field(
  { name, label, type, autoComplete }: {
    name: string;
    label: string;
    type: string;
    autoComplete: string;
  },
): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        type={type}
        autoComplete={autoComplete}
        required
      />
    </div>
  );
}

/** The mark of the dashboard. */
export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M5 17h5l3-8 6 15 3-7h5" />
    </svg>
  );
}
