import { afterAll, beforeAll, describe } from 'vitest';
import { ARMS } from '../../servers/arms.ts';
import { describeContract } from '../support/contract.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { freshSecrets, testUsers } from '../support/servers.ts';

const secrets = freshSecrets();
const users = testUsers();
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describe.each(ARMS.map((arm) => ({ arm, name: arm.info.name })))('$name', ({ arm, name }) => {
  describeContract({ arm, secrets, users, address: () => ({ url: redis.url, keyPrefix: `contract:${name}:` }) });
});
