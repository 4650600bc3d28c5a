/**
 * The promises of an arm as a small model: which credentials are valid, for what, and where. It knows only the arm's
 * description, not how the arm keeps a promise. Pure except for its own state.
 */
import type { ArmInfo, Identity } from '../../../servers/contract.ts';

export type Which = 0 | 1;

/** One request. `credential` counts logins so far, modulo their number, so that steps can be removed from a sequence. */
export type Step =
  | { readonly kind: 'login'; readonly at: Which; readonly user: number; readonly password: 'right' | 'wrong' }
  | { readonly kind: 'login again'; readonly at: Which; readonly credential: number }
  | { readonly kind: 'read' | 'admin'; readonly at: Which; readonly credential: number }
  | { readonly kind: 'transfer' | 'logout' | 'logout-all'; readonly at: Which; readonly credential: number }
  | { readonly kind: 'transfer without csrf'; readonly at: Which; readonly credential: number }
  | { readonly kind: 'refresh'; readonly at: Which; readonly credential: number; readonly age: 0 | 1 | 2 }
  | { readonly kind: 'disable'; readonly at: Which; readonly credential: number; readonly user: number }
  | { readonly kind: 'anonymous'; readonly at: Which }
  | { readonly kind: 'wait'; readonly ms: number };

export interface Promises extends ArmInfo {
  /** Critical operations are refused at once although light reads are not. */
  readonly checksCritical: boolean;
  readonly refreshGraceMs: number;
}

interface Credential {
  readonly user: Identity;
  readonly issuedAt: Which;
  /** When it was ended, on the model's clock; null while it is valid. */
  endedAtMs: number | null;
  /** Ended together with it at logout: the session behind a token, the family of a refresh token. */
  isBacked: boolean;
}

/** All refresh tokens of one login. */
interface Family {
  alive: boolean;
  number: number;
  rotatedAtMs: number;
  readonly user: Identity;
  readonly credentials: Credential[];
}

export interface Login {
  readonly credential: Credential;
  readonly family: Family | null;
}

export interface Model {
  forward(ms: number): void;
  /** The statuses that keep the promises: usually one, two if a promise leaves a choice. */
  expected(step: Step, about: Login | null): readonly number[];
  /** Applies a step and the status of its answer. The new login, if there is one. */
  apply(step: Step, about: Login | null, status: number): Login | null;
  isDisabled(user: Identity, at: Which): boolean;
  /** The user that `GET /me` names. */
  namedBy(login: Login | null): Identity;
}

const UNAUTHENTICATED = 401;
const FORBIDDEN = 403;

