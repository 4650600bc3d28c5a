/** Errors in the requests of a login: those before it, the login itself, and those that complete it. Pure. */
import type { Fault } from '../../core/text/schema-faults.ts';
import { PKCE, PLACEHOLDERS, placeholdersIn } from './placeholders.ts';
import type { Step } from './request-schema.ts';
import { oneRequestFaults } from './request-sense.ts';
import type { ServiceConfig } from './schema.ts';
import type { Shaped } from './shape.ts';

type Login = ServiceConfig['login'];
type Placed = readonly [at: string, step: Step];

const RESERVED: readonly string[] = [...PLACEHOLDERS, ...PKCE, 'port'];

function beforeOf({ before = [] }: Login): Placed[] {
  return Array.isArray(before)
    ? before.map((step, i): Placed => [`/login/before/${i}`, step])
    : [['/login/before', before]];
}

const afterOf = ({ steps = [], after }: Login): Placed[] => [
  ...steps.map((step, i): Placed => [`/login/steps/${i}`, step]),
  ...(after === undefined ? [] : [['/login/after', after] as const]),
];

/** The requests beside the login itself, with their pointers. */
export const placedSteps = (login: Login): Placed[] => [...beforeOf(login), ...afterOf(login)];

/** The names of all values that the steps of a login save. */
export function keptBy(login: Login): string[] {
  const steps = placedSteps(login).map(([, step]) => step);
  return [...steps, login].flatMap(({ keep = {} }) => Object.keys(keep));
}

/** Each request may contain the values that earlier ones save. */
export function loginStepFaults({ config, isRight }: Shaped): Fault[] {
  const { login } = config;
  const { request, keep = {}, after, csrf } = login;
  const faults: Fault[] = [];
  const known: string[] = ['random', ...PKCE];
  const take = (at: string, names: readonly string[]) => {
    for (const name of names) {
      if (RESERVED.includes(name))
        faults.push({
          pointer: `${at}/keep/${name}`,
          message: `is already the name of a placeholder`,
          hint: 'use another name',
        });
      known.push(name);
    }
  };
  const check = ([at, step]: Placed, more: readonly string[]) => {
    faults.push(...oneRequestFaults(`${at}/request`, step.request, [...new Set([...more, ...known])]));
    take(at, Object.keys(step.keep ?? {}));
  };
  const isBeforeRight = isRight('/login/before');
  const before = isBeforeRight ? beforeOf(login) : [];
  for (const [i, placed] of before.entries())
    check(placed, before.slice(0, i).some(([, step]) => step.csrf !== undefined) ? ['csrf'] : []);
  if (isBeforeRight && placeholdersIn(request).includes('csrf') && before.every(([, step]) => step.csrf === undefined))
    faults.push({
      pointer: '/login/request',
      message: 'has {{csrf}}, and login.before does not say where that stands',
      hint: 'add login.before, such as {"request": {"path": "/login"}, "csrf": {"html": "_csrf"}}',
    });
  const ofLogin = ['username', 'password', 'basic', 'csrf'];
  faults.push(...oneRequestFaults('/login/request', request, isBeforeRight ? [...ofLogin, ...known] : null));
  if (isRight('/login/keep')) take('/login', Object.keys(keep));
  if (isBeforeRight && isRight('/login/keep', '/login/steps', '/login/after'))
    for (const placed of afterOf(login)) check(placed, PLACEHOLDERS);
  if (isRight('/login/after') && after !== undefined && csrf !== undefined)
    faults.push({ pointer: '/login/csrf', message: 'is given beside login.after', hint: 'leave one of them out' });
  return faults;
}
