/** `--fleet compose`: creates the secrets of the run, and measures with docker-compose.yml. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOnCompose } from '../../containers/compose/run.ts';
import type { GeneratorPlan } from '../../containers/plan.ts';
import { writeAtomically } from '../../core/atomic-file.ts';
import { ROOT } from '../root.ts';
import { makeContainerSecrets, type SecretsMade } from './secrets.ts';
import type { FleetRun } from './shapes.ts';

const BALANCER = 'balancer';
/** The ports in deploy/nginx.conf. */
const PORTS = { baseline: 8080, guarded: [8081, 8082] } as const;
const USERS = 64;
/** The deadline for replicas: names resolve at once, because the health checks have passed. */
const READY_SECONDS = 60;

export async function runComposeFleet(run: FleetRun): Promise<void> {
  const guarded = run.arms.filter(({ baseline }) => !baseline);
  const [first, second] = guarded;
  const portOf = (name: string) => PORTS.guarded[guarded.findIndex((arm) => arm.name === name)] ?? PORTS.baseline;
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-compose-'));
  try {
    chmodSync(folder, 0o700);
    const made = await makeContainerSecrets(folder, USERS, 'cheap');
    const plan: GeneratorPlan = {
      shards: run.fleet.shards,
      arguments: [...run.arguments],
      arms: run.arms.map(({ name }) => ({
        name,
        hosts: Array.from({ length: run.fleet.shards }, () => BALANCER),
        port: portOf(name),
        addresses: 1,
      })),
      users: [...made.users],
      readyWithinSeconds: READY_SECONDS,
    };
    writePlan(folder, plan, made);
    await runOnCompose({
      root: ROOT,
      shards: run.fleet.shards,
      secrets: folder,
      env: {
        TOLLGATE_SECRETS: folder,
        ...(first === undefined ? {} : { SESSION_ARM: first.name }),
        ...(second === undefined ? {} : { TOKEN_ARM: second.name }),
      },
      measureSeconds: run.measureSeconds,
      signal: run.signal,
      onMeasured: run.onMeasured,
      onProgress: run.onProgress,
      onNote: run.onNote,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writePlan(folder: string, plan: GeneratorPlan, { owner }: SecretsMade): void {
  const options = { mode: 0o600, ...(owner === null ? {} : { owner }) };
  writeAtomically(join(folder, 'plan.json'), JSON.stringify(plan), options);
}
