import { expect, it } from 'vitest';
import { serviceTarget } from '../../testing/service-target.ts';
import type { Answer } from '../http.ts';
import type { GateTarget } from '../target.ts';
import { LOGIN } from './login.ts';

const reveals = LOGIN.find(({ id }) => id === 49);

const error = (status: number, title: string) => {
  const json = { type: 'about:blank', title, status };
  const header = (name: string) => (name === 'content-type' ? 'application/problem+json' : null);
  return { status, json, text: JSON.stringify(json), header } as Answer;
};

/** A service whose store is late once for each request, and that then refuses it. */
function lateWith(first: Answer): GateTarget {
  const late = new Set<string>();
  return {
    ...serviceTarget(),
    endpoint: () => ({ host: '127.0.0.1', port: 1, certificate: null }),
    async send(_which, bytes) {
      const key = bytes.toString('latin1');
      if (late.has(key)) return error(400, 'Bad Request');
      late.add(key);
      return first;
    },
  };
}

it('judges the error of a late store too, although the request is repeated', async () => {
  expect(await reveals?.run(lateWith(error(503, 'Error: connect ECONNREFUSED /srv/redis.sock')))).toMatchObject({
    result: 'fail',
    detail: expect.stringContaining('the answer to no credential reveals internals'),
  });
  expect(await reveals?.run(lateWith(error(503, 'Service Unavailable')))).toMatchObject({ result: 'pass' });
});
