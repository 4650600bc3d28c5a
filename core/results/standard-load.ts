/**
 * Requests in flight to one server in every closed or paired load whose figures are compared between experiments:
 * each profile of `toll` measures at this load, and the headline, the ranking and the capacity model use it.
 */
export const STANDARD_IN_FLIGHT = 10;
