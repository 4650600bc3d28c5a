/** Measures browsers: attacks and honest pages in a real Chromium, one setup after another. */
import { thenEnding } from '../../../core/errors.ts';
import type { StoppedBy } from '../../../core/results/schema.ts';
import { stopInOrder } from '../../../core/stop-in-order.ts';
import type { Victim } from '../../browser/attacks.ts';
import { type RunningBrowser, startChromium, type ThirdPartyCookies } from '../../browser/chromium.ts';
import { type Setup, setupsOf } from '../../browser/setups.ts';
import { openStage } from '../../browser/stage.ts';
import { retryOnNetworkChange } from '../../browser/steady.ts';
import { type Trial, trialsOf } from '../../browser/trials.ts';
import { openVictim } from '../../browser/victim.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import { eachFork } from '../../measuring/run-forks.ts';
import type { NewSlice, Position } from '../../measuring/slices.ts';
import { BROWSER_PLANS, orderOf } from './plan.ts';

export async function measureBrowser(context: ExperimentContext): Promise<StoppedBy> {
  const setups = setupsOf(context.arms);
  if (setups.length === 0) return 'plan';
  const browsers = new Map<ThirdPartyCookies, RunningBrowser>();
  /** One browser per setting, which applies to the whole browser. */
  const browserFor = async (cookies: ThirdPartyCookies) => {
    const running = browsers.get(cookies) ?? (await startChromium(context, cookies));
    browsers.set(cookies, running);
    return running;
  };
  return thenEnding(
    async () => {
      const { version } = await browserFor('allowed');
      context.note(`browser: measured in headless ${version}`);
      return await attack(context, browserFor, setups);
    },
    () => stopInOrder([[...browsers.values()]]),
  );
}

async function attack(
  context: ExperimentContext,
  browserFor: (cookies: ThirdPartyCookies) => Promise<RunningBrowser>,
  setups: readonly Setup[],
): Promise<StoppedBy> {
  const needsRedis = setups.some(({ arm }) => arm.usesRedis);
  const stage = await openStage(context, needsRedis ? await context.startRedis() : null);
  let isCutShort = false;
  const attackAll = async (round: number) => {
    const ordered = orderOf(setups, round, context.random);
    for (const [i, setup] of ordered.entries()) {
      isCutShort = context.secondsLeft() <= 0;
      if (context.signal.aborted || isCutShort) return;
      context.progress({ step: `round ${round + 1}, ${i + 1} of ${setups.length}`, live: describe(setup) });
      const served = await stage.serve(setup);
      const next = ordered[i + 1];
      // Started while the current one is attacked.
      if (next !== undefined) void stage.serve(next);
      const { browser: chromium } = await browserFor(setup.thirdPartyCookies);
      const slices = await retryOnNetworkChange(chromium, async (tried) => {
        const marker = `${round}-${i}-${tried}`;
        const victim = await openVictim(chromium, setup, served, `control-${marker}`);
        const carriedOut: NewSlice[] = [];
        await thenEnding(
          async () => {
            for (const [order, trial] of trialsOf(setup).entries()) {
              if (context.signal.aborted) break;
              const position = { fork: round, block: i, order };
              carriedOut.push(await carryOut({ setup, trial, victim, position, marker: `trial-${marker}-${order}` }));
            }
          },
          () => victim.leave(),
        );
        return carriedOut;
      });
      for (const slice of slices) context.record(slice);
      if (context.signal.aborted) return;
    }
  };
  return thenEnding(
    async () => {
      const stoppedBy = await eachFork(context, BROWSER_PLANS[context.config.profile], attackAll);
      return stoppedBy === 'plan' && isCutShort ? 'budget' : stoppedBy;
    },
    () => stage.stop(),
  );
}

function describe({ arm, storage, cookie, thirdPartyCookies }: Setup): string {
  if (cookie === null) return `${arm.name}, token in ${storage}`;
  return `${arm.name}, SameSite ${cookie.sameSite}, CSRF token ${cookie.csrf ? 'on' : 'off'}, third-party cookies ${thirdPartyCookies}`;
}

interface PlacedTrial {
  readonly setup: Setup;
  readonly trial: Trial;
  readonly victim: Victim;
  readonly position: Position;
  /** Identifies the requests of this trial. */
  readonly marker: string;
}

async function carryOut({ setup, trial, victim, position, marker }: PlacedTrial): Promise<NewSlice> {
  const started = performance.now();
  const before = victim.witness.seen().length;
  const result = await trial.carryOut(victim, marker);
  return {
    ...position,
    arm: setup.arm.name,
    factors: { ...trial.factors, ...result.factors },
    mode: 'trial',
    durationMs: performance.now() - started,
    requests: victim.witness.seen().length - before,
    // Refusals are expected here.
    unexpected: 0,
    failed: 0,
    statuses: {},
    measures: result.measures,
    flags: [],
  };
}
