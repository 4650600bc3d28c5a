/** Checks 19–22: a session id cannot be guessed, chosen by an attacker, kept over a login, or altered. */
import { formatFixed } from '../../../core/text/format.ts';
import { ROUTES } from '../../../servers/contract.ts';
import { alterations, changeMiddle, splitSignature } from '../attacks/alter.ts';
import { successiveAgreement, visibleBits } from '../attacks/entropy.ts';
import { hashedCounter } from '../attacks/generators.ts';
import { allOf, type Check, fail, guards, limit, pass, verdict } from '../check.ts';
import { type ClientSession, secretOf, withSecret } from '../client-session.ts';
import { decodedValue } from '../cookies.ts';
import { declaredEndMs, useAll, watchEnd } from '../ending.ts';
import { nextSecond } from '../next-second.ts';
import { onceServed } from '../once-served.ts';
import { homeOf, needsCookie, needsReference } from '../promises.ts';
import { readOnceServed } from '../served.ts';
import { type GateTarget, isFor } from '../target.ts';

const FAMILY = 'session';
/** Enough ids for those with 16 random bits or fewer to collide, and for each position to show its alphabet. */
export const SAMPLE = 500;
const LEAST_BITS = 128;
const AT_ONCE = 4;

/** Returns the cookie's value without its signature. */
function idIn(session: ClientSession): string {
  const value = session.cookies[0]?.value;
  if (value === undefined) throw new Error('the login set no cookie');
  return splitSignature(decodedValue(value))[0];
}

