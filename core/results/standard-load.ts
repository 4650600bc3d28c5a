/**
 * Requests in flight to one server in every closed or paired load whose figures are compared with another experiment's: each
 * profile of `toll` measures at this load, and the headline, the ranking and the capacity model take their costs from it.
 */
export const STANDARD_IN_FLIGHT = 10;
