/** What is taken where nobody says otherwise: room for peaks, and what one Redis may hold. */
export const USUAL = { utilisation: 0.7, redisNodeBytes: 16e9 } as const;
