import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8');

it('builds images on the Node that package.json pins', () => {
  const pinned: string = JSON.parse(read('package.json')).devDependencies.node;
  expect(/^ARG NODE_VERSION=(\S+)$/m.exec(read('Dockerfile'))?.[1]).toBe(pinned);
});

it('publishes every port of the fleet on loopback alone', () => {
  const compose = read('docker-compose.yml');
  const published = [...compose.matchAll(/^ +- '?([\d.:]*\d+:\d+)'?$/gm)].map(([, port]) => port);
  const listened = [...read('deploy/nginx.conf').matchAll(/^ +listen (\d+);$/gm)].map(([, port]) => port);
  expect(listened.length).toBeGreaterThan(0);
  expect(published).toEqual(listened.map((port) => `127.0.0.1:${port}:${port}`));
});
