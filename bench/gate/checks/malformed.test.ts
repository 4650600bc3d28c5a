import { expect, it } from 'vitest';
import { serviceTarget } from '../../testing/service-target.ts';
import type { Answer, Call } from '../http.ts';
import { runCheck } from '../run-gate.ts';
import type { GateTarget } from '../target.ts';
import { MALFORMED } from './malformed.ts';

const [malformed] = MALFORMED;
if (malformed === undefined) throw new Error('check 41 is missing');

/** A service that answers a request with a malformed header by these statuses, and refuses everything else by 400. */
function answering(statusOf: (path: string) => number) {
  const sound = serviceTarget();
  const asked: string[] = [];
  const answer = (status: number, path: string) => {
    asked.push(path);
    const nowMs = performance.now();
    return { status, sentAtMs: nowMs, answeredAtMs: nowMs } as Answer;
  };
  const target: GateTarget = {
    ...sound,
    endpoint: () => ({ host: '127.0.0.1', port: 1, certificate: null }),
    death: () => null,
    call: async (_which, { path }: Call) => answer(path === '/healthz' ? 200 : statusOf(path), path),
    tryLogin: async () => answer(400, '/login'),
    send: async () => answer(statusOf('raw'), 'raw'),
  };
  return { target, asked };
}

it('says that malformed credentials get 503, instead of repeating them until its time is over', async () => {
  const { target } = answering((path) => (path === '/me' ? 503 : 400));
  const { verdict, detail } = await runCheck({ ...malformed, timeoutMs: 2_000 }, target);
  expect({ verdict, detail }).toEqual({
    verdict: 'fail',
    detail: expect.stringContaining('a malformed cookie got 503'),
  });
});

it('repeats no request for which no store is asked', async () => {
  const { target, asked } = answering((path) => (path === '/me' ? 401 : 503));
  const { detail } = await runCheck({ ...malformed, timeoutMs: 2_000 }, target);
  expect(detail).toContain('a public route answered a malformed cookie with 503');
  expect(detail).toContain('broken HTTP returned 503');
  const tried = asked.filter((path) => path === '/me').length;
  expect(asked.filter((path) => path === '/public')).toHaveLength(tried);
});
