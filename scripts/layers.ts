/**
 * Every door of `_shared`, lowest layer first. A gate enforces the list and `_shared/README.md` shows it.
 *
 * A door is a file that others may import; what it keeps private sits in a folder of the same name. It imports
 * doors of the layers below its own. Where a layer is `ordered`, it may also import doors that stand before it
 * in the same layer. Add a line here when a door is born; a door that is missing on either side is a problem.
 *
 * @module
 */

/** One layer of the library. */
export interface Layer {
  name: string;
  /** What holds for all of its doors, one sentence. */
  rule: string;
  /** True when a door may import the doors that stand before it in this layer. */
  ordered: boolean;
  /** The most source, in kilobytes and without packages, that importing one of its doors may load. */
  budgetKb: number;
  /** Paths relative to `_shared`, without the extension. */
  doors: readonly string[];
}

/** The layers, lowest first. */
export const LAYERS: readonly Layer[] = [
  {
    name: "core",
    rule: "Imports nothing but core and does no I/O except in the logger.",
    ordered: true,
    budgetKb: 160,
    doors: [
      "core/unknownValues",
      "core/errors",
      "core/options",
      "core/passing",
      "core/databaseErrors",
      "core/clock",
      "core/random",
      "core/errorMarks",
      "core/requestArms",
      "core/logger",
      "core/restoreLines",
      "core/validation",
      "core/database.types",
      "core/ports",
      "core/activity",
      "core/fixes",
      "core/settings",
      "core/secrets",
      "core/background",
      "core/sqlState",
      "core/sqlNames",
      "core/sqlSyntax",
      "core/jsonb",
      "core/unknownToInterface",
      "core/columns",
      "core/sha256",
      "core/memo",
      "core/stickyPlace",
      "babelParser",
      "core/codeSyntax",
      "core/codeEdits",
      "core/projectPaths",
    ],
  },
  {
    name: "kernels",
    rule: "Pure: no I/O, no clock of their own.",
    ordered: false,
    budgetKb: 215,
    doors: [
      "errorSanitizer",
      "robustJsonParser",
      "errorClassifier",
      "errorFingerprint",
      "fixActions",
      "contextAnalysis",
      "deterministicFixPatterns",
      "schemaValidator",
      "sqlStatements",
      "statistics",
      "codeRules",
    ],
  },
  {
    name: "resilience",
    rule: "Wraps one call; persists through ports.",
    ordered: true,
    budgetKb: 120,
    doors: [
      "retry",
      "timeout",
      "circuitBreaker",
      "bulkhead",
      "tracing",
      "performanceMonitor",
      "spool",
      "fallbackLogger",
    ],
  },
  {
    name: "storage",
    rule: "The only layer that knows SQL.",
    ordered: true,
    // A rollback point knows every kind of fix.
    budgetKb: 320,
    doors: [
      "supabaseClient",
      "postgres",
      "healingDb",
      "healthDb",
      "engineDb",
      "deploymentDb",
      "projectStore",
      "generationDb",
      "schemaReader",
      "callerToken",
      "transactionManager",
      "rollbackPoints",
      "unaskedFixes",
      "rolloutDb",
    ],
  },
  {
    name: "abilities",
    rule: "One ability each; they meet in a loop, not in each other.",
    ordered: false,
    budgetKb: 500,
    doors: [
      "patternLearning",
      "patternSharing",
      "fixExperiments",
      "statisticalValidation",
      "ensembleLearning",
      "errorAnalysis",
      "healingStrategies",
      "functionInvoker",
      "healingFetch",
      "resilientStorage",
      "writeReplayer",
      "jsonReporter",
      "aiClient",
      "implementationPlanner",
      "fileWriter",
      "projectTemplates",
      "migrationReview",
      "notifications",
      "autoFixEngine",
      "qualityValidator",
      "uxPatternIntegration",
      "approvals",
      "databaseOptimizer",
      "predictiveHealing",
      "autoTestGenerator",
      "concernedTests",
      "rollouts",
      "releaseWatch",
      "deployments",
    ],
  },
  {
    name: "loops",
    rule: "Join abilities and wire ports.",
    ordered: true,
    budgetKb: 1100,
    doors: [
      "requestObserver",
      "deploymentFailures",
      "healingEngine",
      "databaseHealer",
      "projectHealer",
      "errorInterceptor",
      "edgeHandler",
      "ownFunction",
      "scheduledRun",
      "healthMonitor",
      "timeoutActions",
      "projectGenerator",
      "generationEndpoint",
      "selfHealingLoop",
      "resilientDbWrapper",
      "universalIntegrationHelper",
    ],
  },
];
