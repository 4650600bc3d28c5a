import { expect, it } from 'vitest';
import type { FleetBalancer } from './balancer/client.ts';
import { type Places, settingsAt } from './places.ts';

const unused = () => Promise.reject(new Error('it is not used here'));
const places: Places = { replica: () => ({ host: '10.0.0.1', launch: unused }), redis: unused, login: unused };
const start = (): Promise<FleetBalancer> => unused();

it('makes replicas trust only the balancer, and keeps their other settings', () => {
  expect(settingsAt(undefined, null)).toBeNull();
  expect(settingsAt(places, { securityHeaders: true })).toEqual({ securityHeaders: true });
  const behind = { ...places, balancing: { proxy: '10.0.0.9', start } };
  expect(settingsAt(behind, null)).toEqual({ trustedProxies: ['10.0.0.9'] });
  const settings = { securityHeaders: true, trustedProxies: ['10.0.0.1'] };
  expect(settingsAt(behind, settings)).toEqual({ securityHeaders: true, trustedProxies: ['10.0.0.9'] });
});
