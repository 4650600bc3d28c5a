import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { HostsPlan } from '../../bench/hosts/config/read.ts';
import { armInfo } from '../../bench/testing/arm-info.ts';
import { testHeader } from '../../bench/testing/slices.ts';
import { canBeOnHosts, hostsConfig, readHostsFlag, refuseOtherHosts } from './hosts.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-hosts-flag-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOSTS = [
  { name: 'generator-1', address: '10.0.0.1', roles: ['generators'] },
  { name: 'replica-1', address: '10.0.0.2', roles: ['replicas', 'stores'] },
];
const BALANCER = { name: 'lb-1', address: '10.0.0.9', roles: ['balancer'] };
const sticky = armInfo('session-memory', { needsStickyRouting: true });
const plain = armInfo('none');

function read(config: object, named?: string): { readonly plan: HostsPlan; readonly faults: readonly string[] } {
  const path = join(folder, 'hosts.json');
  writeFileSync(path, JSON.stringify(config));
  const faults: string[] = [];
  const plan = readHostsFlag({ hosts: path, ...(named === undefined ? {} : { arms: named }) }, [plain, sticky], faults);
  if (plan === null) throw new Error(faults.join());
  return { plan, faults };
}

it('leaves out an arm that needs sticky routing behind a balancer, and refuses it by name', () => {
  const direct = read({ hosts: HOSTS }, 'none,session-memory');
  const balanced = read({ hosts: [...HOSTS, BALANCER] }, 'none,session-memory');
  expect(direct.faults).toEqual([]);
  expect(balanced.faults).toEqual([expect.stringMatching(/^--arms: session-memory needs sticky routing/)]);
  expect([plain, sticky].map((arm) => canBeOnHosts(arm, direct.plan))).toEqual([true, true]);
  expect([plain, sticky].map((arm) => canBeOnHosts(arm, balanced.plan))).toEqual([true, false]);
});

it('resumes a run only on the same layout, and names the original one', () => {
  const { config } = testHeader;
  const of = (value: object) => read(value).plan;
  const direct = of({ hosts: HOSTS });
  const balanced = of({ hosts: [...HOSTS, BALANCER], balancer: { processes: 2 } });
  const others = of({ hosts: [...HOSTS, BALANCER], balancer: { processes: 2, choice: 'least-connections' } });
  const began = hostsConfig(config, balanced, []);
  expect(began.balancer).toEqual({ choice: 'round-robin', processes: 2 });
  expect(() => refuseOtherHosts(began, balanced)).not.toThrow();
  // The port does not affect any figure.
  const elsewhere = of({ hosts: [...HOSTS, BALANCER], balancer: { processes: 2, port: 8080 } });
  expect(() => refuseOtherHosts(began, elsewhere)).not.toThrow();
  expect(() => refuseOtherHosts(began, direct)).toThrow(
    'lb-1 (balancer), with the balancer round-robin of 2 processes, and not on generator-1',
  );
  expect(() => refuseOtherHosts(began, others)).toThrow('and not on');
  expect(() => refuseOtherHosts(began, null)).toThrow('the run was on the hosts');
  expect(() => refuseOtherHosts(hostsConfig(config, direct, []), balanced)).toThrow('and not on');
  expect(() => refuseOtherHosts(config, balanced)).toThrow('the run was on one machine');
});
