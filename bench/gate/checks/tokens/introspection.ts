/** Checks 76–79: tokens of an authorization server, both opaque and signed ones. */
import { randomBytes } from 'node:crypto';
import type { ArmInfo } from '../../../../servers/contract.ts';
import { forgerOf } from '../../attacks/forge.ts';
import { writeToken } from '../../attacks/tokens.ts';
import { allOf, type Check, fail, guards, pass, verdict } from '../../check.ts';
import { useAll, watchEnd } from '../../ending.ts';
import { onceServed } from '../../once-served.ts';
import type { GateTarget } from '../../target.ts';
import type { Which } from '../../which.ts';
import { guessFaults, SAMPLE } from '../session-ids.ts';

const FAMILY = 'token';
const REPLICAS: readonly Which[] = [0, 1];
const AT_ONCE = 4;
/** The number of forgeries to try with one token. */
const PER_TOKEN = 10;

const isOpaque = (arm: ArmInfo): true | string =>
  allOf(guards(arm), (arm.stores ?? []).includes('opaque-token') || 'no opaque token is issued');

async function tokenOf(target: GateTarget, which: Which, user = target.freshUser()): Promise<string> {
  const { reply } = await target.login(which, user);
  const { accessToken } = reply.json as { accessToken?: string };
  if (accessToken === undefined) throw new Error('the login gave no token');
  return accessToken;
}

async function sampleTokens(target: GateTarget): Promise<string[]> {
  const user = target.freshUser();
  const tokens: string[] = [];
  const lane = async () => {
    while (tokens.length < SAMPLE) tokens.push(await tokenOf(target, tokens.length % 2 === 0 ? 0 : 1, user));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return tokens.slice(0, SAMPLE);
}

/** Tokens that look like a valid one and were never issued. */
function neverIssued(token: string): readonly (readonly [what: string, token: string])[] {
  const random = randomBytes(Math.ceil((3 * token.length) / 4)).toString('base64url');
  return [
    ['a random token', random.slice(0, token.length)],
    ['a token in upper case', token.toUpperCase()],
    ['a token that is cut short', token.slice(0, -1)],
    ['a token with an extra letter', `${token}A`],
    ['a token twice', `${token},${token}`],
    ['a token with a second parameter', `${token}&token=${token}`],
    ['an escaped token', `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`],
    // A cache may look at a part of a token only, and so take another for it.
    ...Array.from(token, (letter, i): readonly [string, string] => [
      'a token with another letter',
      `${token.slice(0, i)}${letter === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`,
    ]),
  ];
}

export const INTROSPECTION: readonly Check[] = [
  {
    id: 76,
    name: 'opaque tokens cannot be guessed',
    family: FAMILY,
    refs: ['ASVS 7.2.3', 'RFC 6749 §10.10'],
    quick: false,
    variant: 'standard',
    timeoutMs: 60_000,
    appliesTo: isOpaque,
    async run(target) {
      const tokens = await sampleTokens(target);
      return verdict(guessFaults(tokens), `${tokens.length} tokens, all different, fit no known generator`);
    },
  },
  {
    id: 77,
    name: 'an opaque token ends when it expires, cached or not',
    family: FAMILY,
    refs: ['RFC 7662 §4', 'ASVS 9.2.1'],
    quick: false,
    variant: 'brief',
    appliesTo: isOpaque,
    async run(target) {
      const session = await target.login(0, target.freshUser());
      await useAll(target, [{ session, replicas: [0, 1] }]);
      const byMs = target.endsAtMs(session);
      const { outlived, lastAcceptedMs } = await watchEnd(target, [{ session, replicas: [0, 1], byMs }], byMs);
      if (outlived) return fail(`a token was accepted ${Math.round(lastAcceptedMs ?? 0)} ms after it had expired`);
      return pass('a token in use was refused by every replica once it had expired');
    },
  },
  {
    id: 78,
    name: 'a token that nobody issued is refused',
    family: FAMILY,
    refs: ['RFC 7662 §2.2'],
    quick: true,
    variant: 'standard',
    appliesTo: isOpaque,
    async run(target) {
      const read = (which: Which, text: string) =>
        onceServed(() =>
          target.call(which, { method: 'GET', path: '/me', headers: { authorization: `Bearer ${text}` } }),
        );
      const { length: count } = neverIssued(await tokenOf(target, 0));
      const faults = new Set<string>();
      for (let from = 0; from < count; from += PER_TOKEN) {
        // A fresh one each time: on a slow machine, a cache may forget a token before the last forgery.
        const token = await tokenOf(target, 0);
        // Each replica knows the token by then, so a cache of it is asked.
        for (const which of REPLICAS) await read(which, token);
        for (const [what, forged] of neverIssued(token).slice(from, from + PER_TOKEN)) {
          for (const which of REPLICAS) {
            const { status } = await read(which, forged);
            if (status !== 401) faults.add(`${what} got ${status}`);
          }
        }
        const kept = await read(0, token);
        if (kept.status !== 200) faults.add(`after them the token itself got ${kept.status}`);
      }
      return verdict([...faults], `${count} tokens that were never issued were refused`);
    },
  },
  {
    id: 79,
    name: 'a token is verified with the key that it names, and with no other',
    family: FAMILY,
    refs: ['ASVS 9.1.3', 'RFC 7515 §4.1.4', 'RFC 8725 §3.10'],
    quick: true,
    variant: 'standard',
    appliesTo: (arm) =>
      allOf(
        guards(arm),
        (arm.companions !== undefined && arm.tokenAlgorithm !== undefined) || 'no key is fetched by its name',
      ),
    async run(target) {
      const forger = await forgerOf(target);
      const { header, claims } = forger.token;
      const { kid, ...unnamed } = header;
      const named = (name: unknown) => writeToken({ ...header, kid: name }, claims, forger.sign);
      const faults = await forger.faults([
        ['a token of the right key under an unknown name', named('unknown')],
        ['a token of the right key under an empty name', named('')],
        ['a token of the right key without a name', writeToken(unnamed, claims, forger.sign)],
        ['a token of the right key under its name in a list', named([kid])],
      ]);
      return verdict(faults, 'well-signed tokens that name no key, or another, were refused');
    },
  },
];
