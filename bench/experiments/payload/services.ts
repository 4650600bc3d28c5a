/** The size of the guarded request and its response for users of a service, and of each credential. */
import type { Slice } from '../../../core/results/schema.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import { Connection } from '../../load/connection/connection.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';

/** Logins per user: credentials of one user may differ in length, as sealed cookies do. */
const LOGINS = 3;
/** More users would add nothing, and a service may limit logins. */
const MOST_USERS = 20;

export const ofService = ({ factors }: Pick<Slice, 'factors'>) => 'user' in factors;

const specOf = (arm: ArmInfo): FleetSpec => ({
  key: arm.name,
  arm,
  replicas: 1,
  users: 0,
});

/** Records a slice for each login of each user. */
export async function weighServices(context: ExperimentContext, services: readonly ArmInfo[]): Promise<void> {
  const fork = context.nextFork();
  context.progress({ step: `start ${fork + 1}: measuring the request size of each user` });
  await context.withFork(fork, services.map(specOf), async ({ fleets }) => {
    for (const fleet of fleets) await weighUsers(context, fork, fleet);
  });
}

async function weighUsers(context: ExperimentContext, fork: number, fleet: Fleet): Promise<void> {
  const { foreign, replicas, spec } = fleet;
  const [replica] = replicas;
  if (foreign === undefined || replica === undefined) throw new TypeError(`${spec.key} is not a service`);
  const { clients } = foreign;
  const { address } = replica;
  const lines: string[] = [];
  for (let user = 0; user < Math.min(clients.users, MOST_USERS); user++) {
    for (let login = 0; login < LOGINS; login++) {
      if (context.signal.aborted) return;
      const session = await clients.logIn(address, user);
      const wire = session.read(address);
      const connection = await Connection.open(address);
      try {
        const response = await connection.request(wire);
        const isAccepted = clients.judge(response, 'read', user) === 'accepted';
        const measures = {
          request_bytes: wire.length,
          response_bytes: response.bytes,
          credential_bytes: session.credentialBytes,
        };
        context.record({
          fork,
          block: login,
          order: user,
          arm: spec.key,
          factors: { user: clients.labelOf(user) },
          mode: 'count',
          durationMs: 0,
          requests: 1,
          unexpected: isAccepted ? 0 : 1,
          failed: 0,
          statuses: { [response.status]: 1 },
          measures,
          flags: isAccepted ? [] : ['unexpected-responses'],
        });
        if (login === 0)
          lines.push(
            `${clients.labelOf(user)}: request ${wire.length} B, reply ${response.bytes} B, credential ${session.credentialBytes} B`,
          );
      } finally {
        connection.close();
      }
    }
  }
  context.note(`payload: ${spec.key}, by user: ${lines.join('; ')}`);
}
