/** Unusable hosts are reported before any load, each in one line with a hint. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHosts } from '../../bench/hosts/config/read.ts';
import { Hosts } from '../../bench/hosts/hosts.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { TollgateError, thenEnding } from '../../core/errors.ts';
import { makeNetwork, type Network, namespacesMissing, type TestHost } from '../support/hosts/namespaces.ts';
import { writeHosts } from '../support/hosts/plan.ts';

const missing = namespacesMissing();
if (missing !== null) console.warn(`not run: the tests of several hosts, because ${missing}`);

const GOOD = ['generator-1', 'replica-1'];
const WRONG = ['replica-key', 'replica-none', 'replica-old', 'store-full', 'replica-closed'];
const LATER = ['replica-clock', 'replica-wall', 'balancer-port'];

let network: Network;
let janitor: Janitor;
const nodes: Record<string, string> = {};
beforeAll(async () => {
  if (missing !== null) return;
  janitor = await Janitor.start();
  network = await makeNetwork([...GOOD, ...WRONG, ...LATER]);
});
afterAll(async () => {
  if (missing !== null) return;
  network.remove();
  await janitor.finish();
});

function named(name: string): TestHost {
  const found = network.hosts.find((host) => host.name === name);
  if (found === undefined) throw new Error(`no host ${name}`);
  return found;
}

/** A Node executable with a wrapper. */
function nodeWith(name: string, code: string): string {
  const path = join(network.folder, `node-${name}`);
  const preload = join(network.folder, `preload-${name}.cjs`);
  writeFileSync(preload, code);
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' --require '${preload}' "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** @returns all errors, in the order of the hosts' names */
async function refusalsOf(names: readonly string[], balancer?: { port: number }): Promise<string[]> {
  const notes: string[] = [];
  const plan = readHosts(writeHosts(network, names.map(named), nodes, balancer));
  try {
    const hosts = await Hosts.open({
      plan,
      janitor,
      signal: new AbortController().signal,
      onNote: (text) => notes.push(text),
    });
    await hosts.end();
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error;
    notes.push(`${error.message}: ${error.hint}`);
  }
  return notes.filter((note) => !note.startsWith('copying')).toSorted();
}

describe.runIf(missing === null)('hosts that cannot be used', () => {
  it('are all reported at once, each with its problem and a hint', async () => {
    const known = join(network.folder, 'known');
    const right = readFileSync(known, 'utf8');
    const keyOf = (name: string) => right.split('\n').find((line) => line.startsWith(`${named(name).address} `)) ?? '';
    const foreign = keyOf('replica-1').replace(named('replica-1').address, named('replica-key').address);
    writeFileSync(known, right.replace(keyOf('replica-key'), foreign));
    nodes['replica-none'] = '/nowhere/node';
    nodes['replica-old'] = nodeWith(
      'old',
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });",
    );
    named('store-full').fill(2);
    named('replica-closed').drop(network.here);
    const [closed, key, none, old, full, ...others] = await refusalsOf([...GOOD, ...WRONG]);
    expect(others).toEqual([]);
    expect(closed).toMatch(/^host replica-closed does not answer ssh within 10 s \(ssh: .*\): start it, or open/);
    expect(key).toMatch(/^host replica-key has a different host key than before.*: find out why/);
    expect(none).toMatch(/^host replica-none has no Node\.js: \/nowhere\/node cannot be started .*: install Node\.js/);
    expect(old).toMatch(/^host replica-old has Node\.js 18\.20\.4, which is too old: 22\.19 or newer is needed: /);
    expect(full).toMatch(/^host store-full has no disk space for the package: ENOSPC.*: free 50 MB/);
    expect(network.left()).toEqual([]);
    // The part that was unpacked before the disk was full is removed.
    expect(named('store-full').run('ls', join(named('store-full').cache, 'tollgate'))).toBe('');
    writeFileSync(known, right);
  });

  it('include one whose clock is two minutes off', async () => {
    nodes['replica-clock'] = nodeWith('clock', 'const now = Date.now; Date.now = () => now() + 120_000;');
    const refused = await refusalsOf([...GOOD, 'replica-clock']);
    expect(refused).toEqual([
      expect.stringMatching(
        /^the clock of host replica-clock is 120 s ahead of the one here: .*: synchronise the clock/,
      ),
    ]);
  });

  it('include one that a firewall separates from the others', async () => {
    named('replica-wall').drop(named('generator-1').address);
    const refused = await refusalsOf([...GOOD, 'replica-wall']);
    const { address } = named('replica-wall');
    expect(refused).toEqual([
      `host generator-1 cannot reach host replica-wall at ${address}: no answer within 3 s: allow TCP between their addresses in the firewall, on the ephemeral ports of Linux (32768 to 60999)`,
    ]);
    expect(network.left()).toEqual([]);
  });

  it('include that of a balancer whose port is in use', async () => {
    // Its sshd listens there.
    const refused = await refusalsOf([...GOOD, 'balancer-port'], { port: 22 });
    expect(refused).toEqual([
      `host balancer-port cannot listen on port 22 of ${named('balancer-port').address}: it is in use: set another port in "balancer" of hosts.json, or omit it to use any free one`,
    ]);
    expect(network.left()).toEqual([]);
  });

  it('include one that another run uses', async () => {
    const plan = readHosts(writeHosts(network, GOOD.map(named)));
    const signal = new AbortController().signal;
    const first = await Hosts.open({ plan, janitor, signal, onNote: () => {} });
    await thenEnding(
      async () => {
        const refused = await refusalsOf(GOOD);
        const since = String.raw`is in use by another run of Tollgate since 20\d\d-\d\d-\d\dT[\d:.]+Z: wait until`;
        expect(refused).toEqual(GOOD.map((name) => expect.stringMatching(new RegExp(`^host ${name} ${since}`))));
        // The run that uses it continues.
        await first.compareClocks();
      },
      () => first.end(),
    );
    expect(network.left()).toEqual([]);
  });
});
