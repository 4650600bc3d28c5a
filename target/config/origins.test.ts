import { expect, it } from 'vitest';
import { answerOf } from '../../bench/gate/http.ts';
import { receiverOf } from '../flow/endpoint.ts';
import { follow, keptAt } from '../flow/places.ts';
import { callOf, NOTHING } from '../flow/requests.ts';
import { parseService, ServiceError } from './service.ts';

const LOGIN = {
  request: { method: 'POST', path: 'http://localhost:9000/token', form: { name: '{{username}}', key: '{{password}}' } },
  credential: { json: '/access_token' },
};
const RIGHT = {
  name: 'shop',
  urls: ['http://127.0.0.1:3000'],
  origins: ['http://localhost:9000/', 'https://127.0.0.1:9001'],
  users: [{ username: 'alice', password: { env: 'ALICE' } }],
  login: LOGIN,
  requests: { guarded: { path: '/me' } },
};

const parse = (more: object) =>
  parseService('service.json', JSON.stringify({ ...RIGHT, ...more }), { folder: '.', env: { ALICE: 'wonderland' } });

function faultsOf(more: object): readonly string[] {
  try {
    parse(more);
  } catch (error) {
    if (error instanceof ServiceError) return error.faults.map((fault) => fault.replace('service.json: ', ''));
    throw error;
  }
  return [];
}

const replied = (...headers: string[]) =>
  answerOf({
    status: 302,
    head: ['HTTP/1.1 302 Found', ...headers].join('\r\n'),
    body: Buffer.alloc(0),
    bytes: 0,
    closes: false,
  });

it('refuses a path at an origin that is not listed, and one that the service must answer itself', () => {
  expect(faultsOf({})).toEqual([]);
  expect(faultsOf({ origins: undefined })).toEqual([
    '/login/request/path is at http://localhost:9000, which is not in origins (add it: "origins": ["http://localhost:9000"])',
  ]);
  const steps = [{ request: { path: 'http://LOCALHOST:9000/next' } }, { request: { path: 'http://other.test/next' } }];
  expect(faultsOf({ login: { ...LOGIN, steps } })).toEqual([
    '/login/steps/1/request/path is at http://other.test, which is not in origins (add it: "origins": ["http://other.test"])',
  ]);
  expect(faultsOf({ requests: { guarded: { path: 'http://localhost:9000/me' } } })).toEqual([
    '/requests/guarded/path is at another origin (give a path: the service itself answers it)',
  ]);
  const origins = ['http://localhost:9000', 'http://localhost:9000/', 'http://127.0.0.1:3000'];
  expect(faultsOf({ origins })).toEqual([
    '/origins/1 is given twice (list each origin once)',
    '/origins/2 is also in urls (leave it out: paths go to the service)',
  ]);
});

it('sends a request to the origin of its path, or of a value that begins it, and every other to the service', () => {
  const { login, requests } = parse({
    login: { ...LOGIN, keep: { end: { header: 'location' } } },
    requests: { guarded: { path: '/me' }, logout: { path: '{{end}}' } },
  });
  const { logout = login.request } = requests;
  const replica = { host: '127.0.0.1', port: 3000, certificate: null };
  const way = (request: typeof logout, end = '') => {
    const { path, to } = callOf(request, { ...NOTHING, kept: { end } });
    const { host, port } = receiverOf({ method: 'GET', path, ...(to === undefined ? {} : { to }) }, replica);
    return `${host}:${port}${path}`;
  };
  expect(way(login.request)).toBe('localhost:9000/token');
  expect(way(logout, '/end')).toBe('127.0.0.1:3000/end');
  expect(way(logout, 'https://127.0.0.1:9001/end?a=1')).toBe('127.0.0.1:9001/end?a=1');
  expect(way(logout, 'http://evil.test/end')).toBe('127.0.0.1:3000/end');
});

it('keeps relative URLs of an origin there, and the cookies of each host apart', () => {
  const { login, requests, origins } = parse({});
  const [to] = origins;
  if (to === undefined) throw new Error('there is no origin');
  const location = { header: 'location' };
  expect(keptAt(location, replied('location: ../page?x=1'), { path: '/a/b', to })).toBe(
    'http://localhost:9000/page?x=1',
  );
  expect(keptAt(location, replied('location: ../page?x=1'), { path: '/a/b' })).toBe('/page?x=1');
  const first = follow(NOTHING, replied('set-cookie: sid=of-provider; Path=/'), to);
  const both = follow(first, replied('set-cookie: sid=of-service; Path=/'));
  const sent = (request: typeof login.request) => callOf(request, both).headers;
  expect(sent(login.request)).toMatchObject({ cookie: 'sid=of-provider' });
  expect(sent(requests.guarded)).toMatchObject({ cookie: 'sid=of-service' });
  // As in a browser, one host has one jar for all its ports.
  const [, same] = origins;
  expect(same?.otherHost).toBeNull();
});
