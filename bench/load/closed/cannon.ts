/** The settings of autocannon for a target, as both closed loops use it. */
import type autocannon from 'autocannon';
import { authorityOf } from '../connection/authority.ts';
import { bodyOf, requestBytes } from '../connection/request.ts';
import type { Target } from '../protocol.ts';

/** The interval for checking whether to stop, ms. */
const SAMPLE_MS = 50;

export interface Cannon {
  readonly settings: autocannon.Options;
  readonly expectedStatus: number;
  /** The mean size of a request, head included. */
  readonly meanRequestBytes: number;
}

/**
 * Connection i goes to address i mod N with credential floor(i / N), so every replica sees every user. @param
 * onClient called with each new client, in order
 */
export function cannonFor(
  { key, addresses, requests }: Target,
  limits: Pick<autocannon.Options, 'connections' | 'timeout' | 'duration'>,
  onClient: (client: autocannon.Client) => void = () => {},
): Cannon {
  const [first] = requests;
  const [address] = addresses;
  if (!first || !address) throw new Error(`target ${key} has no request or no address`);
  const sizes = requests.map((request) => requestBytes(address, request).length);
  let made = 0;
  const settings: autocannon.Options = {
    ...limits,
    // It accepts several URLs, one per connection in turn; its types allow only one.
    url: addresses.map((each) => `http://${authorityOf(each)}${first.path}`) as unknown as string,
    method: first.method as 'GET',
    pipelining: 1,
    sampleInt: SAMPLE_MS,
    setupClient: (client) => {
      const request = requests[Math.floor(made++ / addresses.length) % requests.length] ?? first;
      const body = bodyOf(request);
      if (body === null) client.setHeaders(request.headers);
      else client.setHeadersAndBody({ ...request.headers, 'content-type': body.type }, body.text);
      onClient(client);
    },
  };
  return {
    settings,
    expectedStatus: first.expectedStatus,
    meanRequestBytes: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
  };
}
