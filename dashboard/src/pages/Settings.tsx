/** Every switch and limit: what is wanted, what is in force, and why they differ. @module */

import { type ReactNode, useState } from "react";
import { ACTS } from "../api/actions.ts";
import type { Control, Controls } from "../api/pageTypes.ts";
import { useRead } from "../api/queries.ts";
import { ActButton } from "../ui/ActButton.tsx";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, Empty, PageHead, Section } from "../ui/Basics.tsx";
import { Table } from "../ui/Table.tsx";
import { asText, asWords, count } from "../ui/words.ts";
import { SettingRow } from "./settings/SettingRow.tsx";

/** Settings that belong together; each stands in the first group that takes it. */
const GROUPS: readonly [title: string, belongs: RegExp][] = [
  ["What may be done", /^(mode_|quiet_hours|protected_areas|write_schemas)/],
  ["Budgets and limits", /^(max_|loop_|cooldown|ai_)/],
  ["Watching a fix", /^(validation_|approval_)/],
  ["Security and self-audit", /^(security_|audit_|self_audit|trusted_)/],
  ["Notifications", /^(notification_|dashboard_url)/],
  ["Optimising the database", /^optimise_/],
  ["Costs, patterns, history", /./],
];

function groupOf(name: string): string {
  return GROUPS.find(([, belongs]) => belongs.test(name))?.[0] ?? "";
}

export default function Settings(): ReactNode {
  const query = useRead("get_healing_controls", {});
  return (
    <Async query={query}>
      {(data) => (
        <>
          <PageHead
            title="Settings"
            lead="What you want, what is in force at this moment, and why the two differ. Every change keeps your name and your reason."
          />
          <Switches controls={data.controls} />
          <Budget data={data} />
          <AllSettings data={data} />
          <Channels data={data} />
        </>
      )}
    </Async>
  );
}

function AllSettings(
  { data: { controls, settings } }: { data: Controls },
): ReactNode {
  const [words, setWords] = useState("");
  const all = [
    ...controls,
    ...settings.map(({ key, ...one }) => ({ ...one, control: key })),
  ]
    .filter(({ control }) => control !== "enabled" && control !== "dry_run");
  const found = all.filter(({ control, description }) =>
    asWords(`${control} ${description}`).toLowerCase().includes(
      words.trim().toLowerCase(),
    )
  );
  return (
    <>
      <div className="filters find-setting">
        <div className="field grow">
          <label htmlFor="find-setting">Find a setting</label>
          <input
            id="find-setting"
            type="search"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        </div>
      </div>
      {found.length === 0 && <Empty title="No setting has these words" />}
      {GROUPS.map(([title]) => (
        <Group
          key={title}
          title={title}
          settings={found.filter(({ control }) => groupOf(control) === title)}
        />
      ))}
    </>
  );
}

function Group(
  { title, settings }: { title: string; settings: readonly Control[] },
): ReactNode {
  if (settings.length === 0) return null;
  return (
    <Section title={title}>
      <div className="settings">
        {settings.map((one) => <SettingRow key={one.control} setting={one} />)}
      </div>
    </Section>
  );
}

function Switches({ controls }: { controls: readonly Control[] }): ReactNode {
  const find = (name: string) => controls.find(({ control }) => control === name);
  const enabled = find("enabled");
  const dryRun = find("dry_run");
  return (
    <div className="switches">
      {enabled !== undefined && <KillSwitch control={enabled} />}
      {dryRun !== undefined && <DryRun control={dryRun} />}
    </div>
  );
}

function KillSwitch({ control }: { control: Control }): ReactNode {
  const isOn = control.wanted === true;
  const state = isOn ? "healing is on" : "healing is off";
  return (
    <section className={isOn ? "switch" : "switch thrown"} aria-label="Kill switch">
      <h2>
        Kill switch <Badge state={state} tone={isOn ? "good" : "bad"} />
      </h2>
      <p>
        While it is thrown no fix starts and no call is made again; what was applied is still judged, and
        taken back if it harms.
      </p>
      <SwitchState control={control} />
      {isOn ? <Stop /> : <GoOn />}
    </section>
  );
}

function Stop(): ReactNode {
  return (
    <ActButton
      label="Stop all healing"
      kind="danger"
      title="Stop all healing now"
      change={ACTS.changeSetting("enabled", false)}
    >
      <p>
        No fix starts and no call is made again. Moves in flight end first. What was applied is still judged,
        and taken back if it harms.
      </p>
    </ActButton>
  );
}

function GoOn(): ReactNode {
  return (
    <ActButton
      label="Let healing go on"
      kind="primary"
      title="Let healing go on"
      change={ACTS.changeSetting("enabled", true)}
    >
      <p>Errors that came meanwhile are taken up by the next run.</p>
    </ActButton>
  );
}

function DryRun({ control }: { control: Control }): ReactNode {
  const isDry = control.wanted === true;
  return (
    <section className="switch" aria-label="Dry run">
      <h2>
        Dry run{" "}
        <Badge
          state="dry"
          tone={isDry ? "warn" : "quiet"}
          label={isDry ? "on: nothing is applied" : "off"}
        />
      </h2>
      <p>While it is on, every fix is planned and shown, and none is applied.</p>
      <SwitchState control={control} />
      <ActButton
        label={isDry ? "End the dry run" : "Only plan, apply nothing"}
        title={isDry ? "End the dry run" : "Begin a dry run"}
        change={ACTS.changeSetting("dry_run", !isDry)}
      >
        <p>
          {isDry
            ? "Fixes are applied again, as the modes below allow."
            : "Every fix is planned and shown, and none is applied."}
        </p>
      </ActButton>
    </section>
  );
}

function SwitchState({ control }: { control: Control }): ReactNode {
  const { wanted, actual, reason, updated_by: by, updated_at: at } = control;
  const isInForce = JSON.stringify(wanted) === JSON.stringify(actual);
  return (
    <p className="quiet-text">
      {isInForce ? "In force" : `Wanted ${asText(wanted)}, in force ${asText(actual)}`}
      {reason !== "in force" && `: ${reason}`}. {by === "migration" ? "As it was installed." : (
        <>
          Set by {by}, <Ago at={at} />.
        </>
      )}
    </p>
  );
}

function Budget(
  { data: { ai_budget: budget } }: { data: Controls },
): ReactNode {
  if (budget === null) return null;
  return (
    <p className="notice">
      Models today: {count(budget.committed_tokens)} of {count(Number(budget.limit_tokens))}{" "}
      tokens, ${Number(budget.committed_usd).toFixed(2)} of ${asText(budget.limit_usd)}.
      {budget.refused > 0 && ` ${count(budget.refused)} calls were refused.`}
    </p>
  );
}

function Channels({ data: { channels } }: { data: Controls }): ReactNode {
  if (channels.length === 0) return null;
  return (
    <Section title="Who can be told">
      <Table
        label="Channels"
        rows={channels.map((one) => ({ ...one, id: one.name }))}
        columns={[
          {
            head: "Channel",
            cell: ({ name, reason }) => (
              <>
                {name}
                <span className="sub">{reason}</span>
              </>
            ),
          },
          { head: "State", cell: ({ status }) => <Badge state={status} /> },
          {
            head: "Last message",
            cell: ({ last_sent_at: at }) => <Ago at={at} />,
          },
          {
            head: "Last failure",
            cell: ({ last_error: error }) => error ?? "–",
            isSpare: true,
          },
        ]}
      />
    </Section>
  );
}
