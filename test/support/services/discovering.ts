/** Discovers how to use a service that runs in this process. */
import { thenEnding } from '../../../core/errors.ts';
import { discover } from '../../../target/discover/discover.ts';
import type { Asked } from '../../../target/discover/searched.ts';
import { endpointOf } from '../../../target/flow/endpoint.ts';
import { type Handler, PASSWORD, serving } from './portal.ts';

export async function discovered(handler: Handler, more: Partial<Asked> = {}) {
  const { urls, stop } = await serving(handler);
  const url = new URL(urls[0] ?? '');
  return thenEnding(
    () =>
      discover({
        url,
        endpoint: endpointOf(url, null),
        user: { username: 'alice', password: PASSWORD },
        login: null,
        guarded: null,
        passwordVariable: 'TARGET_PASSWORD',
        signal: new AbortController().signal,
        ...more,
      }),
    stop,
  );
}
