/** What a session holds, and how it is read back. */
import type { Identity } from '../contract.ts';

export interface SessionRecord {
  readonly user: Identity;
  /** The absolute end, in ms since the epoch. */
  readonly endsAtMs: number;
}

/** A session before login: it exists, and is nobody's. */
export type AnonymousRecord = { readonly user?: never; readonly endsAtMs?: never };

function isIdentity(value: unknown): value is Identity {
  if (typeof value !== 'object' || value === null) return false;
  const { id, username, roles } = value as Partial<Record<keyof Identity, unknown>>;
  return (
    typeof id === 'string' &&
    typeof username === 'string' &&
    Array.isArray(roles) &&
    roles.every((role) => typeof role === 'string')
  );
}

/**
 * Reads a stored session. Anything that is not one (broken JSON, a wrong shape) is null: a client whose session was
 * damaged has to log in again, and never meets a 500. Checked by hand, since this is on the hot path.
 */
export function readRecord(json: string): SessionRecord | AnonymousRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { user, endsAtMs } = value as { user?: unknown; endsAtMs?: unknown };
  if (user === undefined) return {};
  return isIdentity(user) && typeof endsAtMs === 'number' && Number.isFinite(endsAtMs) ? { user, endsAtMs } : null;
}
