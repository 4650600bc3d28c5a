/** The plan at scale for a terminal: a table for each load, with its assumptions. Pure. */

import type { Needs } from '../../core/advise/needs.ts';
import { assumptionsOf, type ModelFigure, type Plan, type Role } from '../../core/advise/plan/plan.ts';
import type { PriceList } from '../../core/advise/plan/prices.ts';
import { amountText, bytesText, integerText, moneyText, rangeText } from '../../core/advise/words.ts';
import { type Column, columnsOf, hang } from '../../core/text/layout.ts';
import type { TextOptions } from './text.ts';

const INDENT = '  ';
const ROLES: Readonly<Record<Role, string>> = { balancer: 'balancers', replica: 'replica hosts', redis: 'Redis hosts' };
const RESOURCES = { cpu: 'CPU', memory: 'memory', network: 'network', requests: 'requests' } as const;
const OF_ROLE: Readonly<Record<Role, string>> = { balancer: 'balancer', replica: 'replica', redis: 'Redis' };

const count = (figure: ModelFigure) => (figure.high === 0 ? 'none' : rangeText(figure, integerText));
const bandwidth = (figure: ModelFigure | null) => (figure === null ? '—' : bytesText(figure, 'B/s'));

function hostsOf(plan: Plan, wanted: Role): string {
  const found = plan.roles.find(({ role }) => role === wanted);
  return found === undefined ? 'none' : count(found.hosts);
}

function bottleneckText({ bottleneck }: Plan): string {
  if (bottleneck === null) return '—';
  const { role, resource, requestsPerSecond } = bottleneck;
  return `${OF_ROLE[role]} ${RESOURCES[resource]} at ${amountText(requestsPerSecond)}/s`;
}

function table(plans: readonly Plan[], { hosts }: PriceList, width: number): string[] {
  const column = (head: string, cell: (plan: Plan) => string): Column => ({
    head,
    cells: plans.map(cell),
    align: 'right',
  });
  const names: Column = { head: 'arm', cells: plans.map(({ arm }) => arm), align: 'left' };
  const columns = [
    ...(hosts.balancer === undefined ? [] : [column(ROLES.balancer, (plan) => hostsOf(plan, 'balancer'))]),
    column(ROLES.replica, (plan) => hostsOf(plan, 'replica')),
    column('replicas', ({ replicas }) => count(replicas)),
    column(ROLES.redis, (plan) => hostsOf(plan, 'redis')),
    column('Redis shards', ({ redisShards }) => count(redisShards)),
    column('from clients', ({ inBytesPerSecond }) => bandwidth(inBytesPerSecond)),
    column('to clients', ({ outBytesPerSecond }) => bandwidth(outBytesPerSecond)),
    column('a month', ({ perMonth }) => (perMonth === null ? '—' : moneyText(perMonth))),
    column('first to run out', bottleneckText),
  ];
  return columnsOf(names, columns, width - INDENT.length).map((line) => `${INDENT}${line}`.trimEnd());
}

function hostTexts({ hosts, currency, traffic }: PriceList): string[] {
  const { replica, redis, balancer } = hosts;
  const size = (host: typeof replica) =>
    `${host.name}, ${host.cores} cores, ${host.memoryGb} GB, ${host.networkGbit} Gbit/s, ${host.perMonth} ${currency} a month`;
  return [
    `replica host: ${size(replica)}`,
    `Redis host: ${size(redis)}${redis.copies ? `, with ${redis.copies} standby ${redis.copies === 1 ? 'copy' : 'copies'} of each` : ''}`,
    ...(balancer === undefined
      ? []
      : [`balancer: ${balancer.name}, ${balancer.networkGbit} Gbit/s, ${balancer.perMonth} ${currency} a month`]),
    `traffic: ${traffic.inPerGb} ${currency} a GB from clients, ${traffic.outPerGb} ${currency} a GB to clients`,
  ];
}

/** The plan as text; empty if there is none for any arm. */
export function planText(
  plans: readonly Plan[],
  { needs, prices }: { readonly needs: Needs; readonly prices: PriceList },
  { width, paint }: TextOptions,
): string {
  if (plans.length === 0) return '';
  const items = (texts: readonly string[]) => texts.flatMap((text) => hang(`${INDENT}- `, text, width));
  const cautions = plans.flatMap(({ arm, cautions: own }) => own.map((text) => `${arm}: ${text}`));
  const tables = [...Map.groupBy(plans, ({ requestsPerSecond }) => requestsPerSecond)].flatMap(([rate, own]) => [
    '',
    paint(
      'bold',
      `Model: ${amountText(rate)} requests a second, ${amountText(own[0]?.users ?? 0)} users, prices in ${prices.currency}`,
    ),
    ...table(own, prices, width),
  ]);
  return [
    '',
    paint('bold', 'Plan at scale: every number comes from a model, and none was measured at these loads'),
    ...items(hostTexts(prices)),
    ...tables,
    '',
    paint('bold', 'The plan assumes'),
    ...items(assumptionsOf(needs)),
    ...(cautions.length === 0 ? [] : ['', paint('bold', 'Excluded, or unknown'), ...items([...new Set(cautions)])]),
  ].join('\n');
}
