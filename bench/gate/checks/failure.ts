/** Checks 50–52 and 65: outages, logs, and replicas that must agree. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArmInfo, ROUTES } from '../../../servers/contract.ts';
import { declaresBreakable } from '../../fleet/companions/start.ts';
import { ConnectionError } from '../../load/connection/connection.ts';
import { allOf, type Check, guards, notApplicable, verdict } from '../check.ts';
import { type ClientSession, follow, secretsIn } from '../client-session.ts';
import { logOut } from '../end-credential.ts';
import type { Answer } from '../http.ts';
import { boundMs, criticalLimit } from '../promises.ts';
import { readOnceServed, writeOnceServed } from '../served.ts';
import { type GateTarget, isFor, type StoreControl } from '../target.ts';
import type { Which } from '../which.ts';

const REPLICAS: readonly Which[] = [0, 1];
/** The longest that a user waits; the stores give up well before. */
const DEADLINE_MS = 5_000;
const RECOVERS_WITHIN_MS = 10_000;
const USED_EVERY_MS = 50;

/** Returns the status, or 0 if there was no answer before the deadline. */
async function statusWithin(ask: () => Promise<Answer>): Promise<number> {
  try {
    return (await ask()).status;
  } catch (error) {
    if (error instanceof ConnectionError) return 0;
    throw error;
  }
}

/** Checks the answer to each kind of request while Redis is down. */
async function outageFaults(target: GateTarget, session: ClientSession): Promise<string[]> {
  const { survivesRedisOutage } = target.arm;
  const { username, password, record } = session.user;
  const statusOf = (answer: Promise<Answer>) => statusWithin(() => within(answer));
  // A cached session is served for the declared time, outage or not, and no longer, however it is used meanwhile.
  const bound = survivesRedisOutage ? 0 : (boundMs(target.arm, target.settings) ?? 0);
  const [transfer, disable, login, health, used] = await Promise.all([
    statusOf(target.write(0, session)),
    statusOf(target.write(0, session, `/admin/users/${record.id}/disable`)),
    statusOf(target.tryLogin(0, { username, password })),
    statusOf(target.call(0, { method: 'GET', path: '/healthz' })),
    usedUntil(target, session, performance.now() + bound),
  ]);
  const me = await statusOf(target.read(0, used));

  const faults: string[] = [];
  const refuses = (what: string, status: number) => {
    if (status === 0) faults.push(`${what} was not answered within ${DEADLINE_MS / 1000} s`);
    else if (status < 400) faults.push(`${what} was done unchecked (${status})`);
    else if (status !== 503) faults.push(`${what} got ${status}, not 503`);
  };
  refuses('a transfer', transfer);
  refuses('the disabling of a user', disable);
  refuses('a login', login);
  if (me !== (survivesRedisOutage ? 200 : 503)) {
    const declared = survivesRedisOutage ? 'survives' : 'does not survive';
    faults.push(`a light read returned ${me || 'nothing'}, and the arm says that it ${declared} this`);
  }
  if (health !== 200) faults.push(`the health check returned ${health}`);
  return faults;
}

/** Uses a session as a browser does, which may renew what it holds. @returns what it holds in the end */
async function usedUntil(target: GateTarget, session: ClientSession, untilMs: number): Promise<ClientSession> {
  let used = session;
  while (performance.now() < untilMs) {
    try {
      used = follow(used, await within(target.read(0, used)));
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
    }
    await sleep(USED_EVERY_MS);
  }
  return used;
}

/** @throws ConnectionError if the answer takes longer than a user waits */
function within(answer: Promise<Answer>): Promise<Answer> {
  const late = sleep(DEADLINE_MS, undefined, { ref: false }).then((): never => {
    throw new ConnectionError('no answer in time');
  });
  return Promise.race([answer, late]);
}

/** Whether a request is answered as before within some time. */
async function recovers(ask: () => Promise<Answer>): Promise<boolean> {
  const deadlineMs = performance.now() + RECOVERS_WITHIN_MS;
  while (performance.now() < deadlineMs) {
    if ((await statusWithin(ask)) === 200) return true;
    await sleep(50);
  }
  return false;
}

/** Runs through the life of a credential, with valid and invalid requests. @returns the secrets that were exchanged */
async function wholeLife(target: GateTarget): Promise<string[]> {
  const user = target.freshUser();
  const wrong = `wrong-${user.password}`;
  await target.tryLogin(0, { username: user.username, password: wrong });
  const session = await target.login(0, user);
  const secrets = [wrong, user.password, ...secretsIn(session)];
  for (const which of REPLICAS) {
    await target.read(which, session);
    await target.write(which, session);
    await target.write(which, session, '/transfer', { to: 7 });
    await target.call(which, { method: 'GET', path: '/me', headers: { cookie: 'sid=%', authorization: 'Bearer x' } });
  }
  if (session.refreshToken !== null) await target.refresh(0, session.refreshToken);
  await target.write(0, session, ROUTES.logout.path);
  return secrets;
}

/** Looks for an ended credential that is accepted: at once, a while into the stall, and after it. */
async function endedFaults(target: GateTarget, store: StoreControl, session: ClientSession): Promise<string[]> {
  const faults = new Set<string>();
  const asks: readonly (readonly [what: string, ask: () => Promise<Answer>])[] = [
    ['a transfer', () => target.write(0, session)],
    ['a logout everywhere', () => target.write(0, session, ROUTES.logoutAll.path)],
  ];
  const look = async (when: string) => {
    const statuses = await Promise.all(asks.map(([, ask]) => statusWithin(() => within(ask()))));
    for (const [i, [what]] of asks.entries()) {
      const status = statuses[i] ?? 0;
      if (status !== 0 && status < 400) faults.add(`${when}, ${what} with an ended credential was done (${status})`);
    }
  };
  store.freeze();
  try {
    await look('while the store stalls');
    await sleep(STALL_MS);
    await look('while the store stalls');
  } finally {
    store.thaw();
  }
  if (!(await recovers(() => target.tryLogin(0, target.admin))))
    faults.add('logins still fail after the store recovered');
  await look('after the stall');
  return [...faults];
}

