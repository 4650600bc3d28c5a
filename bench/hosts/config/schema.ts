/** `hosts.json`: the hosts of a run, and their roles. Editors show the descriptions. */
import type { Static } from 'typebox';
import { Type } from '../../../core/schema.ts';
import { ChoiceSchema } from '../../fleet/balancer/protocol.ts';

const closed = { additionalProperties: false } as const;

/** The parts of a run that a host can take. */
export const Role = Type.Union(
  [Type.Literal('replicas'), Type.Literal('stores'), Type.Literal('balancer'), Type.Literal('generators')],
  { description: '"replicas", "stores", "balancer" or "generators"' },
);
export type Role = Static<typeof Role>;

export const HostConfig = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$',
      description: 'the name of the host in messages and results, such as replica-1',
    }),
    ssh: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_][A-Za-z0-9._@%:+-]{0,254}$',
        description: 'an ssh destination, such as bench@10.0.0.1 or a Host of its configuration; the name if omitted',
      }),
    ),
    address: Type.String({
      pattern: '^[0-9A-Fa-f.:]{2,45}$',
      description:
        'the private IP address at which the other hosts reach it, such as 10.0.0.1; servers listen there alone',
    }),
    roles: Type.Array(Role, {
      minItems: 1,
      uniqueItems: true,
      description: 'the roles of the host: a list of "replicas", "stores", "balancer" and "generators"',
    }),
    node: Type.Optional(
      Type.String({
        pattern: '^[^\\x00-\\x1f]{1,255}$',
        description: 'the path of Node.js on the host; node on its PATH if omitted',
      }),
    ),
  },
  closed,
);
export type HostConfig = Static<typeof HostConfig>;

/** How the host with the role balancer spreads requests. */
const BalancerConfig = Type.Object(
  {
    choice: Type.Optional(
      Type.Union(ChoiceSchema.anyOf, {
        description:
          '"round-robin": each replica in turn; "least-connections": the one with the fewest active requests; round-robin if omitted',
      }),
    ),
    processes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        description: 'processes that share the port of the balancer; if omitted, one per core of its host, at most 4',
      }),
    ),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65_000,
        description: 'the port of the first arm; each further arm has the next one; any free ports if omitted',
      }),
    ),
  },
  closed,
);

export const HostsConfig = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    hosts: Type.Array(HostConfig, { minItems: 2, maxItems: 64, description: 'a list of at least two hosts' }),
    shareHosts: Type.Optional(
      Type.Boolean({
        description: 'true permits generators, replicas and the balancer to share hosts; false if omitted',
      }),
    ),
    balancer: Type.Optional(BalancerConfig),
    sshConfig: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'an ssh configuration file, relative to hosts.json; that of the user if omitted',
      }),
    ),
  },
  { ...closed, title: 'hosts.json' },
);
export type HostsConfig = Static<typeof HostsConfig>;

/** The contents of the schema file in the repository; a test keeps them equal. */
export function hostsSchema(): Record<string, unknown> {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...HostsConfig };
}
