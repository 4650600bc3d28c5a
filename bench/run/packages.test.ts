import { expect, it } from 'vitest';
import { installedPackages } from './packages.ts';

const RECORD = JSON.stringify({
  packages: {
    'node_modules/tollgate': { version: '1.0.0', dependencies: { fastify: '5', absent: '1' } },
    'node_modules/fastify': { version: '5.0.0', dependencies: { pino: '9', cookie: '1' } },
    'node_modules/fastify/node_modules/cookie': { version: '1.0.0', dependencies: { fastify: '5' } },
    'node_modules/cookie': { version: '0.7.0' },
    'node_modules/pino': { version: '9.0.0', optionalDependencies: { '@scope/native': '2' } },
    'node_modules/@scope/native': { version: '2.0.0' },
    'node_modules/express': { version: '5.2.0' },
    'node_modules/vitest': { version: '4.0.0', dev: true },
  },
});

it('lists the installed packages of a checkout, except those for development only', () => {
  expect(Object.keys(installedPackages(RECORD))).toHaveLength(7);
  expect(installedPackages(RECORD)).toMatchObject({ express: '5.2.0', 'fastify > cookie': '1.0.0' });
});

it('lists only the dependencies of an installed package, and nothing else of the surrounding project', () => {
  expect(installedPackages(RECORD, 'node_modules/tollgate')).toEqual({
    fastify: '5.0.0',
    'fastify > cookie': '1.0.0',
    pino: '9.0.0',
    '@scope/native': '2.0.0',
  });
});
