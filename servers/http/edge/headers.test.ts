import { expect, it } from 'vitest';
import { repliedHeaders, sentHeaders } from './headers.ts';

const CLIENT = '192.0.2.7';
const said = (headers: Record<string, string | string[]>, protocol = 'http') => sentHeaders(headers, CLIENT, protocol);
const OF_THE_EDGE = { 'x-forwarded-for': CLIENT, 'x-forwarded-proto': 'http' };

it('forwards a request’s headers, and its source address', () => {
  const headers = { accept: '*/*', 'content-type': 'application/json', cookie: 'a=b', 'x-csrf-token': 'c' };
  expect(said(headers)).toEqual({ ...headers, ...OF_THE_EDGE });
  for (const protocol of ['https', 'HTTPS']) expect(said({}, protocol)['x-forwarded-proto']).toBe('https');
  for (const protocol of ['ftp', 'https, x', '']) expect(said({}, protocol)['x-forwarded-proto']).toBe('http');
});

it.each([
  ['a credential', { authorization: 'Bearer a.b.c', 'proxy-authorization': 'Basic x' }],
  ['an address', { 'x-forwarded-for': '198.51.100.1', forwarded: 'for=198.51.100.1', 'x-real-ip': '198.51.100.1' }],
  ['a user', { 'x-forwarded-user': 'root', 'x-tollgate-identity': 'e30.x', 'x-forwarded-client-cert': 'Subject=""' }],
  ['a name that may be read as another', { x_forwarded_for: '198.51.100.1', 'x-forwarded_user': 'root' }],
  ['the connection', { connection: 'close', 'keep-alive': 'timeout=1', te: 'trailers', upgrade: 'h2c', expect: 'x' }],
  ['its framing', { 'transfer-encoding': 'chunked', 'content-length': '5', trailer: 'x', host: 'other.example' }],
])('sends on nothing that a client says of %s', (_what, headers) => {
  expect(said(headers)).toEqual(OF_THE_EDGE);
});

it('drops the headers that `Connection` lists, but never those added by the edge', () => {
  const connection = 'close, X-Secret , x-forwarded-for, authorization';
  expect(said({ connection, 'x-secret': '1', 'x-other': '2' })).toEqual({ 'x-other': '2', ...OF_THE_EDGE });
});

it('forwards a reply without hop-by-hop headers', () => {
  const cookies = ['a=1', 'b=2'];
  const reply = { connection: 'keep-alive, x-hop', 'keep-alive': 'timeout=72', 'x-hop': '1', 'set-cookie': cookies };
  expect(repliedHeaders({ ...reply, 'content-type': 'text/plain' })).toEqual({
    'set-cookie': cookies,
    'content-type': 'text/plain',
  });
});
