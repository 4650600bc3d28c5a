/** Whether an arm meets the needs, one by one, each with its reason and source. */

import type { ArmEvidence, ArmFacts, Declared, Sourced } from './evidence.ts';
import type { Needs } from './needs.ts';
import type { Reason, Rule, Verdict } from './reason.ts';
import { amountText, durationText } from './words.ts';

const STATE_IS_KEPT: Readonly<Record<string, string>> = {
  redis: 'in Redis',
  issuer: 'in an authorization server',
  file: 'in a file that the replicas share',
  database: 'in a database',
};

/** Its text is written only when it is read: a search judges arms thousands of times, and needs the verdicts alone. */
interface Judgement extends Omit<Reason, 'rule' | 'text'> {
  readonly text: string | (() => string);
}
type Judge = (arm: ArmEvidence, needs: Needs, declares: Declared) => Judgement | null;

const said = (
  verdict: Verdict,
  text: Judgement['text'],
  {
    figure,
    declared = null,
    published = null,
  }: { figure?: Sourced | null; declared?: string | null; published?: string | null },
): Judgement => ({ verdict, text, figures: figure ? [figure] : [], declared, published });

/** The longest time that a revoked credential may be accepted, as declared; null if it stays valid until it expires. */
export function boundOf(declares: Declared, operation: 'read' | 'critical'): number | null {
  if (operation === 'critical' && declares.rechecksCredential) return 0;
  return declares.revokedWithinMs ?? declares.lifetimeMs;
}

/** Whether a revoked credential was seen to be accepted for longer than the declared bound. */
export function exceedsBound(boundMs: number | null, seen: Sourced | null): boolean {
  return seen !== null && boundMs !== null && seen.low > boundMs;
}

const refused = (bound: number | null) =>
  bound === null ? 'never' : bound === 0 ? 'at once' : `within ${durationText(bound)}`;

function ends(operation: 'read' | 'critical', arm: ArmEvidence, limitMs: number, declares: Declared) {
  const bound = boundOf(declares, operation);
  const seen = arm.lagMs[operation];
  const what = operation === 'critical' ? 'for critical operations a' : 'a';
  const declared = operation === 'critical' && declares.rechecksCredential ? 'rechecksCredential' : 'revocation';
  if (arm.variant === 'fail-open' && (declares.lifetimeMs ?? Number.POSITIVE_INFINITY) > limitMs) {
    const text = () =>
      `while Redis is unavailable it accepts revoked credentials until they expire (${refused(declares.lifetimeMs)})`;
    return said('breaks', text, { figure: arm.failOpenPct, declared: 'variant' });
  }
  if (seen !== null && seen.low > limitMs) {
    const text = () => `${what} revoked credential was still accepted ${durationText(seen.low)} later`;
    return said('breaks', text, { figure: seen, declared });
  }
  const promise = () => `${what} revoked credential is refused ${refused(bound)}`;
  if (bound === null || bound > limitMs)
    return said('breaks', () => `${promise()}, as declared`, { figure: seen, declared });
  const kept = () => {
    if (seen === null) return ', as declared';
    return exceedsBound(bound, seen)
      ? `, as declared, but was still accepted ${durationText(seen.low)} later`
      : ', and was';
  };
  return said('meets', () => `${promise()}${kept()}`, { figure: seen, declared });
}

/** The store of the state, which may be unavailable. */
const unavailableStoreOf = ({ serverState }: ArmFacts) =>
  serverState === 'issuer' ? 'the authorization server' : serverState === 'database' ? 'the database' : 'Redis';

/** Each kind of client uses the credential that suits it. */
const servesBoth = ({ variant }: ArmFacts) => variant === 'both-credentials';

