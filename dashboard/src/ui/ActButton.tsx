/** A change that an admin makes: what will happen, asked once more, with a reason that is kept. @module */

import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Act } from "../api/actions.ts";
import { CallError } from "../api/client.ts";
import { useAct } from "../api/queries.ts";

/** What an {@link ActButton} needs. */
export interface ActButtonProps {
  label: string;
  /** The question of the dialog. */
  title: string;
  /** What exactly will happen. */
  children: ReactNode;
  change: Act;
  kind?: "primary" | "danger" | "plain";
  disabled?: boolean;
  /** Called when it was made. */
  onDone?: () => void;
}

/** A button that opens the question. */
export function ActButton(
  { label, kind = "plain", disabled = false, ...rest }: ActButtonProps,
): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className={kind}
        disabled={disabled}
        onClick={() => setOpen(true)}
      >
        {label}
      </button>
      {isOpen && (
        <ActDialog
          {...rest}
          label={label}
          kind={kind}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function ActDialog(
  { label, title, children, change, kind, onDone, onClose }: ActButtonProps & {
    onClose: () => void;
  },
): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState("");
  const heading = useId();
  const look = kind === "danger" ? "danger" : "primary";
  const made = useAct();
  useEffect(() => dialog.current?.showModal(), []);
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    made.mutate({ change, reason: reason.trim() }, {
      onSuccess: () => {
        onDone?.();
        onClose();
      },
    });
  }
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={heading} onClose={onClose}>
      <form onSubmit={onSubmit}>
        <h2 id={heading}>{title}</h2>
        <div className="dialog-text">{children}</div>
        <ReasonField value={reason} onChange={setReason} />
        {made.error !== null && <p className="form-error" role="alert">{refusalText(made.error)}</p>}
        <div className="dialog-actions">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" className={look} disabled={reason.trim() === "" || made.isPending}>
            {made.isPending ? "Working …" : label}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function ReasonField(
  { value, onChange }: { value: string; onChange: (value: string) => void },
): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Why? It is kept with your name.</label>
      <textarea
        id={id}
        rows={2}
        required
        maxLength={1_000}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

function refusalText(error: Error): string {
  const hint = error instanceof CallError ? error.hint : undefined;
  return hint === undefined ? error.message : `${error.message}. ${hint}`;
}
