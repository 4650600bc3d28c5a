/** Each fault that the driver of `bench --fleet kubernetes` must survive or report in one line, against a fake API. */
import { describe, expect, it } from 'vitest';
import { openCluster } from '../../containers/kubernetes/cluster.ts';
import { type Fault, startDouble } from '../support/kubernetes/api.ts';
import type { Scenario } from '../support/kubernetes/controllers.ts';
import { drivesDouble, JOURNALS } from '../support/kubernetes/driver.ts';

const { run, useCluster, requests, times, asked } = drivesDouble();

describe('survives', () => {
  const CASES: readonly (readonly [string, Scenario, readonly Fault[], RegExp | null])[] = [
    [
      '409: another writer was faster',
      {},
      [{ method: 'PATCH', path: /jobs/, times: 2, answer: { status: 409, message: 'the object has been modified' } }],
      null,
    ],
    [
      '503: the API server restarts',
      {},
      [{ method: 'GET', path: /jobs/, times: 2, answer: { status: 503, message: 'apiserver is shutting down' } }],
      null,
    ],
    [
      'a connection that breaks before the answer',
      {},
      [{ method: 'PATCH', path: /deployments/, times: 2, answer: 'disconnect' }],
      null,
    ],
    ['a watch that breaks off', { disconnects: true }, [], null],
    [
      'a watch that is refused with 429',
      { disconnects: true },
      [{ method: 'GET', path: /watch=true/, times: 1, answer: { status: 429, message: 'too many watches' } }],
      null,
    ],
    ['410: a watch whose version is too old lists again', { expires: true }, [], null],
    [
      'a generator that fails twice',
      { generatorFails: { index: 1, times: 2 } },
      [],
      /shard 2 ended early \(exit code 137\)/,
    ],
    [
      'a generator that is evicted',
      { generatorFails: { index: 0, times: 1, reason: 'Evicted' } },
      [],
      /shard 1 ended early \(Evicted\)/,
    ],
  ];
  it.each(CASES)('%s', async (_, scenario, faults, note) => {
    const { results, error, left, notes } = await run(scenario, { faults });
    expect(error).toBeNull();
    expect(results.map(({ shard, files }) => ({ shard, files, notes: [] }))).toEqual(JOURNALS);
    expect(left).toEqual([]);
    if (note === null) expect(notes).toEqual([]);
    else {
      expect(notes.join('\n')).toMatch(note);
      expect(results.flatMap((result) => result.notes).join()).toMatch(/not freshly started/);
    }
    for (const fault of faults)
      expect(asked(new RegExp(`^${fault.method} .*${fault.path.source}`))).toBeGreaterThan(fault.times);
  });

  it('429 with Retry-After, by waiting as long as the API says', async () => {
    await run(
      {},
      {
        faults: [
          { method: 'PATCH', path: /tollgate-keys/, times: 1, answer: { status: 429, message: 'wait', retryAfter: 1 } },
        ],
      },
    );
    const at = requests().flatMap((request, i) => (/tollgate-keys/.test(request) ? [times()[i] ?? 0] : []));
    expect(at).toHaveLength(2);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('lists pods once if bookmarks kept its watch current, and again if the version had expired', async () => {
    expect((await run({ bookmarks: true })).error).toBeNull();
    expect(asked(/^GET .*pods\?.*allowWatchBookmarks=true/)).toBeGreaterThan(1);
    expect(asked(/^GET \/api\/v1\/namespaces\/[^/]+\/pods$/)).toBe(1);
    expect((await run({ expires: true })).error).toBeNull();
    expect(asked(/^GET \/api\/v1\/namespaces\/[^/]+\/pods$/)).toBeGreaterThan(1);
  });
});

describe('says in one line what is wrong, with a hint, and deletes the namespace', () => {
  const CASES: readonly (readonly [string, Scenario, readonly Fault[], RegExp, RegExp])[] = [
    [
      'a quota that the API refuses by',
      {},
      [
        {
          method: 'PATCH',
          path: /secrets/,
          times: 9,
          answer: { status: 403, message: 'secrets "tollgate-keys" is forbidden: exceeded quota: small' },
        },
      ],
      /a quota of the cluster refuses Secret tollgate-keys: .*exceeded quota: small/,
      /reduce --shards/,
    ],
    [
      'a quota that the controllers meet',
      {
        quota: {
          pods: 3,
          message: 'Error creating: pods "x" is forbidden: exceeded quota: small, requested: limits.cpu=2',
        },
      },
      [],
      /a quota of the cluster refuses the pods of .*exceeded quota/,
      /reduce --shards/,
    ],
    [
      'a role that may make no namespace',
      {},
      [
        {
          method: 'PATCH',
          path: /namespaces\/tollgate/,
          times: 9,
          answer: { status: 403, message: 'namespaces is forbidden: User "tester" cannot patch' },
        },
      ],
      /refuses Namespace tollgate-.*cannot patch/,
      /request a role/,
    ],
    [
      'credentials that have expired',
      {},
      [{ method: 'GET', path: /version/, times: 9, answer: { status: 401, message: 'Unauthorized' } }],
      /refuses these credentials/,
      /log in again/,
    ],
    [
      'an image that cannot be pulled',
      { waiting: { component: 'replica', reason: 'ImagePullBackOff', message: 'Back-off pulling image' } },
      [],
      /the image registry.example\/tollgate-replica:1 cannot be pulled/,
      /--image/,
    ],
    [
      'a container that cannot start',
      {
        waiting: {
          component: 'redis',
          reason: 'CreateContainerConfigError',
          message: 'secret "tollgate-redis" not found',
        },
      },
      [],
      /cannot start: secret/,
      /correct the overlay/,
    ],
    [
      'generators without a node',
      {
        unschedulable: {
          component: 'generator',
          message: "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
        },
      },
      [],
      /no node can run pod generator-.*0\/1 nodes/,
      /--overlay one-node/,
    ],
    [
      'replicas without a node',
      { unschedulable: { component: 'replica', message: '0/3 nodes are available: 3 Insufficient cpu.' } },
      [],
      /no node can run pod replica-.*Insufficient cpu/,
      /reduce --shards/,
    ],
    [
      'a replica that is evicted while it is measured',
      { evictReplica: true },
      [],
      /pod replica-.* was lost during the measurement: Evicted, The node was low on resource/,
      /run it again/,
    ],
    [
      'a generator that fails more often than its Job allows',
      { generatorFails: { index: 0, times: 9 } },
      [],
      /the Job generator failed: .*backoff limit/,
      /log, above/,
    ],
    [
      'a log that was cut',
      { log: () => 'tollgate-results 1/2 AAAA' },
      [],
      /the log of shard 1 is incomplete: 1 of 2/,
      /containerLogMaxSize/,
    ],
    [
      'an API that stays overloaded',
      {},
      [
        {
          method: 'PATCH',
          path: /serviceaccounts/,
          times: 9999,
          answer: { status: 429, message: 'too many requests' },
        },
      ],
      /overloaded: ServiceAccount tollgate was refused repeatedly/,
      /try later/,
    ],
  ];
  it.each(CASES)('%s', async (_, scenario, faults, message, hint) => {
    const { error, left } = await run(scenario, { faults, patienceMs: 500 });
    expect(error).toMatchObject({ message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
    expect((error as Error).message).not.toContain('\n');
    expect(left).toEqual([]);
  });

  it('replicas that are not ready in time', async () => {
    const waiting = { component: 'replica', reason: 'ContainerCreating', message: '' };
    const { error, left } = await run({ waiting }, { limits: { readyMs: 300 } });
    expect(error).toMatchObject({
      message: expect.stringMatching(/the replicas are not ready after/),
      hint: expect.stringMatching(/^see kubectl get pods,events -n tollgate-\w+$/),
    });
    expect(left).toEqual([]);
  });

  it('a cluster that cannot be reached, and an unknown context', async () => {
    const other = await startDouble();
    await other.stop();
    useCluster(other.url);
    const patience = { deadlineMs: 100, pauseMs: 20, signal: new AbortController().signal };
    const cluster = await openCluster({ context: null, patience });
    await expect(cluster.check()).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be reached: .*ECONNREFUSED/),
    });
    await expect(openCluster({ context: 'prod', patience })).rejects.toMatchObject({
      message: expect.stringMatching(/no context "prod"/),
      hint: 'name one of double',
    });
  });
});
