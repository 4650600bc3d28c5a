/** Checks 42–46, 53 and 54: refresh tokens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArmInfo, type LoginReply, ROUTES } from '../../../servers/contract.ts';
import { alterations } from '../attacks/alter.ts';
import { type Check, fail, type Outcome, pass, verdict } from '../check.ts';
import { type ClientSession, clientSessionFrom } from '../client-session.ts';
import { endCredential, endOnceServed } from '../end-credential.ts';
import type { Answer } from '../http.ts';
import { onceServed } from '../once-served.ts';
import { readOnceServed } from '../served.ts';
import { type GateTarget, isFor } from '../target.ts';
import type { Which } from '../which.ts';

const needsRefresh = (arm: ArmInfo): true | string => arm.refreshTokens === true || 'there is no refresh token';
const common = { family: 'refresh', quick: false, appliesTo: needsRefresh } as const;
const REPLICAS: readonly Which[] = [0, 1];

/** @throws Error if the login returned no refresh token */
function refreshTokenOf({ refreshToken }: ClientSession): string {
  if (refreshToken === null) throw new Error('the login gave no refresh token');
  return refreshToken;
}

/** Sends a refresh token. If it was used although the answer was 503, it gets the same successor for a while. */
const refreshed = (target: GateTarget, which: Which, refreshToken: string): Promise<Answer> =>
  onceServed(() => target.refresh(which, refreshToken));

/** Exchanges the refresh token for the next. @throws Error if it is refused */
async function traded(target: GateTarget, which: Which, session: ClientSession): Promise<ClientSession> {
  const reply = await refreshed(target, which, refreshTokenOf(session));
  if (reply.status !== 200) throw new Error(`a valid refresh token got ${reply.status}`);
  return clientSessionFrom(session.user, reply);
}

/** Waits until the grace period of a used token is over. */
async function afterGrace({ settings }: GateTarget): Promise<void> {
  await sleep((settings.refreshGraceMs ?? 0) + 50);
}

const ATTEMPTS = 4;

/**
 * Uses a family steadily and observes when it ends.
 * @returns null if this machine was too slow to use it steadily, so that its idle timeout may have ended it
 */
async function absoluteEnd(target: GateTarget): Promise<Outcome | null> {
  const { idleTimeoutMs = 0, absoluteTimeoutMs = 0 } = target.settings;
  let session = await target.login(0, target.freshUser());
  const { sentAtMs: firstMs, answeredAtMs } = session.reply;
  let usedAtMs = answeredAtMs;
  for (let turn = 0; ; turn++) {
    await sleep(Math.min(idleTimeoutMs / 4, Math.max(1, answeredAtMs + absoluteTimeoutMs + 20 - performance.now())));
    const reply = await refreshed(target, turn % 2 === 0 ? 1 : 0, refreshTokenOf(session));
    const lastedMs = reply.sentAtMs - answeredAtMs;
    if (reply.status === 200) {
      if (lastedMs > absoluteTimeoutMs) {
        return fail(
          `a refresh token was accepted ${Math.round(lastedMs)} ms after login; the limit is ${absoluteTimeoutMs} ms`,
        );
      }
      if (reply.answeredAtMs - usedAtMs > idleTimeoutMs) return null;
      session = clientSessionFrom(session.user, reply);
      usedAtMs = reply.answeredAtMs;
      continue;
    }
    if (reply.status !== 401) return fail(`a refresh token got ${reply.status}`);
    if (reply.answeredAtMs - usedAtMs >= idleTimeoutMs * 0.9) return null;
    if (reply.answeredAtMs - firstMs >= absoluteTimeoutMs) {
      return pass(`a family in steady use ended after ${absoluteTimeoutMs} ms`);
    }
    return fail(`a family in steady use ended ${Math.round(lastedMs)} ms after login, before its time`);
  }
}

/**
 * Uses a spent token again and again, at intervals shorter than the grace period: that must not extend it.
 * @returns null if this machine was too slow, so that the pauses themselves may have ended it
 */
