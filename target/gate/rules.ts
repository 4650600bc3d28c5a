/** Which of the gate's checks apply to a service, by what its configuration declares and what its tokens are. Pure. */
import type { Request } from '../config/request-schema.ts';
import type { Purpose } from '../config/schema.ts';
import type { Subject } from './subject.ts';

/** True, or the reason why the check does not apply. */
type Rule = (subject: Subject) => true | string;

const all =
  (...rules: readonly Rule[]): Rule =>
  (subject) =>
    rules.map((rule) => rule(subject)).find((reason) => reason !== true) ?? true;

const always: Rule = () => true;
const never =
  (reason: string): Rule =>
  () =>
    reason;

const token: Rule = ({ token }) => token !== null || 'the credential is not a signed JSON Web Token';
const unsigned: Rule = ({ token }) => token === null || 'check 5 alters the claims of a signed token';
const cookie: Rule = ({ arm }) => arm.needsCsrfProtection || 'no cookie carries the credential';
/** A refresh token in a cookie is also a credential. */
const keptCookie: Rule = ({ arm, service: { login } }) =>
  arm.needsCsrfProtection ||
  (login.refreshToken !== undefined && 'cookie' in login.refreshToken) ||
  'no cookie carries a credential';
const key: Rule = all(token, ({ canSign, service, arm }) => {
  if (canSign || service.keys.key === null) return canSign || 'token.key does not give the key to sign with';
  return `the gate does not sign with ${arm.tokenAlgorithm}`;
});
const publicKey: Rule = all(token, ({ arm, hasPublicKey }) => {
  if (arm.tokenAlgorithm?.startsWith('HS')) return 'there is no public key: one shared secret signs and verifies';
  return hasPublicKey || 'token.publicKey is not given';
});
const has =
  (...purposes: readonly Purpose[]): Rule =>
  ({ service }) => {
    const missing = purposes.find((purpose) => service.requests[purpose] === undefined);
    return missing === undefined || `requests.${missing} is not given`;
  };
const changes: Rule = ({ service: { requests } }) =>
  [requests.critical, requests.logout, requests.logoutAll].some((request) => request !== undefined) ||
  'neither requests.critical nor requests.logout is given';
const twoUsers: Rule = ({ service }) => service.users.length > 1 || 'it needs two users';
const twoReplicas: Rule = ({ service }) =>
  (service.launch?.replicas ?? service.urls.length) > 1 || 'there is one replica';
const started: Rule = ({ service }) => service.launch !== null || 'what a service at a URL prints cannot be read';
const identity: Rule = ({ service }) => service.identity !== null || 'identity does not say for whom a reply is';
const csrf: Rule = ({ service }) =>
  service.login.csrf !== undefined ||
  service.login.after !== undefined ||
  service.login.steps?.some((step) => step.csrf !== undefined) ||
  'login.csrf is not given: without a CSRF token, SameSite (check 34) has to do';
const tls: Rule = ({ service }) =>
  service.urls.some(({ protocol }) => protocol === 'https:') ||
  service.launch?.speaksTls === true ||
  isBehindTls(service.requests.guarded) ||
  'the service does not speak TLS';