export function createModel(arm: Promises, users: readonly Identity[]): Model {
  let nowMs = 0;
  const logins: Login[] = [];
  const disabled: [Set<string>, Set<string>] = [new Set(), new Set()];
  const isShared = arm.serverState !== 'none' && arm.serverState !== 'process';
  const keepsNothing = arm.serverState === 'none';
  const userOf = (index: number): Identity => users[index % users.length] ?? { id: '', username: '', roles: [] };
  const admin = users.find(({ roles }) => roles.includes('admin')) ?? userOf(0);
  const namedBy = (login: Login | null) => (arm.baseline || login === null ? admin : login.credential.user);

  /** Whether the replica can know what happened at the other. */
  const reaches = (at: Which, credential: Credential) => !arm.needsStickyRouting || credential.issuedAt === at;

  /** The statuses of a light read. */
  function reading(at: Which, { endedAtMs, ...credential }: Credential): readonly number[] {
    if (arm.baseline) return [200];
    if (!reaches(at, { endedAtMs, ...credential })) return [UNAUTHENTICATED];
    if (endedAtMs === null || arm.revocation === 'at-expiry') return [200];
    if (arm.revocation === 'at-once' || nowMs - endedAtMs > arm.revocation.withinMs) return [UNAUTHENTICATED];
    // A cache may or may not have been notified; a token of an ended family cannot be valid.
    return arm.checksCritical ? [200, UNAUTHENTICATED] : [200];
  }

  /** The statuses of a critical operation before its role is checked. */
  function critical(at: Which, { credential }: Login, hasCsrf: boolean): readonly number[] {
    const read = reading(at, credential);
    if (!read.includes(200)) return read;
    const refused = read.filter((status) => status !== 200);
    if (!hasCsrf && arm.needsCsrfProtection) return [...refused, FORBIDDEN];
    const isRefused =
      !arm.baseline &&
      ((isShared && disabled[at].has(credential.user.id)) || (arm.checksCritical && !credential.isBacked));
    return isRefused ? [UNAUTHENTICATED] : [...refused, 200];
  }

  const replaced = (from: readonly number[], success: number): number[] =>
    from.map((status) => (status === 200 ? success : status));

  function refreshed({ family }: Login, at: Which, age: number): readonly number[] {
    if (family === null) return [404];
    const presented = family.number - age;
    if (!family.alive || presented < 1 || disabled[at].has(family.user.id)) return [UNAUTHENTICATED];
    if (age === 0) return [200];
    return age === 1 && nowMs - family.rotatedAtMs < arm.refreshGraceMs ? [200] : [UNAUTHENTICATED];
  }

  function end({ credential, family }: Login): void {
    for (const one of family?.credentials ?? [credential]) {
      one.endedAtMs ??= nowMs;
      one.isBacked = false;
    }
    if (family !== null) family.alive = false;
  }

  function endAllOf(userId: string, at: Which): void {
    for (const login of logins) if (login.credential.user.id === userId && reaches(at, login.credential)) end(login);
  }

  /** Without a store nothing is ended: a copy of the credential stays valid. */
  const ends = (at: Which, login: Login, action: () => void) => {
    if (!keepsNothing && reaches(at, login.credential)) action();
  };

  function enter(user: Identity, issuedAt: Which): Login {
    const credential: Credential = { user, issuedAt, endedAtMs: null, isBacked: true };
    const family =
      arm.refreshTokens === true
        ? { alive: true, number: 1, rotatedAtMs: Number.NEGATIVE_INFINITY, user, credentials: [credential] }
        : null;
    const login = { credential, family };
    logins.push(login);
    return login;
  }

  return {
    forward(ms) {
      nowMs += ms;
    },
    isDisabled: (user, at) => disabled[at].has(user.id),
    namedBy,

    expected(step, about) {
      switch (step.kind) {
        case 'login':
          return step.password === 'wrong' || disabled[step.at].has(userOf(step.user).id) ? [UNAUTHENTICATED] : [200];
        case 'login again':
          return about === null || disabled[step.at].has(about.credential.user.id) ? [UNAUTHENTICATED] : [200];
        case 'anonymous':
          return arm.baseline ? [200] : [UNAUTHENTICATED];
        case 'wait':
          return [];
      }
      if (about === null) return [];
      switch (step.kind) {
        case 'read':
          return reading(step.at, about.credential);
        case 'admin':
          return replaced(reading(step.at, about.credential), namedBy(about).roles.includes('admin') ? 200 : FORBIDDEN);
        case 'transfer':
          return critical(step.at, about, true);
        case 'transfer without csrf':
          return critical(step.at, about, false);
        case 'logout-all':
          return replaced(critical(step.at, about, true), 204);
        case 'logout':
          return replaced(reading(step.at, about.credential), 204);
        case 'refresh':
          return refreshed(about, step.at, step.age);
        case 'disable':
          return replaced(critical(step.at, about, true), namedBy(about).roles.includes('admin') ? 204 : FORBIDDEN);
      }
    },

    apply(step, about, status) {
      if (step.kind === 'login') return status === 200 ? enter(userOf(step.user), step.at) : null;
      if (about === null) return null;
      if (step.kind === 'login again') {
        if (status !== 200) return null;
        // An existing session is ended; a token is no session of the browser.
        if (arm.needsCsrfProtection) ends(step.at, about, () => end(about));
        return enter(about.credential.user, step.at);
      }
      if (step.kind === 'logout' && status === 204) ends(step.at, about, () => end(about));
      if (step.kind === 'logout-all' && status === 204)
        ends(step.at, about, () => endAllOf(about.credential.user.id, step.at));
      if (step.kind === 'disable' && status === 204) {
        const { id } = userOf(step.user);
        for (const at of isShared ? ([0, 1] as const) : [step.at]) disabled[at].add(id);
        if (!keepsNothing) endAllOf(id, step.at);
      }
      if (step.kind === 'refresh' && about.family !== null) rotate(about.family, about.credential, step.age, status);
      return null;
    },
  };

  function rotate(family: Family, first: Credential, age: number, status: number): void {
    if (status === 200) {
      family.credentials.push({ ...first, endedAtMs: null, isBacked: true });
      if (age > 0) return;
      family.number += 1;
      family.rotatedAtMs = nowMs;
    } else if (family.number - age >= 1) family.alive = false;
  }
}
