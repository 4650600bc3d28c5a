/** What a process of a balancer can be asked for. */
import { Type } from '../../../core/schema.ts';
import { Nothing, operation } from '../../processes/rpc.ts';

const closed = { additionalProperties: false } as const;
const port = Type.Integer({ minimum: 1, maximum: 65_535 });
const host = Type.String({ minLength: 1 });

/** See `Choice`. */
export const ChoiceSchema = Type.Union([Type.Literal('round-robin'), Type.Literal('least-connections')]);

export const BALANCER = {
  /**
   * Listens twice at an address: at the port of the balancer, which its processes share, and at one of its own, so that it can
   * be warmed up alone. It spreads requests over all upstreams.
   */
  start: operation({
    request: Type.Object(
      {
        host,
        /** 0 lets the kernel choose. */
        port: Type.Integer({ minimum: 0, maximum: 65_535 }),
        /** Its place among the processes of the balancer; the first refuses a port that something else listens at. */
        index: Type.Integer({ minimum: 0 }),
        upstreams: Type.Array(Type.Object({ host, port }, closed), { minItems: 1 }),
        choice: ChoiceSchema,
      },
      closed,
    ),
    reply: Type.Object({ port, ownPort: port }, closed),
  }),
  /** Spreads the requests that come from now on over some of the upstreams, by their index. */
  use: operation({
    request: Type.Object({ upstreams: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1 }) }, closed),
    reply: Nothing,
  }),
};
