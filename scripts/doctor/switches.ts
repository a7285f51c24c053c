/** What the switches allow, and where what is in force differs from what is wanted. @module */

import { type Examination, type Finding, notice, well } from "./examination.ts";

interface Setting {
  key: string;
  wanted: unknown;
  actual: unknown;
  reason: string;
}

/** Reads the settings as an admin would. */
export const switches: Examination = {
  name: "Switches",
  look: async ({ sql }) => {
    const settings = await sql<Setting>(
      "select key, wanted, actual, reason from public.healing_settings order by key",
    );
    return [judgeSwitch(settings), ...settings.flatMap(judgeSetting), ...suggested(settings)];
  },
};

function judgeSwitch(settings: readonly Setting[]): Finding {
  const wants = (name: string) => settings.find(({ key }) => key === name)?.wanted;
  if (wants("enabled") === false) {
    return notice(
      "the kill switch is thrown: nothing heals",
      "select change_healing_setting('enabled', 'true', '<why>');",
    );
  }
  if (wants("dry_run") === true) {
    return notice(
      "dry run: fixes are only shown",
      "select change_healing_setting('dry_run', 'false', '<why>');",
    );
  }
  return well("healing is on");
}

function judgeSetting({ key, wanted, actual, reason }: Setting): Finding[] {
  const [wish, fact] = [JSON.stringify(wanted), JSON.stringify(actual)];
  return wish === fact ? [] : [notice(`${key} is to be ${wish} and is ${fact}: ${reason}`)];
}

function suggested(settings: readonly Setting[]): Finding[] {
  const groups = settings.filter(({ key, actual }) => key.startsWith("mode_") && actual === "suggest")
    .map(({ key }) => key.slice("mode_".length));
  return groups.length === 0
    ? []
    : [well(`only suggested until an admin turns them on: fixes of ${groups.join(", ")}`)];
}
