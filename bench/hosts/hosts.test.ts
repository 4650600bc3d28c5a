import { expect, it } from 'vitest';
import { clientRoles } from './hosts.ts';

it('tries the connections that a run will make: with a balancer, generators connect to nothing else', () => {
  expect(clientRoles(['replicas'], false)).toEqual(['generators']);
  expect(clientRoles(['replicas'], true)).toEqual(['balancer']);
  expect(clientRoles(['balancer'], true)).toEqual(['generators']);
  expect(clientRoles(['replicas', 'stores'], true)).toEqual(['balancer', 'replicas']);
  expect(clientRoles(['generators'], true)).toEqual([]);
});
