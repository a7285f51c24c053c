/** The adapter of smol-toml: everything else imports it from here. @module */

export { parse as parseToml, TomlError } from "npm:smol-toml@1.9.1";
