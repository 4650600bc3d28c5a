/** The operations of a balancer process. */
import { Type } from '../../../core/schema.ts';
import { Nothing, operation } from '../../processes/rpc.ts';

const closed = { additionalProperties: false } as const;
const port = Type.Integer({ minimum: 1, maximum: 65_535 });
const host = Type.String({ minLength: 1 });

/** See `Choice`. */
export const ChoiceSchema = Type.Union([Type.Literal('round-robin'), Type.Literal('least-connections')]);

export const BALANCER = {
  /**
   * Listens at two ports: that of the balancer, which its processes share, and its own, so that it can be warmed up
   * alone. It forwards to all upstreams.
   */
  start: operation({
    request: Type.Object(
      {
        host,
        /** 0 lets the kernel choose. */
        port: Type.Integer({ minimum: 0, maximum: 65_535 }),
        /** Its number among the processes of the balancer; the first one refuses a port that is in use. */
        index: Type.Integer({ minimum: 0 }),
        upstreams: Type.Array(Type.Object({ host, port }, closed), { minItems: 1 }),
        choice: ChoiceSchema,
      },
      closed,
    ),
    reply: Type.Object({ port, ownPort: port }, closed),
  }),
  /** Forwards all further requests to some of the upstreams, given by index. */
  use: operation({
    request: Type.Object({ upstreams: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1 }) }, closed),
    reply: Nothing,
  }),
};