/** A proxy that ends TLS says so in one of these. */
const isBehindTls = ({ headers = {} }: Request): boolean =>
  Object.entries(headers).some(
    ([name, value]) =>
      (/^x-forwarded-(?:proto|scheme)$/i.test(name) && /^https$/i.test(value)) ||
      (/^forwarded$/i.test(name) && /\bproto="?https\b/i.test(value)),
  );
const refresh: Rule = all(has('refresh'), ({ arm }) => arm.refreshTokens === true || 'login.refreshToken is not given');
const endsSoon: Rule = ({ arm }) =>
  arm.revocation !== 'at-expiry' || 'credentials are declared to stay valid after logout until they expire';

const claim =
  (name: string): Rule =>
  ({ token }) =>
    token?.claims[name] !== undefined || `its tokens have no ${name}`;
const ownType: Rule = ({ token }) => {
  const type = token?.header.typ;
  return (type !== undefined && type !== 'JWT') || 'its tokens have no type of their own';
};

const TIMES = never('the gate cannot set the timeouts of a service');
const LIMITS = never('the gate cannot set the limits of a service, and would lock its users out');
const DISABLING = never('the gate disables no user of a service; the experiment revocation does');
const STORE = never('the gate must not stop the store of a service');
const ENCRYPTED = never('it encrypts tokens with the keys of Tollgate’s own servers');
const ISSUER = never('it is about the authorization server of Tollgate’s own arms');
const BOUND = never('no proof of a key is declared for a service');
const EDGE = never('what stands behind a service is not known');
const OWN_SETTINGS = never('it is about settings of Tollgate’s own servers');

/** Rules by the number of the check. A test compares the table with the registry. */
export const RULES: Readonly<Record<number, Rule>> = {
  1: token,
  2: publicKey,
  3: publicKey,
  4: key,
  5: token,
  6: token,
  7: token,
  8: token,
  9: key,
  10: token,
  11: token,
  12: key,
  13: key,
  14: all(key, claim('iss')),
  15: all(key, claim('aud')),
  16: never('it forges tokens with the claims of Tollgate’s own servers'),
  17: TIMES,
  18: token,
  19: never('it logs in 500 times, which a service may limit'),
  20: cookie,
  21: cookie,
  22: cookie,
  23: all(has('logout'), endsSoon),
  24: all(has('logoutAll'), twoUsers, endsSoon),
  25: DISABLING,
  26: DISABLING,
  27: TIMES,
  28: TIMES,
  29: DISABLING,
  30: always,
  31: TIMES,
  32: all(keptCookie, tls),
  33: keptCookie,
  34: keptCookie,
  35: cookie,
  36: all(cookie, has('critical', 'logout'), csrf, twoUsers),
  37: never('a service may show a page where it also takes a form'),
  38: always,
  39: always,
  40: all(cookie, identity, has('admin', 'critical'), csrf),
  41: always,
  42: refresh,
  43: refresh,
  44: TIMES,
  45: never('how long a used refresh token still counts is not declared'),
  46: all(refresh, has('logout')),
  47: LIMITS,
  48: LIMITS,
  49: always,
  50: STORE,
  51: started,
  52: twoReplicas,
  53: all(refresh, token),
  54: DISABLING,
  55: all(has('critical', 'logout'), endsSoon),
  56: never('the configuration declares one kind of credential'),
  57: LIMITS,
  58: LIMITS,
  59: all(key, ownType),
  60: never('it tests claims of Tollgate’s own tokens'),
  61: key,
  62: key,
  63: never('a service may give visitors a session; check 20 says whether a login replaces it'),
  64: OWN_SETTINGS,
  65: STORE,
  66: LIMITS,
  67: never('a service may read the body before it looks at the credential'),
  68: all(cookie, has('critical'), csrf, twoUsers),
  69: never('the gate cannot replace the keys of a service'),
  70: ENCRYPTED,
  71: ENCRYPTED,
  72: ENCRYPTED,
  73: STORE,
  74: never('it is about copies of sessions in cookies of Tollgate’s own servers'),
  75: STORE,
  76: ISSUER,
  77: ISSUER,
  78: ISSUER,
  79: never('the gate holds no signing key of a service, so it cannot name one'),
  80: BOUND,
  81: BOUND,
  82: BOUND,
  83: BOUND,
  84: BOUND,
  85: EDGE,
  86: EDGE,
  87: EDGE,
  88: TIMES,
  89: never('it logs in a dozen times at once, which a service may limit'),
  90: TIMES,
  91: BOUND,
  92: never('the gate starts no more replicas of a service'),
  93: STORE,
  101: always,
  102: always,
  103: all(has('admin')),
  104: always,
  105: all(cookie, changes),
  106: all(unsigned, twoUsers),
};

/** @returns true, or the reason why the check does not apply */
export function appliesTo(check: number, subject: Subject): true | string {
  return RULES[check]?.(subject) ?? 'it was written for Tollgate’s own servers';
}
