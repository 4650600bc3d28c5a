/** What does a browser really protect? Attacks and honest pages in a real Chromium, judged by the server's own record. */

import type { StoppedBy } from '../../../core/results/schema.ts';
import type { Random } from '../../../core/stats/random.ts';
import type { Victim } from '../../browser/attacks.ts';
import { type RunningBrowser, startChromium, type ThirdPartyCookies } from '../../browser/chromium.ts';
import { type Setup, setupsOf } from '../../browser/setups.ts';
import { openStage } from '../../browser/stage.ts';
import { type Trial, trialsOf } from '../../browser/trials.ts';
import { openVictim } from '../../browser/victim.ts';
import { type ArmPredicate, armsWhere, isPlainOr } from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext, Profile } from '../../measuring/experiment.ts';
import { analyseBrowser } from './analyse.ts';

export const BROWSER = 'browser';

/** What a browser does is no matter of chance: a second time shows that it was none of timing either. */
const MOST_ROUNDS: Readonly<Record<Profile, number>> = { quick: 1, full: 3 };

/** One of each kind of credential, and of each place for it. */
/**
 * Each place of a credential in the browser. To a browser, a session in memory is one more cookie, and a token that the server
 * looks up in a denylist is one more token.
 */
const differsInTheBrowser: ArmPredicate = (arm) => {
  const storesDenylistAlone = arm.stores?.length === 1 && arm.stores[0] === 'denylist';
  const isOneMore = arm.serverState === 'process' || storesDenylistAlone;
  return !arm.baseline && !isOneMore && isPlainOr(arm, 'cookie', 'both-credentials');
};

/** In the first round the most telling come first, since the time may end; later ones differ, so that order tells nothing. */
function orderOf(setups: readonly Setup[], round: number, random: Random): Setup[] {
  if (round > 0) return random.derive(`round ${round}`).shuffle(setups);
  return setups.toSorted((a, b) => a.rank - b.rank);
}

function describe({ arm, storage, cookie, thirdPartyCookies }: Setup): string {
  if (cookie === null) return `${arm.name}, token in ${storage}`;
  return `${arm.name}, SameSite ${cookie.sameSite}, CSRF token ${cookie.csrf ? 'on' : 'off'}, third-party cookies ${thirdPartyCookies}`;
}

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const setups = setupsOf(context.arms);
  if (setups.length === 0) return 'plan';
  const browsers = new Map<ThirdPartyCookies, RunningBrowser>();
  /** One for each setting: it is of the whole browser. */
  const browserFor = async (cookies: ThirdPartyCookies) => {
    const running = browsers.get(cookies) ?? (await startChromium(context, cookies));
    browsers.set(cookies, running);
    return running;
  };
  try {
    const { version } = await browserFor('allowed');
    context.note(`What browsers protect was seen in ${version}, headless.`);
    return await attack(context, browserFor, setups);
  } finally {
    await Promise.all([...browsers.values()].map((running) => running.stop()));
  }
}

async function attack(
  context: ExperimentContext,
  browserFor: (cookies: ThirdPartyCookies) => Promise<RunningBrowser>,
  setups: readonly Setup[],
): Promise<StoppedBy> {
  const needsRedis = setups.some(({ arm }) => arm.usesRedis);
  const stage = await openStage(context.watch, needsRedis ? await context.startRedis() : null);
  const firstRound = Math.max(-1, ...context.prior.map(({ fork }) => fork)) + 1;
  const rounds = MOST_ROUNDS[context.config.profile];
  try {
    for (let round = firstRound; round < Math.max(rounds, firstRound + 1); round++) {
      const ordered = orderOf(setups, round, context.random);
      for (const [i, setup] of ordered.entries()) {
        if (context.signal.aborted) return 'interrupted';
        if (context.secondsLeft() <= 0) return 'budget';
        context.progress({ step: `round ${round + 1}, ${i + 1} of ${setups.length}`, live: describe(setup) });
        const served = await stage.serve(setup);
        const next = ordered[i + 1];
        // Started while this one is attacked.
        if (next !== undefined) void stage.serve(next);
        const { browser: chromium } = await browserFor(setup.thirdPartyCookies);
        const victim = await openVictim(chromium, setup, served, `control-${round}-${i}`);
        try {
          for (const [order, trial] of trialsOf(setup).entries()) {
            if (context.signal.aborted) return 'interrupted';
            await record(context, setup, trial, victim, { fork: round, block: i, order });
          }
        } finally {
          await victim.leave();
        }
      }
    }
    return 'plan';
  } finally {
    await stage.stop();
  }
}

async function record(
  context: ExperimentContext,
  { arm }: Setup,
  trial: Trial,
  victim: Victim,
  place: { readonly fork: number; readonly block: number; readonly order: number },
): Promise<void> {
  const started = performance.now();
  const before = victim.witness.seen().length;
  const result = await trial.carryOut(victim, `trial-${place.fork}-${place.block}-${place.order}`);
  context.record({
    ...place,
    arm: arm.name,
    factors: { ...trial.factors, ...result.factors },
    mode: 'count',
    durationMs: performance.now() - started,
    requests: victim.witness.seen().length - before,
    // Refusals are what is looked for.
    unexpected: 0,
    failed: 0,
    statuses: {},
    measures: result.measures,
    flags: [],
  });
}

export const browser: Experiment = {
  name: BROWSER,
  question: 'What does a browser really protect?',
  inQuick: false,
  usesRedis: false,
  failsAlone: true,
  seconds: { quick: 30, full: 75 },
  defaultArms: armsWhere(differsInTheBrowser),
  run,
  analyse: analyseBrowser,
};
