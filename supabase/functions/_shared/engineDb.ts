/**
 * The part of the database contract that only the engine, its abilities and people use: experiments, approvals, rollback
 * points, tests, findings, what the platform tells. Functions of authors load none of it.
 *
 * @module
 */

export * from "./engineDb/approvals.ts";
export * from "./engineDb/reverts.ts";
export * from "./engineDb/aftermath.ts";
export * from "./engineDb/tests.ts";
export * from "./engineDb/optimisations.ts";
export * from "./engineDb/findings.ts";
export * from "./engineDb/platform.ts";
export * from "./engineDb/experiments.ts";
export * from "./engineDb/votes.ts";
