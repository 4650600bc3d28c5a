import { expect, it } from 'vitest';
import type { quickGate } from '../../bench/gate/quick.ts';
import type { GateVerdict } from '../../core/results/gate-schema.ts';
import { findArm } from '../../servers/arms.ts';
import { refuseUnsafe } from './own.ts';

const arm = (name: string) => {
  const found = findArm(name);
  if (found === undefined) throw new Error(`no arm ${name}`);
  return found.info;
};
const environment = {} as Parameters<typeof quickGate>[0];

function saying(verdict: GateVerdict): typeof quickGate {
  return async (_environment, arms) => ({
    schemaVersion: 1,
    startedAt: '2026-01-01T00:00:00Z',
    durationMs: 1,
    quick: true,
    checks: [{ id: 5, name: 'refuses an altered payload', family: 'token', refs: [] }],
    arms: arms.map(({ name, title }) => ({
      arm: name,
      title,
      outcomes: [{ check: 5, verdict, detail: 'it got 200', durationMs: 1 }],
    })),
  });
}

it('passes an arm that keeps its promises, or declares their limits', async () => {
  const { signal } = new AbortController();
  for (const verdict of ['pass', 'limit', 'not-applicable'] as const) {
    await expect(refuseUnsafe(environment, arm('jwt-hs256'), signal, saying(verdict))).resolves.toBeUndefined();
  }
});

it('refuses an arm that fails a check, and names the check', async () => {
  const refused = refuseUnsafe(environment, arm('jwt-hs256'), new AbortController().signal, saying('fail'));
  await expect(refused).rejects.toMatchObject({
    exitCode: 1,
    message: 'jwt-hs256 fails security check 5 (refuses an altered payload): it got 200',
  });
});

it('starts nothing for a baseline', async () => {
  const gate: typeof quickGate = () => Promise.reject(new Error('was started'));
  await expect(refuseUnsafe(environment, arm('none'), new AbortController().signal, gate)).resolves.toBeUndefined();
});

it('does not pass if it was interrupted', async () => {
  const refused = refuseUnsafe(environment, arm('jwt-hs256'), AbortSignal.abort(new Error('stop')), saying('pass'));
  await expect(refused).rejects.toThrow('stop');
});
