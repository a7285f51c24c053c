/** One setting: its value, what is in force, and the way to change it. @module */

import { type ReactNode, useId, useState } from "react";
import { ACTS } from "../../api/actions.ts";
import type { Control } from "../../api/pageTypes.ts";
import { ActButton } from "../../ui/ActButton.tsx";
import { Ago, Badge } from "../../ui/Basics.tsx";
import { asText, asWords } from "../../ui/words.ts";

/** A row of the settings. */
export function SettingRow({ setting }: { setting: Control }): ReactNode {
  const { control, wanted, actual } = setting;
  // The cooldown is no value that could be in force or not.
  const isFixed = control === "cooldown";
  const differs = !isFixed && JSON.stringify(wanted) !== JSON.stringify(actual);
  return (
    <article className={differs ? "setting differs" : "setting"}>
      <About setting={setting} differs={differs} />
      {isFixed
        ? <span className="num">{asText(actual)}</span>
        : <Value key={JSON.stringify(wanted)} control={control} wanted={wanted} />}
    </article>
  );
}

function About({ setting, differs }: { setting: Control; differs: boolean }): ReactNode {
  const { control, actual, reason, description, updated_by: by, updated_at: at } = setting;
  return (
    <div>
      <h3 className="sentence">{asWords(control)}</h3>
      <p>{description}</p>
      {control === "cooldown" && <p>{reason}</p>}
      {differs && (
        <p>
          <Badge state="differs" tone="warn" label={`in force: ${asText(actual)}`} /> {reason}
        </p>
      )}
      {by !== "migration" && (
        <p className="quiet-text">
          Set by {by}, <Ago at={at} />
        </p>
      )}
    </div>
  );
}

const MODES = ["auto", "suggest", "off"];

function Value(
  { control, wanted }: { control: string; wanted: unknown },
): ReactNode {
  const [text, setText] = useState(JSON.stringify(wanted));
  const value = parse(text);
  const isChanged = value.ok &&
    JSON.stringify(value.value) !== JSON.stringify(wanted);
  return (
    <div className="setting-value">
      <Editor
        name={asWords(control)}
        control={control}
        wanted={wanted}
        text={text}
        onChange={setText}
      />
      {!value.ok && <p className="form-error">This is no JSON.</p>}
      {isChanged && (
        <ActButton
          label="Change"
          kind="primary"
          title={`Change ${asWords(control)}`}
          change={ACTS.changeSetting(control, value.ok ? value.value : null)}
        >
          <p>
            From <code>{asText(wanted)}</code> to <code>{value.ok ? asText(value.value) : ""}</code>.
          </p>
        </ActButton>
      )}
    </div>
  );
}

function parse(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

interface EditorProps {
  name: string;
  control: string;
  wanted: unknown;
  /** JSON. */
  text: string;
  onChange: (text: string) => void;
}

function Editor(props: EditorProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label className="hidden" htmlFor={id}>{props.name}</label>
      <Input id={id} {...props} />
    </div>
  );
}

function Input({ id, control, wanted, text, onChange }: EditorProps & { id: string }): ReactNode {
  const choices = choicesOf(control, wanted);
  if (choices !== undefined) {
    return (
      <select id={id} value={text} onChange={(event) => onChange(event.target.value)}>
        {choices.map((one) => <option key={String(one)} value={JSON.stringify(one)}>{String(one)}</option>)}
      </select>
    );
  }
  if (typeof wanted === "string") {
    const plain = asPlain(text);
    return <input id={id} value={plain} onChange={(event) => onChange(JSON.stringify(event.target.value))} />;
  }
  const mode = typeof wanted === "number" ? "decimal" : "text";
  return (
    <input
      id={id}
      className="num"
      inputMode={mode}
      value={text}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function choicesOf(
  control: string,
  wanted: unknown,
): readonly unknown[] | undefined {
  if (typeof wanted === "boolean") return [true, false];
  return control.startsWith("mode_") ? MODES : undefined;
}

function asPlain(text: string): string {
  const value = parse(text);
  return value.ok && typeof value.value === "string" ? value.value : text;
}
