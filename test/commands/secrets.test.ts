import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secrets, UserRecord } from '../../servers/configuration.ts';
import { verifyPassword } from '../../servers/passwords.ts';

const MAIN = join(import.meta.dirname, '../..', 'cli', 'main.ts');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-secrets-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function makeSecrets(...words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'secrets', '--out', folder, ...words], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

const read = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('npm run secrets', () => {
  it('writes the files of a replica, readable by its owner only, and prints none of them', async () => {
    const { code, output } = await makeSecrets('--users', '1');
    expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['compose.env', 'tollgate.json', 'users.json']);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);

    const { secrets, users } = JSON.parse(read('tollgate.json'));
    expect(Value.Check(Secrets, secrets)).toBe(true);
    expect(users).toHaveLength(2);
    const passwords: { username: string; password: string }[] = JSON.parse(read('users.json'));
    for (const [i, { username, password }] of passwords.entries()) {
      expect(Value.Check(UserRecord, users[i])).toBe(true);
      expect(users[i].username).toBe(username);
      expect(await verifyPassword(password, users[i].passwordHash)).toBe(true);
      expect(output).not.toContain(password);
    }
    expect(users[1].roles).toContain('admin');
    expect(read('tollgate.json')).not.toContain(passwords[0]?.password);
  });

  it('restricts access to the owner whatever the umask, and refuses a world-writable folder', async () => {
    const before = process.umask(0);
    try {
      rmSync(folder, { recursive: true });
      expect((await makeSecrets('--users', '1')).code).toBe(0);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
      chmodSync(folder, 0o777);
      const refused = await makeSecrets('--users', '1', '--force');
      expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('can be written by everybody') });
    } finally {
      process.umask(before);
    }
  });

  it('lets the replicas run as an ordinary user who owns the files, even if root calls it', async () => {
    await makeSecrets('--users', '1');
    const [, uid] = /^TOLLGATE_UID=(\d+)$/m.exec(read('compose.env')) ?? [];
    expect(Number(uid)).toBeGreaterThan(0);
    expect(statSync(join(folder, 'tollgate.json')).uid).toBe(Number(uid));
  });

  it('checks existing keys on request, and reports a weak one without printing it', async () => {
    expect((await makeSecrets('--check')).code).toBe(2);
    await makeSecrets('--users', '1');
    const fit = await makeSecrets('--check');
    expect(fit.code).toBe(0);
    const file = JSON.parse(read('tollgate.json'));
    const weak = Buffer.from('correct horse battery staple, and more').toString('base64');
    writeFileSync(
      join(folder, 'tollgate.json'),
      JSON.stringify({ ...file, secrets: { ...file.secrets, hmacKey: weak } }),
    );
    const found = await makeSecrets('--check');
    expect(found.code).toBe(1);
    expect(found.output).toContain('hmacKey is text made up by a person');
    expect(found.output).not.toMatch(/correct horse|BEGIN/);
    expect(found.output).not.toContain(weak);
  });

  it('replaces secrets only on request, and then all of them', async () => {
    await makeSecrets('--users', '1');
    const before = read('tollgate.json');
    const refused = await makeSecrets('--users', '1');
    expect(refused.code).toBe(2);
    expect(refused.output).toContain('--force');
    expect(read('tollgate.json')).toBe(before);
    expect((await makeSecrets('--users', '1', '--force')).code).toBe(0);
    expect(JSON.parse(read('tollgate.json')).secrets.hmacKey).not.toBe(JSON.parse(before).secrets.hmacKey);
  });

  it.each(['0', '1.5', 'many', '10001'])('refuses --users %s', async (users) => {
    expect(await makeSecrets('--users', users)).toMatchObject({ code: 2, output: expect.stringContaining('--users') });
    expect(readdirSync(folder)).toEqual([]);
  });
});
