/** The cost of a password check alone: the part of a login that is the same for all schemes. */
import { randomBytes } from 'node:crypto';
import { argon2id } from '../../../servers/argon2.ts';
import type { HashCost } from '../replies.ts';

/** Sums over `count` sequential hashes. */
export async function hashCost(memoryKiB: number, passes: number, count: number): Promise<HashCost> {
  const [message, nonce] = [randomBytes(18), randomBytes(16)];
  const startNs = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    await argon2id({ message, nonce, parallelism: 1, tagLength: 32, memory: memoryKiB, passes });
  }
  const { user, system } = process.cpuUsage(cpu);
  return { wallNs: Number(process.hrtime.bigint() - startNs), cpuNs: (user + system) * 1000 };
}
