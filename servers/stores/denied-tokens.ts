/**
 * The denied tokens known to a replica, in memory. An entry is removed with the last token that it could deny, so
 * memory is bounded by the revocations within the lifetime of a token. Pure.
 */

export interface DeniableToken {
  readonly jti: string;
  readonly userId: string;
  readonly issuedMs: number;
}

interface DeniedUser {
  /** The user's tokens issued up to here are denied, in ms since the epoch. */
  readonly untilMs: number;
  readonly endsAtMs: number;
}

const secondOf = (ms: number): number => Math.floor(ms / 1000);

export class DeniedTokens {
  readonly #ids = new Set<string>();
  readonly #users = new Map<string, DeniedUser>();
  /** Ids by the second in which they expire, so that a sweep visits only expired ones. */
  readonly #ending = new Map<number, string[]>();

  /** The number of entries. */
  get size(): number {
    return this.#ids.size + this.#users.size;
  }

  has({ jti, userId, issuedMs }: DeniableToken): boolean {
    if (this.#ids.has(jti)) return true;
    const user = this.#users.get(userId);
    return user !== undefined && issuedMs <= user.untilMs;
  }

  /** @param endsAtMs when the token expires, in ms since the epoch */
  denyToken(jti: string, endsAtMs: number): void {
    if (this.#ids.has(jti)) return;
    this.#ids.add(jti);
    const second = secondOf(endsAtMs);
    const ending = this.#ending.get(second);
    if (ending === undefined) this.#ending.set(second, [jti]);
    else ending.push(jti);
  }

  /** The date only increases: setting the clock back must not revive ended tokens. */
  denyUser(userId: string, untilMs: number, endsAtMs: number): void {
    const before = this.#users.get(userId);
    if (before !== undefined && before.untilMs >= untilMs) return;
    this.#users.set(userId, { untilMs, endsAtMs });
  }

  /** Drops entries that ended before the second of `nowMs`, on the clock that also expires the tokens. */
  sweep(nowMs: number): void {
    for (const [second, ids] of this.#ending) {
      if (second >= secondOf(nowMs)) continue;
      for (const jti of ids) this.#ids.delete(jti);
      this.#ending.delete(second);
    }
    for (const [userId, { endsAtMs }] of this.#users) if (endsAtMs < nowMs) this.#users.delete(userId);
  }
}
