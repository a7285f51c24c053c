/** The first look: is healing on, is anything ill, what waits for me, how well does it do. @module */

import { type ReactNode } from "react";
import type { Overview as OverviewData } from "../api/pageTypes.ts";
import { useRead } from "../api/queries.ts";
import { linkTo } from "../app/router.ts";
import { Async } from "../ui/Async.tsx";
import { Ago, Badge, PageHead, Section } from "../ui/Basics.tsx";
import { Plot } from "../ui/Plot.tsx";
import { count, duration } from "../ui/words.ts";
import { KpiPlots } from "./overview/KpiPlots.tsx";
import { Waiting } from "./overview/Waiting.tsx";

// Pages are loaded lazily, so they are default exports.
export default function Overview(): ReactNode {
  const overview = useRead("get_dashboard_overview", {});
  return (
    <Async query={overview}>
      {(data) => (
        <>
          <PageHead title="Overview" lead={<StateOfHealing data={data} />} />
          <Waiting waiting={data.waiting} />
          <Tiles data={data} />
          <Day data={data} />
          <HealthCards data={data} />
          <KpiPlots />
        </>
      )}
    </Async>
  );
}

function StateOfHealing(
  { data: { switches, last_run: run } }: { data: OverviewData },
): ReactNode {
  const { enabled, dry_run: dryRun } = switches;
  return (
    <>
      <SwitchWord
        isOn={enabled?.actual !== false}
        isDry={dryRun?.actual === true}
        reason={enabled?.reason}
      />{" "}
      {run === null ? "The engine has not run yet." : (
        <>
          The engine ran <Ago at={run.dispatched_at} />
          {run.reason === null ? "." : `: ${run.reason}.`}
        </>
      )}
    </>
  );
}

function SwitchWord(
  { isOn, isDry, reason }: {
    isOn: boolean;
    isDry: boolean;
    reason: string | undefined;
  },
): ReactNode {
  if (!isOn) {
    return (
      <>
        <Badge state="off" tone="bad" label="Healing is off" /> {reason}.
      </>
    );
  }
  if (isDry) {
    return <Badge state="dry" tone="warn" label="Dry run: nothing is applied" />;
  }
  return <Badge state="on" tone="good" label="Healing is on" />;
}

/** A figure: its name, its value, what belongs to it, and where it leads. */
type Tile = readonly [name: string, value: string, note: string, href: string];

function tilesOf({ errors, fixes, patterns, healed_in_request: healed }: OverviewData["stats"]): Tile[] {
  const judged = fixes.kept + fixes.reverted + fixes.failed;
  const ended = `${count(fixes.reverted)} taken back, ${count(fixes.failed)} failed`;
  const inWork = `${count(errors.open + errors.validating)} are in work`;
  const ms = fixes.median_duration_ms;
  const healedErrors = linkTo("errors", { status: "healed" });
  const trusted = linkTo("patterns", { auto_fixable: "true" });
  return [
    ["Failures", count(errors.occurrences), `in ${count(errors.groups)} groups`, linkTo("errors")],
    ["Healed in the request", count(healed), "the caller saw none of it", healedErrors],
    ["Errors healed", count(errors.healed), inWork, healedErrors],
    ["Fixes kept", `${count(fixes.kept)} of ${count(judged)}`, ended, linkTo("fixes")],
    ["Time of a fix", duration(ms === null ? null : ms / 1_000), "half take less", linkTo("fixes")],
    ["Patterns that act alone", count(patterns.may_act_alone), `of ${count(patterns.known)} known`, trusted],
  ];
}

function Tiles({ data: { stats } }: { data: OverviewData }): ReactNode {
  return (
    <Section title="Last 24 hours">
      <div className="tiles">
        {tilesOf(stats).map(([name, value, note, href]) => (
          <a key={name} className="tile" href={href}>
            <span className="tile-name">{name}</span>
            <span className="tile-value">{value}</span>
            <span className="tile-note">{note}</span>
          </a>
        ))}
      </div>
    </Section>
  );
}

function Day({ data: { hours } }: { data: OverviewData }): ReactNode {
  if (hours.every(({ errors, healed }) => errors === 0 && healed === 0)) {
    return null;
  }
  return (
    <Section title="Failures and heals by the hour">
      <Plot
        label="Failures and heals in each hour of the last day"
        x={hours.map(({ at }) => at)}
        series={[
          {
            label: "Failures",
            values: hours.map(({ errors }) => errors),
            colour: "b",
            kind: "bars",
          },
          {
            label: "Heals",
            values: hours.map(({ healed }) => healed),
            colour: "a",
          },
        ]}
        format={count}
      />
    </Section>
  );
}

function HealthCards({ data: { health } }: { data: OverviewData }): ReactNode {
  return (
    <Section
      title="Health"
      aside={<a href={linkTo("health")}>Checks and schedules</a>}
    >
      {health.checks.length === 0
        ? (
          <p className="quiet-text">
            No check has looked yet: <code>health-check</code> runs every two minutes once its schedule fires.
          </p>
        )
        : (
          <div className="cards">
            {health.checks.map((
              { check_name: name, status, reason, is_stale: isStale },
            ) => (
              <a key={name} className="card" href={linkTo(`health/${name}`)}>
                <span className="card-head">
                  <b>{name.replaceAll("_", " ")}</b>
                  <Badge state={isStale ? "unknown" : status} />
                </span>
                <span className="card-text">
                  {isStale ? "nobody has looked for ten minutes" : reason}
                </span>
              </a>
            ))}
          </div>
        )}
    </Section>
  );
}
