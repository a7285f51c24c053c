/**
 * The adapter of Babel's parser: everything else imports it from here.
 *
 * It reads TypeScript and JSX into a tree and runs nothing of what it reads.
 *
 * @module
 */

export { parse } from "npm:@babel/parser@7.28.5";
