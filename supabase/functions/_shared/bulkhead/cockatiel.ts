/** The adapter of cockatiel: everything else imports it from here. @module */

export {
  bulkhead,
  type BulkheadPolicy,
  circuitBreaker,
  ConsecutiveBreaker,
  ConstantBackoff,
  handleAll,
  isBulkheadRejectedError,
  retry,
  SamplingBreaker,
} from "npm:cockatiel@4.0.0";
