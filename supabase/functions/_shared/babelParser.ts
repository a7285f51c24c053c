/**
 * The adapter of Babel's parser: everything else imports it, and the shapes of its trees, from here.
 *
 * It reads TypeScript and JSX into a tree and runs nothing of what it reads.
 *
 * @module
 */

export { parse } from "npm:@babel/parser@7.28.5";
export type * as ast from "npm:@babel/types@7.29.15";