async function graceFaults(target: GateTarget, graceMs: number): Promise<string[] | null> {
  const first = await target.login(0, target.freshUser());
  const { reply } = await traded(target, 1, first);
  let usedAtMs = reply.sentAtMs;
  for (;;) {
    await sleep(graceMs / 4);
    const again = await refreshed(target, 0, refreshTokenOf(first));
    const isSlow = again.answeredAtMs - usedAtMs >= graceMs;
    const sinceMs = again.sentAtMs - reply.answeredAtMs;
    if (again.status === 200 && sinceMs > graceMs)
      return [`a used refresh token in steady use got 200 after ${Math.round(sinceMs)} ms of ${graceMs} ms`];
    if (again.status === 401) return isSlow ? null : [];
    if (again.status !== 200) return [`a used refresh token in steady use got ${again.status}`];
    if (isSlow) return null;
    usedAtMs = again.sentAtMs;
  }
}

/** For a service the grace period is not known. */
async function steadyGraceFaults(target: GateTarget): Promise<string[]> {
  const { refreshGraceMs } = target.settings;
  if (refreshGraceMs === undefined) return [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const faults = await graceFaults(target, refreshGraceMs);
    if (faults !== null) return faults;
  }
  return ['this machine was too slow to use a spent token steadily: run the gate alone'];
}

const TABS = 6;

