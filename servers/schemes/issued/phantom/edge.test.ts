import { expect, it } from 'vitest';
import { EXCHANGE, ExchangeForm } from '../../../issuer/protocol.ts';
import { faultIn } from '../../../validate.ts';
import { serviceTokenSeconds } from './edge.ts';

const formOf = (lifetime: number) => ({
  grant_type: EXCHANGE.grant,
  subject_token: 'a'.repeat(43),
  subject_token_type: EXCHANGE.accessToken,
  requested_token_type: EXCHANGE.jwt,
  audience: 'services',
  lifetime: String(lifetime),
});

it('requests a lifetime that the authorization server permits, however long it may cache the reply', () => {
  for (const cacheMs of [1, 10_000, 999_999_000, Number.MAX_SAFE_INTEGER])
    expect(faultIn(ExchangeForm, formOf(serviceTokenSeconds(cacheMs))), `${cacheMs}`).toBeNull();
});

it('requests slightly more than its cache lifetime', () => {
  expect(serviceTokenSeconds(1)).toBe(6);
  expect(serviceTokenSeconds(10_000)).toBe(15);
});
