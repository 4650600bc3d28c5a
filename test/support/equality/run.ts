/** Applies the same steps to an arm and to the model of its promises, and finds the first difference. */

import type { FastifyInstance } from 'fastify';
import { thenEnding } from '../../../core/errors.ts';
import type { Random } from '../../../core/stats/random.ts';
import type { Arm } from '../../../servers/arms.ts';
import type { Secrets, UserRecord } from '../../../servers/configuration.ts';
import type { Identity, LoginReply } from '../../../servers/contract.ts';
import { buildApp } from '../../../servers/http/app.ts';
import { turnedClock } from '../arms.ts';
import { companionsHere } from '../companions.ts';
import { type Answer, clientOf, copyOf, type Held } from '../servers.ts';
import { createModel, type Login, type Promises, type Step, type Which } from './model.ts';

export const PASSWORD = 'one for all';
const GRACE_MS = 10_000;

export interface Subject {
  readonly arm: Arm;
  readonly promises: Promises;
  /** Requested at login, if the arm has both. */
  readonly credential?: 'cookie' | 'token';
}

export interface World {
  readonly secrets: Secrets;
  /** All have the same password. */
  readonly users: readonly UserRecord[];
  readonly redisUrl: string;
}

export interface Taken {
  readonly step: Step;
  /** The number of the credential that it issued; null if none. */
  readonly gives: number | null;
}

export interface Mismatch {
  /** The steps up to the one with the wrong answer. */
  readonly taken: readonly Taken[];
  readonly problem: string;
}

export function promisesOf(arm: Arm, change: Partial<Promises> = {}): Promises {
  const { info } = arm;
  return { ...info, checksCritical: info.rechecksCredential === true, refreshGraceMs: GRACE_MS, ...change };
}

/** Random steps; the first two log in an administrator and another user. */
export function randomSteps(random: Random, count: number): Step[] {
  const steps: Step[] = [
    { kind: 'login', at: 0, user: 0, password: 'right' },
    { kind: 'login', at: 1, user: 2, password: 'right' },
  ];
  while (steps.length < count) steps.push(randomStep(random));
  return steps;
}

function randomStep(random: Random): Step {
  const at: Which = random.integer(2) === 0 ? 0 : 1;
  const credential = random.integer(1_000);
  const about = { at, credential };
  const user = random.integer(4);
  switch (random.integer(20)) {
    case 0:
    case 1:
      return { kind: 'login', at, user, password: 'right' };
    case 2:
      return { kind: 'login', at, user, password: random.integer(2) === 0 ? 'wrong' : 'right' };
    case 3:
      return { kind: 'login again', ...about };
    case 4:
    case 5:
      return { kind: 'logout', ...about };
    case 6:
      return { kind: 'logout-all', ...about };
    case 7:
    case 8:
    case 9:
      return { kind: 'refresh', ...about, age: ([0, 0, 1, 2] as const)[random.integer(4)] ?? 0 };
    case 10:
      return { kind: 'disable', ...about, user };
    case 11:
      return { kind: 'wait', ms: random.integer(2) === 0 ? 1_100 : GRACE_MS + 1 };
    case 12:
      return { kind: 'transfer without csrf', ...about };
    case 13:
      return { kind: 'anonymous', at };
    case 14:
    case 15:
      return { kind: 'transfer', ...about };
    case 16:
      return { kind: 'admin', ...about };
    default:
      return { kind: 'read', ...about };
  }
}

/** Credentials of a client from one login. The model does not know them. */
interface Client {
  readonly login: Login;
  readonly held: Held;
  /** All refresh tokens of the family, oldest first. */
  readonly refreshTokens: string[];
}

let runs = 0;

/** Two fresh replicas, all steps. @returns null if every answer kept the promises */
export async function firstMismatch(
  { arm, promises, credential }: Subject,
  steps: readonly Step[],
  world: World,
): Promise<Mismatch | null> {
  const clock = turnedClock();
  const redis = { url: world.redisUrl, keyPrefix: `equality:${runs++}:` };
  const settings = { failedLoginsPerUser: 1_000, failedLoginsPerAddress: 1_000, refreshGraceMs: GRACE_MS };
  const beside = await companionsHere(arm.info, world.secrets, clock.now);
  const companions = beside.addresses;
  const start = () => buildApp({ ...world, arm, redis, companions, settings, now: clock.now, storeNow: clock.now });
  const apps = await Promise.all([start(), start()]);
  const model = createModel(promises, world.users);
  const clients: Client[] = [];
  const taken: Taken[] = [];
  const whoIsNamed = (step: Step, about: Login | null): Identity => {
    if (step.kind === 'login') return userAt(world, step.user);
    return step.kind === 'login again' && about !== null ? about.credential.user : model.namedBy(about);
  };
  return thenEnding(
    async () => {
      for (const given of steps) {
        const step = pointed(given, clients.length);
        if (step === null) continue;
        const ms = step.kind === 'wait' ? step.ms : 1;
        clock.forward(ms);
        model.forward(ms);
        taken.push({ step, gives: null });
        if (step.kind === 'wait') continue;
        const client = 'credential' in step ? (clients[step.credential] ?? null) : null;
        const about = client?.login ?? null;
        const expected = model.expected(step, about);
        const named = whoIsNamed(step, about);
        const { answer, held } = await take(apps[step.at], step, { client, world, credential });
        const problem =
          faultOfStatus(expected, answer) ?? faultOfBody(step, answer, named) ?? faultOfTrade(step, answer, client);
        if (problem !== null) return { taken, problem };
        if (step.kind === 'refresh' && step.age === 0 && answer.status === 200) {
          client?.refreshTokens.push((JSON.parse(answer.text) as LoginReply).refreshToken ?? '');
        }
        const login = model.apply(step, about, answer.status);
        if (login === null) continue;
        taken[taken.length - 1] = { step, gives: clients.length };
        clients.push({ login, held, refreshTokens: held.refreshToken ? [held.refreshToken] : [] });
      }
      return null;
    },
    () => Promise.all(apps.map((app) => app.close())),
    () => beside.stop(),
  );
}

