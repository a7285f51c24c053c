export { parseJson } from "./robustJsonParser/parse.ts";