const JUDGES: Readonly<Partial<Record<Rule, Judge>>> = {
  gate: (arm) =>
    arm.failedGate ? said('breaks', 'it failed a security check of this run', { figure: arm.cpuUs }) : null,

  revocation: (arm, { revokeWithinMs }, declares) =>
    revokeWithinMs === null ? null : ends('read', arm, revokeWithinMs, declares),

  // If every request has the same deadline, critical operations add no requirement.
  critical: (arm, { criticalWithinMs, criticalShare, revokeWithinMs }, declares) =>
    criticalWithinMs === null || criticalWithinMs === revokeWithinMs || criticalShare === 0
      ? null
      : ends('critical', arm, criticalWithinMs, declares),

  sticky: (_arm, { sticky }, { needsStickyRouting }) => {
    if (!needsStickyRouting) return null;
    const text = 'a credential works on the replica that issued it, and ends when that restarts';
    return said(sticky ? 'caution' : 'breaks', text, {
      declared: 'needsStickyRouting',
      published: 'The Twelve-Factor App, VI. Processes',
    });
  },

  store: ({ serverState }, { store }) => {
    const kept = STATE_IS_KEPT[serverState] ?? 'in the server process';
    if (serverState === 'none')
      return store === 'none' ? said('meets', 'it keeps no state', { declared: 'serverState' }) : null;
    const allowed = store === 'redis' || (store === 'process' && serverState === 'process');
    if (!allowed) return said('breaks', `it keeps state ${kept}`, { declared: 'serverState' });
    return serverState === 'file'
      ? said('caution', `it keeps state ${kept}, which only works on one machine`, {
          declared: 'serverState',
          published: 'SQLite, Write-Ahead Logging, 1. Overview',
        })
      : null;
  },

  api: (arm, { clients }, declares) => {
    if (!clients.includes('api') || servesBoth(arm)) return null;
    const { plainClient } = arm;
    // A credential that browsers send by themselves is a cookie.
    const isCookie = declares.needsCsrfProtection;
    const works = plainClient === null ? !isCookie : plainClient.value === 1;
    const text = works
      ? 'a client without a cookie jar can use it'
      : 'its credential is a cookie, which a client without a cookie jar does not return';
    return said(works ? 'meets' : 'breaks', text, {
      figure: plainClient,
      declared: 'needsCsrfProtection',
      published: 'RFC 6750, 2.1',
    });
  },

  script: (arm, { clients, keepFromScripts, crossOrigin }, declares) => {
    // In an arm that has both, a page of another site cannot use the cookie.
    if (!clients.includes('browser') || (servesBoth(arm) && !crossOrigin)) return null;
    if (declares.readableByScript) {
      const text = keepFromScripts
        ? 'an injected script can read its credential'
        : 'an injected script can read its credential: keep it in memory and short-lived';
      const published = 'OWASP HTML5 Security Cheat Sheet, Local Storage';
      return said(keepFromScripts ? 'breaks' : 'caution', text, {
        figure: arm.readByScript,
        declared: 'readableByScript',
        published,
      });
    }
    if (!declares.needsCsrfProtection) return null;
    const text = `browsers send its cookie automatically: state changes need a CSRF token${crossOrigin ? '' : ' in addition to SameSite'}`;
    const published = 'OWASP CSRF Prevention Cheat Sheet';
    return said('caution', text, { figure: arm.forged, declared: 'needsCsrfProtection', published });
  },

  origin: (arm, { crossOrigin, clients }, declares) => {
    if (!crossOrigin || !clients.includes('browser')) return null;
    const works = declares.crossOrigin;
    const text = works
      ? 'a page of another site can send its credential, if CORS allows that'
      : 'its SameSite cookie is not sent by pages of another site';
    return said(works ? 'meets' : 'breaks', text, {
      figure: arm.acrossSites,
      declared: 'crossOrigin',
      published: 'RFC 6265bis, SameSite',
    });
  },

  outage: (arm, { outage, criticalShare }, declares) => {
    if (outage === 'refuse') return null;
    const seen = arm.acceptedInOutagePct;
    const options = { figure: seen, declared: 'survivesRedisOutage' };
    if (!declares.survivesRedisOutage || (seen !== null && seen.high < 99)) {
      return said('breaks', `it refuses requests while ${unavailableStoreOf(arm)} is unavailable`, options);
    }
    return declares.rechecksCredential && criticalShare > 0
      ? said(
          'caution',
          `it answers reads while ${unavailableStoreOf(arm)} is unavailable, and refuses critical operations`,
          options,
        )
      : said('meets', `it answers while ${unavailableStoreOf(arm)} is unavailable`, options);
  },

  verifier: ({ tokenAlgorithm, variant, serverState }, { verifiedElsewhere }) => {
    if (!verifiedElsewhere) return null;
    if (variant === 'edge') {
      const behind = 'services behind its edge verify the exchanged token with a public key';
      return said('meets', behind, { declared: 'variant', published: 'RFC 9068, 2.1' });
    }
    if (serverState === 'issuer' && tokenAlgorithm === null) {
      const asked = 'services ask the authorization server, the only one that can issue it';
      return said('meets', asked, { declared: 'serverState', published: 'RFC 7662, 2' });
    }
    const isShared = tokenAlgorithm?.startsWith('HS') === true;
    const text =
      tokenAlgorithm === null
        ? 'only its own servers can verify it'
        : isShared
          ? `${tokenAlgorithm} has one key for both: a service that verifies tokens could issue them`
          : `${tokenAlgorithm} is verified with a public key`;
    const meets = tokenAlgorithm !== null && !isShared;
    return said(meets ? 'meets' : 'breaks', text, { declared: 'tokenAlgorithm', published: 'RFC 9068, 2.1' });
  },

  surface: (arm, { clients }) => {
    if (!servesBoth(arm) || (clients.includes('browser') && clients.length > 1)) return null;
    const text = 'it accepts two kinds of credentials, and these clients use only one';
    return said('breaks', text, { declared: 'variant', published: 'OWASP Attack Surface Analysis Cheat Sheet' });
  },

  craft: ({ variant }, { handTuned }) => {
    if (variant !== 'hand-tuned') return null;
    const published = 'OWASP Session Management Cheat Sheet, built-in session management';
    return handTuned
      ? said('caution', 'it is your own code, which no library maintains', { declared: 'variant', published })
      : said('breaks', 'it is hand-written code that no library maintains', { declared: 'variant', published });
  },

  cache: (arm, { users }) => {
    const { variant, serverState, copiesIn } = arm;
    const declared = 'variant';
    if (copiesIn !== null) {
      const keeper = { replica: 'a replica keeps', edge: 'an edge keeps', client: 'their browser keeps' }[copiesIn];
      const text = `this is the cost for users who return while ${keeper} their copy: other requests query the store`;
      return said('caution', text, { declared });
    }
    if (variant !== 'cached' || serverState !== 'none') return null;
    if (arm.verifiedUs !== null && arm.remembers !== null) {
      const { tokens } = arm.remembers;
      const known = () =>
        users <= tokens
          ? `each replica remembers ${amountText(tokens)} verified tokens, which are enough: the cost counts those that it has not seen yet`
          : `each replica remembers ${amountText(tokens)} verified tokens of ${amountText(users)}: the cost counts the others as verified each time`;
      return said('meets', known, { figure: arm.verifiedUs, declared: 'remembers' });
    }
    const text =
      'this is the cost for tokens that a replica has verified before and still caches: a cache smaller than the number of users evicts some';
    return said('caution', text, { declared });
  },
};

