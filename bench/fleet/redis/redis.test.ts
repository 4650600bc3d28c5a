import { expect, it } from 'vitest';
import { checkRedisUrl } from './external.ts';
import { countCommands, cpuOfInfo } from './redis.ts';

it('counts the commands of clients, and none for observation or connecting', () => {
  const info = [
    '# Commandstats',
    'cmdstat_getex:calls=120,usec=300,usec_per_call=2.50,rejected_calls=0,failed_calls=0',
    'cmdstat_set:calls=7,usec=30,usec_per_call=4.20,rejected_calls=0,failed_calls=0',
    'cmdstat_info:calls=9,usec=300,usec_per_call=33.00,rejected_calls=0,failed_calls=0',
    'cmdstat_auth:calls=2,usec=10,usec_per_call=5.00,rejected_calls=0,failed_calls=0',
    'cmdstat_client|setinfo:calls=4,usec=10,usec_per_call=2.50,rejected_calls=0,failed_calls=0',
    'cmdstat_config|get:calls=1,usec=10,usec_per_call=10.00,rejected_calls=0,failed_calls=0',
  ].join('\r\n');
  expect(countCommands(info)).toBe(127);
});

it('counts a transaction and a script in addition to their commands', () => {
  const calls = { multi: 1, exec: 1, set: 2, eval: 1, get: 3, incr: 1 };
  const info = Object.entries(calls).map(([name, n]) => `cmdstat_${name}:calls=${n},usec=1,usec_per_call=1.00`);
  expect(countCommands(info.join('\r\n'))).toBe(9);
});

it('adds up the CPU time that Redis reports, in ns', () => {
  const info = '# CPU\r\nused_cpu_sys:0.250000\r\nused_cpu_user:1.500000\r\nused_cpu_sys_children:9.0\r\n';
  expect(cpuOfInfo(info)).toBeCloseTo(1.75e9, 0);
  expect(cpuOfInfo('# CPU\r\n')).toBeNaN();
});

it('accepts only a Redis on this machine, and says how to write its address', () => {
  for (const url of ['redis://127.0.0.1:6379', 'rediss://:secret@localhost', 'redis://[::1]:7000', 'unix:/run/redis']) {
    expect(() => checkRedisUrl(url)).not.toThrow();
  }
  expect(() => checkRedisUrl('not a url')).toThrow('not a URL');
  expect(() => checkRedisUrl('http://127.0.0.1')).toThrow('http:');
  expect(() => checkRedisUrl('redis://10.0.0.7:6379')).toThrow('not this machine');
});
