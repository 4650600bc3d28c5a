import { expect, it } from 'vitest';
import type { Target } from '../protocol.ts';
import { readReport, wrkScript } from './script.ts';

const TARGET: Target = {
  key: 'shop',
  addresses: [{ host: '127.0.0.1', port: 3000 }],
  requests: [
    {
      method: 'GET',
      path: '/me',
      headers: { cookie: 'id=" os.exit() --[[' },
      expectedStatus: 200,
      expectedBody: null,
    },
  ],
  processes: { replicas: [], redis: null },
};

it('contains requests as byte values, so that nothing in them is Lua', () => {
  const script = wrkScript(TARGET);
  expect(script).not.toContain('os.exit');
  const texts = [...script.matchAll(/"((?:\\\d{3})+)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(\d{3})/g, (_, byte: string) => String.fromCharCode(Number(byte))),
  );
  expect(texts).toEqual([
    '127.0.0.1',
    '3000',
    'GET /me HTTP/1.1\r\nhost: 127.0.0.1:3000\r\ncookie: id=" os.exit() --[[\r\n\r\n',
  ]);
});

it('reads the script’s line in the output of wrk, and no other', () => {
  const output = '  9 requests in 1.01s, 1MB read\n\ntollgate-report 9186 1011204 1139064 3 2\n';
  expect(readReport(output)).toEqual({ requests: 9186, durationMs: 1011.204, bytes: 1139064, refused: 3, failed: 2 });
  expect(readReport('tollgate-report 9186 nan\n')).toBeNull();
  expect(readReport('unable to connect\n')).toBeNull();
});
