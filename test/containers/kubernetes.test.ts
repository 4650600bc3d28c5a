/** The driver of `bench --fleet kubernetes` against a fake API: what it applies, collects and removes. */
import { describe, expect, it } from 'vitest';
import { startDouble } from '../support/kubernetes/api.ts';
import { drivesDouble, JOURNALS } from '../support/kubernetes/driver.ts';
import type { Stored } from '../support/kubernetes/store.ts';

const { run, requests } = drivesDouble();

it('applies, waits, collects the results of each completion index, and deletes the namespace', async () => {
  const applied: Stored[] = [];
  const { results, error, left, notes } = await run(
    {},
    { before: ({ store }) => void store.listen(({ type, object }) => type === 'ADDED' && applied.push(object)) },
  );
  expect(error).toBeNull();
  expect(results).toEqual(JOURNALS);
  expect(left).toEqual([]);
  expect(notes).toEqual([]);
  const [namespace] = applied;
  expect(namespace?.metadata.name).toMatch(/^tollgate-[0-9a-f]{5}$/);
  expect(applied.every(({ metadata }) => (metadata.namespace ?? metadata.name) === namespace?.metadata.name)).toBe(
    true,
  );
  // Generators are scheduled before the replicas spread over all nodes.
  const order = applied.map(({ kind }) => kind);
  expect(order.indexOf('Job')).toBeLessThan(order.indexOf('Deployment'));
  expect(order.indexOf('NetworkPolicy')).toBeLessThan(order.indexOf('Job'));
  const job = applied.find(({ kind, metadata }) => kind === 'Job' && metadata.name === 'generator');
  expect(job?.spec).toMatchObject({
    completions: 2,
    completionMode: 'Indexed',
    podFailurePolicy: { rules: [{ action: 'FailJob' }, { action: 'Ignore' }] },
  });
});

it('makes new keys and passwords for each run, only in Secrets', async () => {
  const secrets = async () => {
    const found: Stored[] = [];
    const { steps, notes } = await run(
      {},
      {
        keys: {},
        before: ({ store }) => void store.listen(({ type, object }) => type === 'ADDED' && found.push(object)),
      },
    );
    const kept = found.filter(({ kind }) => kind === 'Secret').map(({ stringData }) => JSON.stringify(stringData));
    const rest = JSON.stringify([found.filter(({ kind }) => kind !== 'Secret'), steps, notes, requests()]);
    const password = /"password":"([0-9a-f]{64})"/.exec(kept.join())?.[1] ?? '';
    expect(password).not.toBe('');
    expect(rest).not.toContain(password);
    expect(rest).not.toContain('PRIVATE KEY');
    return password;
  };
  expect(await secrets()).not.toBe(await secrets());
});

it('deletes the namespace after Ctrl-C', async () => {
  const { error, left } = await run(
    { endless: true },
    {
      during: async ({ controllers }, stop) => {
        await controllers.measuring;
        stop.abort(new Error('interrupted'));
      },
    },
  );
  expect(error).toMatchObject({ message: 'interrupted' });
  expect(left).toEqual([]);
});

it('names a namespace that is not deleted, with the command that removes it', async () => {
  const whole = await run({ stuck: true }, { limits: { deleteMs: 200 } });
  expect(whole.error).toMatchObject({
    message: expect.stringMatching(/namespace tollgate-\w+ was not deleted/),
    hint: `delete it by hand: kubectl delete namespace ${whole.left[0]}`,
  });
  const broken = await run({ stuck: true, evictReplica: true }, { limits: { deleteMs: 200 } });
  expect(broken.error).toMatchObject({ message: expect.stringMatching(/was lost during the measurement/) });
  expect(broken.notes.join()).toContain(`kubectl delete namespace ${broken.left[0]}`);
});

it('names objects of an earlier run, found by their label', async () => {
  const { notes, left } = await run(
    {},
    {
      before: ({ store }) => {
        const labels = { 'app.kubernetes.io/managed-by': 'tollgate' };
        store.put('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tollgate-old', labels } });
        store.put('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
      },
    },
  );
  expect(notes).toEqual([expect.stringContaining('kubectl delete namespace tollgate-old')]);
  expect(left).toEqual(['tollgate-old', 'other']);
});

describe('the fake API', () => {
  it('refuses a write to an object that has changed, and a second object of the same name', async () => {
    const double = await startDouble();
    const path = `${double.url}/api/v1/namespaces`;
    const send = async (method: string, url: string, body: object) =>
      (await fetch(url, { method, body: JSON.stringify(body) })).json() as Promise<Stored & { code?: number }>;
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'one' } };
    const first = await send('POST', path, object);
    expect((await send('POST', path, object)).code).toBe(409);
    const second = await send('PUT', `${path}/one`, first);
    expect(Number(second.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    expect((await send('PUT', `${path}/one`, first)).code).toBe(409);
    expect((await send('PUT', `${path}/one`, object)).code).toBe(422);
    expect((await send('PATCH', `${path}/one`, object)).code).toBe(400);
    await double.stop();
  });
});
