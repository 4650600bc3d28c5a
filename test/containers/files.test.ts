import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../..', name), 'utf8');

it('builds images on the Node that package.json pins', () => {
  const pinned: string = JSON.parse(read('package.json')).devDependencies.node;
  expect(/^ARG NODE_VERSION=(\S+)$/m.exec(read('Dockerfile'))?.[1]).toBe(pinned);
});

it('starts the harness as the npm script does', () => {
  const command: string[] = JSON.parse(read('package.json')).scripts.bench.split(' ');
  const [, image = ''] = /^CMD (\[.*"bench"\])$/m.exec(read('Dockerfile')) ?? [];
  const [, service = ''] = /^ +command: (\[.*'bench'\])$/m.exec(read('docker-compose.yml')) ?? [];
  expect(JSON.parse(image)).toEqual(command);
  expect(JSON.parse(service.replaceAll("'", '"'))).toEqual(command);
});

it('publishes every port of the fleet only on loopback', () => {
  const compose = read('docker-compose.yml');
  const published = [...compose.matchAll(/^ +- '?([\d.:]*\d+:\d+)'?$/gm)].map(([, port]) => port);
  const listened = [...read('deploy/nginx.conf').matchAll(/^ +listen (\d+);$/gm)].map(([, port]) => port);
  expect(listened.length).toBeGreaterThan(0);
  expect(published).toEqual(listened.map((port) => `127.0.0.1:${port}:${port}`));
});

it('makes the balancer forward the client address, and replicas trust only the balancer', () => {
  const compose = read('docker-compose.yml');
  const trusted = /^ +TOLLGATE_TRUSTED_PROXIES: (\S+)$/m.exec(compose)?.[1];
  const [, balancer = ''] = /^ {2}balancer:\n((?: {4}.*\n)+)/m.exec(compose) ?? [];
  expect(trusted).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  expect(balancer).toContain(`ipv4_address: ${trusted}`);
  expect(compose.match(/ipv4_address/g)).toHaveLength(1);
  // Replaced, not appended: the client's own value of that header is dropped.
  expect(read('deploy/nginx.conf')).toMatch(/^ +proxy_set_header X-Forwarded-For \$remote_addr;$/m);
});