const JUDGED = Object.keys(JUDGES) as Rule[];

/** Every need that applies to the arm. */
export function reasonsFor(arm: ArmEvidence, needs: Needs): Reason[] {
  const { declares } = arm;
  if (declares === null) {
    const text = 'the run does not record its promises';
    return [{ rule: 'revocation', verdict: 'unknown', text, figures: [], declared: null, published: null }];
  }
  return JUDGED.flatMap((rule) => {
    const judgement = JUDGES[rule]?.(arm, needs, declares) ?? null;
    if (judgement === null) return [];
    const { verdict, text, ...sources } = judgement;
    return [{ rule, verdict, text: typeof text === 'string' ? text : text(), ...sources }];
  });
}

/** Whether an arm meets every need that does not depend on load. It writes no reasons, so it is cheap. */
export function meetsRules(arm: ArmEvidence, needs: Needs): boolean {
  const { declares } = arm;
  if (declares === null) return false;
  return JUDGED.every((rule) => {
    const verdict = JUDGES[rule]?.(arm, needs, declares)?.verdict ?? 'meets';
    return verdict === 'meets' || verdict === 'caution';
  });
}

/** Whether the declarations of an arm that was not measured meet the needs. */
export function fitsAsDeclared(facts: ArmFacts, needs: Needs): boolean {
  const nothing = {
    failedGate: false,
    cpuUs: null,
    verifiedUs: null,
    redisCpuUs: null,
    companionCpuUs: null,
    toBaseline: null,
    redisCommands: null,
    requestBytes: null,
    responseBytes: null,
    storedBytes: {},
    lagMs: { read: null, critical: null },
    acceptedInOutagePct: null,
    failOpenPct: null,
    plainClient: null,
    acrossSites: null,
    readByScript: null,
    forged: null,
    latencies: [],
  };
  return meetsRules({ ...facts, ...nothing }, needs);
}
