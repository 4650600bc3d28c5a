/** A reply is a success by its status, and by content that only a successful reply has. */
import { expect, it } from 'vitest';
import { isSuccess } from './success.ts';

const answer = (status: number, { text = '', location = null as string | null } = {}) => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status, text, json, header: () => location };
};

it('requires the status, which is 200 if left out', () => {
  expect(isSuccess({}, answer(200))).toBe(true);
  expect(isSuccess({}, answer(201))).toBe(false);
  expect(isSuccess({ status: [201, 204] }, answer(204))).toBe(true);
});

it('distinguishes a GraphQL reply with errors from one with data', () => {
  const request = { holds: { json: '/data/buy' } };
  expect(isSuccess(request, answer(200, { text: '{"data":{"buy":{"id":1}}}' }))).toBe(true);
  expect(isSuccess(request, answer(200, { text: '{"data":{"buy":0}}' }))).toBe(true);
  expect(isSuccess(request, answer(200, { text: '{"errors":[{}],"data":{"buy":null}}' }))).toBe(false);
  expect(isSuccess(request, answer(200, { text: '{"data":{"buy":false}}' }))).toBe(false);
  expect(isSuccess(request, answer(200, { text: '<html>' }))).toBe(false);
  expect(isSuccess(request, answer(500, { text: '{"data":{"buy":true}}' }))).toBe(false);
});

it('distinguishes pages and redirects of success from others', () => {
  expect(isSuccess({ holds: { text: 'Sign out' } }, answer(200, { text: '<a>Sign out</a>' }))).toBe(true);
  expect(isSuccess({ holds: { text: 'Sign out' } }, answer(200, { text: '<a>Sign in</a>' }))).toBe(false);
  const to = { status: 302, holds: { location: '/home' } };
  expect(isSuccess(to, answer(302, { location: '/home?welcome' }))).toBe(true);
  expect(isSuccess(to, answer(302, { location: 'https://shop.example/home' }))).toBe(true);
  expect(isSuccess(to, answer(302, { location: '/login' }))).toBe(false);
  expect(isSuccess(to, answer(302))).toBe(false);
  const exact = { status: 302, holds: { location: '/login?ok' } };
  expect(isSuccess(exact, answer(302, { location: '/login?ok' }))).toBe(true);
  expect(isSuccess(exact, answer(302, { location: '/login?error' }))).toBe(false);
});
