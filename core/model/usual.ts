/** Defaults: the utilisation that leaves room for peaks, and the bytes that one Redis may hold. */
export const USUAL = { utilisation: 0.7, redisNodeBytes: 16e9 } as const;