export const REFRESH: readonly Check[] = [
  {
    ...common,
    id: 42,
    name: 'rotates refresh tokens, and accepts each once',
    refs: ['ASVS 10.4.5', 'RFC 9700 §4.14.2'],
    variant: 'brief',
    async run(target) {
      const first = await target.login(0, target.freshUser());
      const second = await traded(target, 1, first);
      const faults: string[] = [];
      if (second.refreshToken === first.refreshToken) faults.push('the new refresh token is the old one');
      if (second.accessToken === first.accessToken) faults.push('the new access token is the old one');
      const read = await readOnceServed(target, 0, second);
      if (!isFor(read, first.user)) faults.push(`the new access token got ${read.status}`);
      await afterGrace(target);
      const { status } = await refreshed(target, 0, refreshTokenOf(first));
      if (status !== 401) faults.push(`a used refresh token got ${status}`);
      faults.push(...(await steadyGraceFaults(target)));
      return verdict(faults, 'a refresh token was accepted once, and refused once its grace period was over');
    },
  },
  {
    ...common,
    id: 43,
    name: 'ends the whole family when a refresh token is reused',
    refs: ['RFC 9700 §4.14.2', 'ASVS 10.4.5'],
    variant: 'brief',
    async run(target) {
      const first = await target.login(0, target.freshUser());
      const second = await traded(target, 1, first);
      await afterGrace(target);
      const third = await traded(target, 0, second);
      const elsewhere = await target.login(0, first.user);
      // Either the thief or the victim reuses the token; the server cannot know which, and ends the family.
      const reuse = await refreshed(target, 1, refreshTokenOf(first));
      const faults = reuse.status === 401 ? [] : [`a token that was used long ago got ${reuse.status}`];
      for (const which of REPLICAS) {
        const { status } = await refreshed(target, which, refreshTokenOf(third));
        if (status !== 401) faults.push(`after a reuse the newest token of its family got ${status}`);
      }
      const { status } = await refreshed(target, 0, refreshTokenOf(elsewhere));
      if (status !== 200) faults.push(`another login of the same user returned ${status}`);
      return verdict(faults, 'a reuse ended its family, and no other');
    },
  },
  {
    ...common,
    id: 44,
    name: 'ends a family at its absolute timeout, however much it is used',
    refs: ['ASVS 10.4.8', 'RFC 9700 §4.14.2'],
    variant: 'brief',
    timeoutMs: 30_000,
    async run(target) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const outcome = await absoluteEnd(target);
        if (outcome !== null) return outcome;
      }
      return fail('this machine was too slow to use a family steadily: run the gate alone');
    },
  },
  {
    ...common,
    id: 45,
    name: 'gives parallel refreshes one successor, and logs none of them out',
    refs: ['RFC 9700 §4.14.2'],
    variant: 'standard',
    async run(target) {
      const first = await target.login(0, target.freshUser());
      const token = refreshTokenOf(first);
      const replies = await Promise.all(
        Array.from({ length: TABS }, (_, tab) => refreshed(target, tab % 2 === 0 ? 0 : 1, token)),
      );
      const faults: string[] = [];
      const refused = replies.filter(({ status }) => status !== 200);
      if (refused.length > 0) {
        faults.push(`${refused.length} of ${TABS} parallel refreshes got ${refused[0]?.status}`);
      }
      const successors = new Set(
        replies.filter(({ status }) => status === 200).map(({ json }) => (json as LoginReply).refreshToken),
      );
      if (successors.size !== 1) faults.push(`parallel refreshes got ${successors.size} successors`);
      for (const successor of [...successors].slice(0, 1)) {
        const { status } = await refreshed(target, 1, successor ?? '');
        if (status !== 200) faults.push(`the successor got ${status}`);
      }
      return verdict(faults, `${TABS} parallel refreshes on two replicas got one successor, and it is good`);
    },
  },
  {
    ...common,
    id: 46,
    name: 'ends the family at logout',
    refs: ['ASVS 7.4.1', 'RFC 9700 §4.14.2'],
    variant: 'standard',
    async run(target) {
      const first = await target.login(0, target.freshUser());
      const session = await traded(target, 0, first);
      const { answer, hasEnded } = await endOnceServed(() => target.write(0, session, ROUTES.logout.path));
      const faults = hasEnded ? [] : [`the logout returned ${answer.status}`];
      for (const which of REPLICAS) {
        for (const { refreshToken } of [session, first]) {
          const { status } = await refreshed(target, which, refreshToken ?? '');
          if (status !== 401) faults.push(`after logout a refresh token got ${status}`);
        }
      }
      const left = await readOnceServed(target, 1, session);
      const seconds = Math.ceil((target.endsAtMs(session) - left.answeredAtMs) / 1000);
      const residue = left.status === 401 ? 'ended with it' : `stays valid for ${seconds} s`;
      return verdict(faults, `the family ended at logout; its access token ${residue}`);
    },
  },
  {
    ...common,
    id: 53,
    name: 'accepts no refresh token that it did not issue',
    refs: ['RFC 6749 §10.10', 'ASVS 10.4.5'],
    variant: 'standard',
    async run(target) {
      const own = await target.login(0, target.freshUser());
      const other = await target.login(1, target.freshUser());
      const token = refreshTokenOf(own);
      const forged = [...alterations(token, refreshTokenOf(other)), ...renumbered(token), ...fromClaims(own)];
      const faults: string[] = [];
      for (const [what, text] of forged) {
        for (const which of REPLICAS) {
          const { status } = await refreshed(target, which, text);
          if (status !== 401) faults.push(`${what}: got ${status}`);
        }
      }
      const { status } = await refreshed(target, 0, token);
      if (status !== 200) faults.push(`after these attempts the real token got ${status}`);
      return verdict([...new Set(faults)], `${forged.length} forgeries were refused, and they ended nobody’s family`);
    },
  },
  {
    ...common,
    id: 54,
    name: 'ends every family at logout everywhere, and of a disabled user',
    refs: ['ASVS 7.4.2', 'ASVS 7.5.2', 'RFC 9700 §4.14.2'],
    variant: 'standard',
    async run(target) {
      const faults: string[] = [];
      for (const way of ['logout everywhere', 'disabling the user'] as const) {
        const user = target.freshUser();
        const [session, other] = [await target.login(0, user), await target.login(1, user)];
        await endCredential(target, way, session, await target.login(0, target.admin));
        for (const ended of [session, other]) {
          for (const which of REPLICAS) {
            const { status } = await refreshed(target, which, refreshTokenOf(ended));
            if (status !== 401) faults.push(`after ${way} a refresh token got ${status}`);
          }
        }
      }
      return verdict([...new Set(faults)], 'all families of the user ended, on every replica');
    },
  },
];

/** Tokens with another number in them, as a client that guesses the next one would send. */
function renumbered(token: string): [what: string, forged: string][] {
  const parts = token.split('.');
  return parts.flatMap((part, at) =>
    /^\d+$/.test(part)
      ? [0, 1, -1].map((step): [string, string] => [
          'another number',
          parts.with(at, String(Number(part) + (step === 0 ? 10 : step))).join('.'),
        ])
      : [],
  );
}

/** Tokens made of what an access token reveals about the family. */
function fromClaims({ accessToken, refreshToken }: ClientSession): [what: string, forged: string][] {
  const payload = accessToken?.split('.')[1] ?? '';
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString() || 'null');
  const texts = Object.values(claims ?? {}).filter((value): value is string => typeof value === 'string');
  const signature = refreshToken?.split('.').at(-1) ?? '';
  return texts.flatMap((text): [string, string][] => [
    ['a claim of the access token', text],
    ['a claim of the access token with an invented signature', `${text}.1.${'A'.repeat(signature.length)}`],
  ]);
}
