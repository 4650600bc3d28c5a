/** The trials of a setup: each attack, each honest page of another origin, and a client that is not a browser. */
import type { Measures } from '../../core/results/measures.ts';
import type { Factors } from '../../core/results/schema.ts';
import {
  attackByScript,
  attackFromOutside,
  CSRF_ATTACKS,
  isStateChanging,
  type Victim,
  XSS_ATTACKS,
} from './attacks.ts';
import { CROSS_ORIGINS, callsFromElsewhere, plainClientWorks, tokenFor } from './cross-origin.ts';
import { ORIGINS, type Origin } from './hosts.ts';
import type { Outcome } from './judge.ts';
import { factorsOf, type Setup } from './setups.ts';
import { askOf } from './stage.ts';

export interface TrialResult {
  /** The outcome, in addition to the measures. */
  readonly factors: Factors;
  readonly measures: Measures;
}

export interface Trial {
  readonly factors: Factors;
  /** @param marker identifies the requests of this trial */
  readonly carryOut: (victim: Victim, marker: string) => Promise<TrialResult>;
}

const attacked = ({ succeeded, sent, stoppedBy }: Outcome, isXss: boolean): TrialResult => ({
  factors: { stopped_by: stoppedBy },
  measures: { succeeded: Number(succeeded), ...(isXss ? {} : { credential_sent: Number(sent) }) },
});

function scriptTrials(setup: Setup): Trial[] {
  return XSS_ATTACKS.map((attack) => ({
    factors: { attack, origin: 'same-origin', ...factorsOf(setup) },
    carryOut: async (victim, marker) => attacked(await attackByScript(attack, victim, marker), true),
  }));
}

function strangerTrials(setup: Setup): Trial[] {
  const origins = Object.keys(ORIGINS) as Origin[];
  const attacks = setup.csrf === 'all' ? CSRF_ATTACKS : CSRF_ATTACKS.filter(isStateChanging);
  return origins.flatMap((origin) =>
    attacks.map((attack) => ({
      factors: { attack, origin, ...factorsOf(setup) },
      carryOut: async (victim, marker) => attacked(await attackFromOutside(attack, origin, victim, marker), false),
    })),
  );
}

function partnerTrials(setup: Setup): Trial[] {
  const { cookie, thirdPartyCookies } = setup;
  const credential = cookie === null ? 'token' : 'cookie';
  return CROSS_ORIGINS.map((from) => ({
    factors: {
      credential,
      same_site: cookie?.sameSite ?? 'no-cookie',
      origin: from.origin,
      cors: from.listed ? 'listed' : 'not-listed',
      third_party_cookies: thirdPartyCookies,
    },
    carryOut: async (victim) => {
      const token = cookie === null ? await tokenFor(victim.replica, victim.user, askOf(setup)) : null;
      return {
        factors: {},
        measures: { cross_origin_works: Number(await callsFromElsewhere(from, victim, token)) },
      };
    },
  }));
}

function plainClientTrial(setup: Setup): Trial {
  return {
    factors: { credential: setup.cookie === null ? 'token' : 'cookie' },
    carryOut: async ({ replica, user, isBound }) => ({
      factors: {},
      measures: { plain_client_works: Number(await plainClientWorks(replica, user, askOf(setup), isBound)) },
    }),
  };
}

/** Injected scripts come last, since they change their page. */
export function trialsOf(setup: Setup): Trial[] {
  const once = setup.xss && (setup.cookie !== null || setup.storage === 'memory');
  return [
    ...(setup.csrf === 'none' ? [] : strangerTrials(setup)),
    ...(setup.partners ? partnerTrials(setup) : []),
    ...(once ? [plainClientTrial(setup)] : []),
    ...(setup.xss ? scriptTrials(setup) : []),
  ];
}
