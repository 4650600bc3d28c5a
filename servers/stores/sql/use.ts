/** When to record the use of a session, in a store in which that is a separate write, more expensive than the read. */

/** The part of the idle timeout by which a session may end early, but never late. */
const NOTE_USE_AFTER = 1 / 30;

export interface UseRules {
  /** When the idle timeout ends a session used now. It never outlives its absolute end. */
  idleEndMs(nowMs: number, endsAtMs: number): number;
  /** Whether a use now must be recorded, for a session that otherwise ends at `idleEndsAtMs`. */
  isDue(nowMs: number, idleEndsAtMs: number, endsAtMs: number): boolean;
}

export function useRules(settings: { readonly idleTimeoutMs: number; readonly noteEveryUse: boolean }): UseRules {
  const { idleTimeoutMs, noteEveryUse } = settings;
  const leastMs = noteEveryUse ? 1 : Math.max(1, idleTimeoutMs * NOTE_USE_AFTER);
  const idleEndMs = (nowMs: number, endsAtMs: number) => Math.min(nowMs + idleTimeoutMs, endsAtMs);
  return {
    idleEndMs,
    isDue: (nowMs, idleEndsAtMs, endsAtMs) => idleEndMs(nowMs, endsAtMs) - idleEndsAtMs >= leastMs,
  };
}
