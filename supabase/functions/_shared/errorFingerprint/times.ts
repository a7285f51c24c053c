/** Points in time as programs of several countries write them; expressions without flags, each bounded. @module */

const MONTH =
  "(?:[Jj]an|[Ee]ne|[Gg]en|[Ff]eb|[Ff]év|[Ff]ev|[Mm]ar|[Mm]är|[Aa]pr|[Aa]br|[Aa]vr|[Mm]ay|[Mm]ai|[Mm]ag|" +
  "[Jj]un|[Jj]ui|[Gg]iu|[Jj]ul|[Ll]ug|[Aa]ug|[Aa]go|[Aa]oû|[Ss]ep|[Ss]et|[Oo]ct|[Oo]kt|[Oo]ut|[Oo]tt|[Nn]ov|[Dd]ec|[Dd]ez|" +
  "[Dd]éc|[Dd]ic)[a-zûéèç]{0,8}\\.?";
const DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}";
const CLOCK = "\\d{1,2}:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?(?:\\s?[AaPp]\\.?[Mm]\\b\\.?)?";
const ZONE =
  "(?:\\s?(?:Z|UTC|GMT|CES?T|[EP][SD]T))?(?:\\s?[+-]\\d\\d(?::?\\d\\d)?(?!\\d))?(?: \\([A-Z][A-Za-z ]{2,50}\\))?";
const AT = "(?:,| at| um| à| a las| -)? ";
const LATER = `(?:${AT}${CLOCK}${ZONE})?`;
const END = "(?![A-Za-z0-9_])";

/** Times that begin with a digit. */
export const TIMES_BY_DIGIT: readonly string[] = [
  `\\d{4}([-/.])\\d{1,2}\\1\\d{1,2}(?:(?:[T_]|,? )${CLOCK}${ZONE})?${END}`,
  `\\d{4}-\\d\\d-\\d\\d[T_ ]\\d\\d-\\d\\d-\\d\\d(?:[-.]\\d{1,9})?Z?${END}`,
  `\\d{8}T\\d{4,6}(?:\\.\\d{1,9})?Z?${END}`,
  `\\d{1,2}([/.-])\\d{1,2}\\1\\d{4}${LATER}${END}`,
  `\\d{1,2}/\\d{1,2}/\\d\\d${LATER}${END}`,
  `\\d{1,2}(?:st|nd|rd|th|\\.|er)?[ -](?:de |of )?${MONTH},?[ -](?:de |of )?\\d{4}${LATER}${END}`,
  "\\d{4}年\\d{1,2}月\\d{1,2}日(?: ?\\d{1,2}[時时:]\\d{1,2}分?)?",
  `\\d{4}-?W\\d\\d(?:-\\d)?${END}`,
  `\\d{1,2}:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?(?:\\s?[AaPp]\\.?[Mm]\\b)?${ZONE}${END}`,
  `\\d{1,2}(?::\\d\\d)?\\s?[AaPp]\\.?[Mm]\\b`,
];

/** Times that begin with the name of a day or a month. */
export const TIMES_BY_NAME: readonly string[] = [
  `(?:${DAY},? )?(?:\\d{1,2}(?:st|nd|rd|th)? ${MONTH}|${MONTH} \\d{1,2}(?:st|nd|rd|th)?),? (?:${CLOCK} )?\\d{4}${LATER}${ZONE}`,
  `(?:${DAY},? )?${MONTH} {1,2}\\d{1,2} ${CLOCK}`,
];