/** Long enough that one request is in progress when Redis stalls, and the next ones find it stalled. */
const STALL_MS = 200;

/** The log lines were written before the answers, so they arrive in our pipe within this time. */
const PIPE_MS = 150;

/** Redis, or a companion that replaces it. */
const asksAStore = (arm: ArmInfo): true | string =>
  arm.usesRedis || (declaresBreakable(arm) && arm.serverState !== 'none') || 'the arm has no store that could fail';

const pemBody = (pem: string) => pem.split('\n')[1] ?? pem;

/** If a token lives on until its expiry, only critical operations ask for its state; check 55 says for which arms. */
const endsAtLogout = (arm: ArmInfo): true | string =>
  criticalLimit(arm) === null || 'no store is queried, so a credential ends when it expires';

export const FAILURE: readonly Check[] = [
  {
    id: 50,
    name: 'fails closed, and in time, while its store is unresponsive',
    family: 'failure',
    refs: ['ASVS 16.5.2', 'ASVS 16.5.3'],
    quick: false,
    variant: 'outage',
    alone: true,
    timeoutMs: 40_000,
    appliesTo: asksAStore,
    async run(target) {
      const { store } = target;
      if (store === null)
        return notApplicable('the Redis at REDIS_URL must not be stopped: unset REDIS_URL for this check');
      const session = await target.login(0, target.admin);
      const before = await writeOnceServed(target, 0, session);
      if (before.status !== 200) throw new Error(`a transfer returned ${before.status} before the outage`);
      store.freeze();
      let faults: string[];
      try {
        faults = await outageFaults(target, session);
      } finally {
        store.thaw();
      }
      if (!(await recovers(() => target.write(0, session))))
        faults.push('requests still fail after the store recovered');
      return verdict(
        faults,
        'critical operations and logins were refused with 503 in time, and worked again with the store',
      );
    },
  },
  {
    id: 65,
    name: 'refuses an ended credential during a stall of its store, and after it',
    family: 'failure',
    refs: ['ASVS 7.4.1', 'ASVS 16.5.3'],
    quick: false,
    variant: 'outage',
    alone: true,
    timeoutMs: 40_000,
    appliesTo: (arm) => allOf(asksAStore(arm), endsAtLogout(arm)),
    async run(target) {
      const { store } = target;
      if (store === null)
        return notApplicable('the Redis at REDIS_URL must not be stopped: unset REDIS_URL for this check');
      const session = await target.login(0, target.freshUser());
      await logOut(target, 0, session);
      const after = await writeOnceServed(target, 0, session);
      if (after.status !== 401) throw new Error(`a transfer after logout returned ${after.status}`);
      const faults = await endedFaults(target, store, session);
      return verdict(faults, 'transfers and logouts everywhere with an ended credential were refused throughout');
    },
  },
  {
    id: 51,
    name: 'writes no credential to its log',
    family: 'failure',
    refs: ['ASVS 16.2.5'],
    quick: false,
    variant: 'standard',
    alone: true,
    readsOutput: true,
    appliesTo: guards,
    async run(target) {
      const seen = await wholeLife(target);
      await sleep(PIPE_MS);
      const output = target.output();
      const { hmacKey, cookieKey, rsaPrivateKey, ecPrivateKey, edPrivateKey } = target.secrets;
      const keys = [hmacKey, cookieKey, ...[rsaPrivateKey, ecPrivateKey, edPrivateKey].map(pemBody)];
      const faults: string[] = [];
      if (seen.some((secret) => output.includes(secret))) faults.push('a password or credential is in the log');
      if (keys.some((key) => output.includes(key))) faults.push('a key is in the log');
      return verdict(faults, `none of ${seen.length} secrets is in ${output.length} characters of log`);
    },
  },
  {
    id: 52,
    name: 'accepts on each replica what the other issued',
    family: 'failure',
    refs: ['ASVS 7.2.1'],
    quick: true,
    variant: 'standard',
    appliesTo: guards,
    limitOf: (arm) => (arm.needsStickyRouting ? 'a credential works only where it was issued: route it there' : null),
    async run(target) {
      const statuses = new Set<number>();
      for (const issuer of REPLICAS) {
        const session = await target.login(issuer, target.freshUser());
        const own = await readOnceServed(target, issuer, session);
        if (!isFor(own, session.user)) throw new Error(`the issuer itself returned ${own.status}`);
        const other: Which = issuer === 0 ? 1 : 0;
        const read = await readOnceServed(target, other, session);
        statuses.add(isFor(read, session.user) ? 200 : read.status === 200 ? 500 : read.status);
        statuses.add((await writeOnceServed(target, other, session)).status);
      }
      const refused = [...statuses].filter((status) => status !== 200);
      if (refused.length === 0) return verdict([], 'reads and transfers were answered by the other replica');
      if (statuses.size === 1 && statuses.has(401))
        return { result: 'limit', detail: 'the other replica refuses every credential' };
      return verdict([`the other replica returned ${refused.join(' and ')}`], '');
    },
  },
];