const userAt = ({ users }: World, index: number): UserRecord => {
  const user = users[index % users.length];
  if (user === undefined) throw new Error('there are no users');
  return user;
};

interface About {
  readonly client: Client | null;
  readonly world: World;
  readonly credential: 'cookie' | 'token' | undefined;
}

/** Sends the request of a step. Cookies of the answer are stored only at login: every credential is a copy. */
async function take(
  app: FastifyInstance,
  step: Exclude<Step, { kind: 'wait' }>,
  { client, world, credential }: About,
): Promise<{ answer: Answer; held: Held }> {
  const held = client === null ? { cookies: {} } : copyOf(client.held);
  const sender = clientOf(app, held);
  const credentials = (user: Pick<Identity, 'username'>, password: string) => ({
    username: user.username,
    password,
    ...(credential === undefined ? {} : { credential }),
  });
  const ask = (): Promise<Answer> => {
    switch (step.kind) {
      case 'login':
        return sender.login(
          credentials(userAt(world, step.user), step.password === 'right' ? PASSWORD : `not ${PASSWORD}`),
        );
      case 'login again':
        return sender.login(credentials(client?.login.credential.user ?? { username: '' }, PASSWORD));
      case 'anonymous':
      case 'read':
        return sender.get('/me');
      case 'admin':
        return sender.get('/admin');
      case 'transfer without csrf':
        held.csrfToken = undefined;
        return sender.post('/transfer', { to: 'x', amount: 1 });
      case 'transfer':
        return sender.post('/transfer', { to: 'x', amount: 1 });
      case 'refresh':
        return sender.post('/refresh', { refreshToken: client?.refreshTokens.at(-1 - step.age) ?? 'none' });
      case 'disable':
        return sender.post(`/admin/users/${userAt(world, step.user).id}/disable`);
      case 'logout':
      case 'logout-all':
        return sender.post(`/${step.kind}`);
    }
  };
  return { answer: await ask(), held };
}

function faultOfStatus(expected: readonly number[], { status }: Answer): string | null {
  return expected.includes(status) ? null : `answered ${status}, promised ${expected.join(' or ')}`;
}

/** Bodies are the same in every arm, except for the credential in a login reply. */
function faultOfBody(step: Step, { status, text }: Answer, { id, username, roles }: Identity): string | null {
  const identity = { id, username, roles };
  const body: unknown = status === 204 ? text : JSON.parse(text);
  const should = ((): unknown => {
    if (status === 204) return '';
    if (status !== 200) return { ...(body as object), type: 'about:blank', status };
    switch (step.kind) {
      case 'admin':
        return { area: 'admin', username };
      case 'transfer':
      case 'transfer without csrf':
        return { accepted: true, from: username, to: 'x', amount: 1 };
      case 'login':
      case 'login again':
      case 'refresh':
        return { ...(body as object), user: step.kind === 'refresh' ? (body as LoginReply).user : identity };
      default:
        return identity;
    }
  })();
  return JSON.stringify(body) === JSON.stringify(should) ? null : `body ${text}, promised ${JSON.stringify(should)}`;
}

/** A refresh token that is repeated within the grace period gets the same successor again. */
function faultOfTrade(step: Step, { status, text }: Answer, client: Client | null): string | null {
  if (step.kind !== 'refresh' || status !== 200 || client === null) return null;
  const { refreshToken, user } = JSON.parse(text) as LoginReply;
  if (user.id !== client.login.credential.user.id) return 'the refresh gave a token of another user';
  const last = client.refreshTokens.at(-1);
  if (step.age > 0 && refreshToken !== last) return 'the same refresh token got two successors';
  return step.age === 0 && refreshToken === last ? 'the refresh gave the same token again' : null;
}

/** A step with the number of an existing credential; null if none exists yet. */
function pointed(step: Step, credentials: number): Step | null {
  if (!('credential' in step)) return step;
  return credentials === 0 ? null : { ...step, credential: step.credential % credentials };
}

/** The steps without one of them; steps about later credentials are renumbered. */
function without(taken: readonly Taken[], index: number): Step[] {
  const gone = taken[index]?.gives ?? null;
  return taken.toSpliced(index, 1).map(({ step }) => {
    const isLater = gone !== null && 'credential' in step && step.credential > gone;
    return isLater ? { ...step, credential: step.credential - 1 } : step;
  });
}

/** Removes steps while the difference remains: the shortest sequence is the easiest to understand. */
export async function shrink(subject: Subject, found: Mismatch, world: World): Promise<Mismatch> {
  let smallest = found;
  for (let i = smallest.taken.length - 2; i >= 0; i--) {
    smallest = (await firstMismatch(subject, without(smallest.taken, i), world)) ?? smallest;
    i = Math.min(i, smallest.taken.length - 1);
  }
  return smallest;
}

export function tell({ taken, problem }: Mismatch): string {
  const lines = taken.map(({ step: { kind, ...rest } }, i) => `  ${i + 1}. ${kind} ${JSON.stringify(rest)}`);
  return [...lines, `  → ${problem}`].join('\n');
}
