/** Starts the fleets that checks talk to: two replicas as processes, with the settings of a variant, and their Redis. */
import type { ArmInfo } from '../../../servers/contract.ts';
import { makeCertificate } from '../../fleet/certificate.ts';
import { breakable } from '../../fleet/companions/start.ts';
import type { FleetEnvironment, FleetSpec } from '../../fleet/fleet.ts';
import { makeUsers } from '../../fleet/secrets.ts';
import { startFleet } from '../../fleet/start.ts';
import type { Address } from '../../load/connection/connection.ts';
import type { Endpoint } from '../http.ts';
import type { GateFleet } from '../target.ts';
import { controlOf } from './redis-control.ts';
import { VARIANTS, type VariantName } from './variants.ts';

export type GateEnvironment = Pick<
  FleetEnvironment,
  'janitor' | 'secrets' | 'users' | 'redisUrl' | 'storeServer' | 'runId'
>;

/** Starts a fleet of an arm, or of a mutant of it, for a set of checks. */
export type Stage = (arm: ArmInfo, variant: VariantName) => Promise<GateFleet>;

/** Ordinary users of a fleet: each check takes as many as it needs and shares none. */
const USERS = 160;
/** The number of users where hashing their passwords is expensive. */
const FEW_USERS = 8;
const OUTPUT_KEPT = 1_000_000;

/** Passwords are hashed as cheaply as possible, because the checks are about everything else. */
export const makeGateUsers = () => makeUsers(USERS, { memoryKiB: 64, passes: 1, cheap: true });

/** The key of a Redis of the gate, which must differ from those of the benchmark. */
export const redisKey = (name: string) => `gate-${name}`;

function endpoint({ host, port, certificate }: Address): Endpoint {
  return { host, port, certificate: certificate ?? null };
}

function pairOf([first, second]: readonly Address[]): [Endpoint, Endpoint] {
  if (!first || !second) throw new Error('the fleet does not have two replicas');
  return [endpoint(first), endpoint(second)];
}

/** @param program the replica's program; default: this checkout's. Mutants and other builds have another */
export function createStage(environment: GateEnvironment, program: FleetSpec['program'] = {}): Stage {
  let fleets = 0;
  return async (arm, variantName) => {
    const { settings, tls, passwords } = VARIANTS[variantName];
    let death: string | null = null;
    let output = '';
    const onDeath = (error: Error) => {
      death ??= error.message;
    };
    const onOutput = (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
    };
    const fleet = await startFleet(
      { ...environment, shares: null, onDeath },
      {
        key: redisKey(`${arm.name}-${fleets++}`),
        arm,
        replicas: 2,
        program: { onOutput, ...program },
        settings,
        ...(tls ? { tls: makeCertificate() } : {}),
        ...(passwords === undefined ? {} : { ownUsers: { count: FEW_USERS, argon2: passwords } }),
        // Checks log in by themselves.
        users: 0,
      },
    );
    return {
      replicas: pairOf(fleet.replicas.map(({ address }) => address)),
      behind: arm.hasEdge === true ? pairOf(fleet.replicas.flatMap(({ behind }) => behind ?? [])) : null,
      settings,
      secrets: environment.secrets,
      users: fleet.users,
      redis: fleet.redis === null ? null : controlOf(fleet.redis),
      companion: breakable(fleet.companions ?? [])?.faults ?? null,
      withKeys: async (secrets) => pairOf((await fleet.startWithKeys(secrets)).map(({ address }) => address)),
      death: () => death,
      output: () => output,
      stop: () => fleet.stop(),
    };
  };
}
