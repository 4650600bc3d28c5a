/** Observes the hosts of a measurement: how late each wakes up, and stolen CPU time. */
import { afterEnding, thenEnding } from '../../../core/errors.ts';
import { stopInOrder } from '../../../core/stop-in-order.ts';
import { combineReadings, type HiccupMeter, type HiccupReading } from '../../hiccup/meter.ts';
import { CORE } from '../../hiccup/protocol.ts';
import { type CpuTicks, stealPercent } from '../../hiccup/steal.ts';
import { Child } from '../../processes/child.ts';
import type { Host } from '../host.ts';
import type { Hosts } from '../hosts.ts';

const SLEEP_MS = 1;

type Ticks = ReadonlyMap<Host, CpuTicks | null>;

async function ticksOf(hosts: readonly Host[]): Promise<Ticks> {
  return new Map(await Promise.all(hosts.map(async (host) => [host, await host.agent.ask('ticks', null)] as const)));
}

/** Stolen CPU time of the host that lost the most; null if any host does not report it. */
function mostStolen(from: Ticks, to: Ticks): number | null {
  const each = [...to].map(([host, after]) => {
    const before = from.get(host) ?? null;
    return before === null || after === null ? null : stealPercent(before, after);
  });
  return each.includes(null) ? null : Math.max(...each.map(Number));
}

/** One sleeping process on each host. @throws ChildError if one cannot be started */
export async function startHostMeter(hosts: Hosts): Promise<HiccupMeter> {
  const watched = hosts.all;
  const children = await Promise.all(
    watched.map(
      async (host) => new Child(CORE, { name: `the hiccup meter on ${host.name}`, entry: await host.launch('hiccup') }),
    ),
  );
  const end = () => stopInOrder([children]);
  const read = async (period: 'mark' | 'total', since: Ticks): Promise<{ reading: HiccupReading; ticks: Ticks }> => {
    const readings = await Promise.all(children.map((child) => child.ask(period, null)));
    const ticks = await ticksOf(watched);
    return { reading: combineReadings(readings, mostStolen(since, ticks)), ticks };
  };
  try {
    await Promise.all(children.map((child) => child.ask('start', { sleepMs: SLEEP_MS })));
  } catch (error) {
    throw await afterEnding(error, end);
  }
  const started = await ticksOf(watched);
  let marked = started;
  return {
    async mark() {
      const { reading, ticks } = await read('mark', marked);
      marked = ticks;
      return reading;
    },
    async stop() {
      return thenEnding(async () => {
        return { ...(await read('total', started)).reading, cores: [] };
      }, end);
    },
  };
}
