/**
 * A fake `docker` for the PATH: it records its calls, and behaves as FAKE_DOCKER says. `real` starts the replicas and the
 * generator as local processes on loopback, which end with `down`.
 */
import { type SpawnOptions, spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { signalIfAlive } from '../../../bench/processes/ending.ts';
import type { GeneratorPlan } from '../../../containers/plan.ts';

const ROOT = join(import.meta.dirname, '../../..');
const folder = process.env.FAKE_DOCKER_FOLDER ?? '';
const mode = process.env.FAKE_DOCKER ?? 'healthy';
const args = process.argv.slice(2);
const secrets = process.env.TOLLGATE_SECRETS ?? '';
appendFileSync(
  join(folder, 'calls'),
  `${JSON.stringify({ args, arms: [process.env.SESSION_ARM, process.env.TOKEN_ARM] })}\n`,
);

function fail(text: string, code = 1): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Starts a replica for each arm of the plan, and writes their addresses into the plan. */
async function up(): Promise<void> {
  const path = join(secrets, 'plan.json');
  const plan = JSON.parse(readFileSync(path, 'utf8')) as GeneratorPlan;
  for (const arm of plan.arms) {
    const port = await freePort();
    const options: SpawnOptions = {
      detached: true,
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        TOLLGATE_ARM: arm.name,
        PORT: String(port),
        TOLLGATE_SECRETS_FILE: join(secrets, 'tollgate.json'),
      },
    };
    const child = spawn(process.execPath, [join(ROOT, 'servers/process/replica.ts'), '--standalone'], options);
    child.unref();
    appendFileSync(join(folder, 'pids'), `${child.pid}\n`);
    Object.assign(arm, { hosts: arm.hosts.map(() => '127.0.0.1'), port });
  }
  writeFileSync(path, JSON.stringify(plan));
}

function generate(): void {
  const [, index = ''] = /TOLLGATE_SHARD_INDEX=(\d+)/.exec(args.join(' ')) ?? [];
  const env = {
    ...process.env,
    TOLLGATE_PLAN_FILE: join(secrets, 'plan.json'),
    TOLLGATE_SHARD_INDEX: index,
    TOLLGATE_NO_INSTALL: '1',
  };
  const child = spawn(process.execPath, [join(ROOT, 'containers/generator/process.ts')], { env, stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('exit', (code) => process.exit(code ?? 1));
}

function down(): void {
  const pids = join(folder, 'pids');
  if (!existsSync(pids)) return;
  for (const pid of readFileSync(pids, 'utf8').split('\n').filter(Boolean)) signalIfAlive(Number(pid), 'SIGTERM');
  writeFileSync(pids, '');
}

if (mode === 'no-daemon') {
  fail('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?');
}
if (mode === 'no-compose') fail("unknown shorthand flag: 'p' in -p", 125);
const command = ['ps', 'build', 'up', 'run', 'down'].find((word) => args.includes(word));
if (command === 'ps') process.stdout.write(process.env.FAKE_DOCKER_LEFT ?? '');
else if (command === 'up') {
  if (mode === 'unhealthy') fail('container tollgate-1234abcd-session-1 is unhealthy');
  if (mode === 'port-in-use') fail('Bind for 127.0.0.1:8080 failed: port is already allocated');
  if (mode === 'real') await up();
} else if (command === 'run') {
  if (mode === 'real') generate();
  else if (mode === 'packed') {
    const [, index = ''] = /TOLLGATE_SHARD_INDEX=(\d+)/.exec(args.join(' ')) ?? [];
    // Loaded on demand: most calls only record that they were made.
    const { packResults } = await import('../../../containers/results.ts');
    const lines = packResults({ 'journal.jsonl': `journal of shard ${Number(index) + 1}\n` });
    process.stdout.write(`${lines.join('\n')}\n`);
  } else if (mode === 'hangs') {
    // Until it is asked to end; the test waits for this file.
    writeFileSync(join(folder, 'hangs'), '');
    process.on('SIGTERM', () => process.exit(143));
    setInterval(() => {}, 1000);
  } else fail('error: none is not ready at balancer: 0 of 1 replicas are ready', 3);
} else if (command === 'down') {
  if (mode === 'left') fail('error while removing network: has active endpoints');
  down();
}