async function sampleIds(target: GateTarget): Promise<string[]> {
  const user = target.freshUser();
  const ids: string[] = [];
  const lane = async () => {
    while (ids.length < SAMPLE) ids.push(idIn(await target.login(ids.length % 2 === 0 ? 0 : 1, user)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return ids.slice(0, SAMPLE);
}

/** Evidence in a sample that ids are predictable. */
export function guessFaults(ids: readonly string[]): string[] {
  const bits = Math.round(visibleBits(ids));
  const agreement = successiveAgreement(ids);
  const generator = hashedCounter(ids);
  return [
    ...(new Set(ids).size === ids.length ? [] : [`${ids.length - new Set(ids).size} of ${ids.length} ids came twice`]),
    ...(bits >= LEAST_BITS ? [] : [`the ids show ${bits} bits; at least ${LEAST_BITS} are required`]),
    ...(agreement < 1.5
      ? []
      : [`successive ids resemble each other ${formatFixed(agreement, 1)} times as often as chance`]),
    ...(generator === null ? [] : [`the ids are those of a known generator: ${generator}`]),
  ];
}

const unguessable: Check = {
  id: 19,
  name: 'session ids cannot be guessed',
  family: FAMILY,
  refs: ['ASVS 7.2.3'],
  quick: false,
  variant: 'standard',
  timeoutMs: 60_000,
  appliesTo: (arm) => allOf(guards(arm), needsReference(arm)),
  async run(target) {
    const ids = await sampleIds(target);
    const bits = Math.round(visibleBits(ids));
    return verdict(
      guessFaults(ids),
      `${ids.length} ids, all different, show ${bits} bits each and fit no known generator`,
    );
  },
};

const changedAtLogin: Check = {
  id: 20,
  name: 'the id changes at login, and the old one is refused',
  family: FAMILY,
  refs: ['ASVS 7.2.4'],
  quick: true,
  variant: 'standard',
  appliesTo: (arm) => allOf(guards(arm), needsCookie(arm)),
  limitOf: (arm) => (arm.serverState === 'none' ? 'credentials stay valid until they expire' : null),
  async run(target) {
    const user = target.freshUser();
    const given = (
      await Promise.all([ROUTES.public, ROUTES.me].map((route) => onceServed(() => target.call(0, route))))
    ).flatMap(({ cookies }) => cookies.filter(({ deletes }) => !deletes));
    // A browser holds one cookie of a name.
    const before = [...new Map(given.map((cookie) => [cookie.name, cookie])).values()];
    const planted = before.map(({ name, value }) => `${name}=${value}`).join('; ');
    const first = await target.login(0, user, planted === '' ? {} : { headers: { cookie: planted } });
    // Cookies other than the session, such as a language, may be kept.
    if (
      planted !== '' &&
      isFor(await onceServed(() => target.call(0, { ...ROUTES.me, headers: { cookie: planted } })), user)
    )
      return fail('the login kept the id from before it');
    for (const { value } of before) {
      if (isFor(await readOnceServed(target, 0, withSecret(first, value)), user))
        return fail('an id from before the login is logged in after it');
    }
    const home = homeOf(target.arm, 0);
    await useAll(target, [{ session: first, replicas: home }]);
    const again = () => target.login(0, user, { headers: { cookie: `${cookieOf(first)}` } });
    let second = await again();
    if (secretOf(second) === secretOf(first)) {
      // A value that holds its time in whole seconds is the same twice within one.
      await nextSecond();
      second = await again();
    }
    const sinceMs = performance.now();
    if (secretOf(second) === secretOf(first)) {
      const isAlways = secretOf(await target.login(0, user)) === secretOf(first);
      return fail(isAlways ? 'every login of a user gives the same value' : 'a second login kept the id of the first');
    }
    await useAll(target, [{ session: second, replicas: home }]);
    if (target.arm.serverState === 'none') {
      const answers = await Promise.all(home.map((which) => readOnceServed(target, which, first)));
      return answers.some((answer) => isFor(answer, user))
        ? limit('the old value was accepted after a second login')
        : pass('the old value was refused after a second login');
    }
    const byMs = declaredEndMs(target, first, sinceMs);
    const { outlived } = await watchEnd(target, [{ session: first, replicas: home, byMs }], sinceMs);
    return outlived
      ? fail('the old id is still logged in after a second login')
      : pass('new at each login, old id dead');
  },
};

const cookieOf = (session: ClientSession) => session.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

const notAdopted: Check = {
  id: 21,
  name: 'an id that an attacker invented is not adopted',
  family: FAMILY,
  refs: ['ASVS 7.2.4'],
  quick: true,
  variant: 'standard',
  appliesTo: (arm) => allOf(guards(arm), needsCookie(arm)),
  async run(target) {
    const user = target.freshUser();
    const real = await target.login(0, target.freshUser());
    const [cookie] = real.cookies;
    if (cookie === undefined) return fail('the login set no cookie');
    const [signed, signature] = splitSignature(cookie.value);
    const invented = ['0', 'attacker', changeMiddle(signed), `${changeMiddle(signed)}.${signature}`];
    const faults: string[] = [];
    for (const value of invented) {
      const headers = { cookie: `${cookie.name}=${value}` };
      const anonymous = await onceServed(() => target.call(0, { ...ROUTES.me, headers }));
      const victim = await target.login(0, user, { headers });
      const isSame = victim.cookies.some((given) => given.value === value || given.value.startsWith(`${value}.`));
      if (isSame) faults.push('the login adopted the id');
      if (isFor(await readOnceServed(target, 0, withSecret(victim, value)), user)) faults.push('the id is logged in');
      if (anonymous.cookies.some((given) => given.value.startsWith(value)))
        faults.push('the id was handed back, signed');
    }
    return verdict([...new Set(faults)], `${invented.length} invented values were taken for nothing`);
  },
};

const altered: Check = {
  id: 22,
  name: 'an altered cookie is refused',
  family: FAMILY,
  refs: ['ASVS 7.2.1'],
  quick: true,
  variant: 'standard',
  appliesTo: (arm) => allOf(guards(arm), needsCookie(arm)),
  async run(target) {
    const session = await target.login(0, target.freshUser());
    const [value, other] = [secretOf(session), secretOf(await target.login(0, target.freshUser()))];
    if (value === null || other === null) return fail('the login set no cookie');
    const all = alterations(value, other);
    const faults: string[] = [];
    for (const [what, text] of all) {
      const { status } = await readOnceServed(target, 0, withSecret(session, text));
      if (status !== 401) faults.push(`${what}: got ${status}`);
    }
    await useAll(target, [{ session, replicas: [0] }]);
    return verdict(faults, `${all.length} alterations were refused`);
  },
};

export const SESSION_IDS: readonly Check[] = [unguessable, changedAtLogin, notAdopted, altered];
