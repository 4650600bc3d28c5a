/** Start time of eight replicas of each build: in turns, in random order, including Redis and logins. */
import type { FleetEnvironment, FleetSpec } from '../../bench/fleet/fleet.ts';
import { startFleets } from '../../bench/fleet/start.ts';
import type { Random } from '../../core/stats/random.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import { armOf, type Build } from '../compare/build.ts';
import { type BuildSide, SIDES } from './rows.ts';

const USERS = 10;

function specsOf(build: Build, arms: readonly string[]): FleetSpec[] {
  return arms.map((name) => {
    const arm = armOf(build, name);
    if (arm === null) throw new Error(`${build.label} has no arm ${name}`);
    const shared = { replicas: 1, users: USERS };
    return { ...shared, key: name, arm, program: build.program };
  });
}

/** @returns seconds until all are ready and have a login */
async function startOnce(environment: FleetEnvironment, specs: readonly FleetSpec[]): Promise<number> {
  const began = performance.now();
  const fleets = await startFleets(environment, specs);
  const seconds = (performance.now() - began) / 1000;
  await stopInOrder([fleets]);
  return seconds;
}

export interface StartOptions {
  readonly environment: FleetEnvironment;
  readonly builds: Readonly<Partial<Record<BuildSide, Build>>>;
  readonly arms: readonly string[];
  readonly turns: number;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** The first start of each build is not counted: it fills the compile cache, if the build has one. */
export async function* startTurns(options: StartOptions): AsyncGenerator<{ side: BuildSide; seconds: number }> {
  const { environment, builds, arms, turns, random, signal } = options;
  for (let turn = 0; turn <= turns; turn++) {
    for (const side of random.shuffle([...SIDES])) {
      const build = builds[side];
      if (build === undefined) continue;
      signal.throwIfAborted();
      const seconds = await startOnce(environment, specsOf(build, arms));
      if (turn > 0) yield { side, seconds };
    }
  }
}
