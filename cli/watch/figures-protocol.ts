/** The process that computes the figures so far. It exits after doing so once, which frees its memory. */
import { operation } from '../../bench/processes/rpc.ts';
import { Type } from '../../core/schema.ts';

const closed = { additionalProperties: false } as const;

export const FIGURES = {
  make: operation({
    /** The folder of the run. */
    request: Type.Object({ directory: Type.String() }, closed),
    reply: Type.Object(
      {
        /** The section of the live page, as escaped HTML. */
        section: Type.String(),
        /** The whole report so far, as a separate page. */
        report: Type.String(),
        /** The content security policy of that page, for its header. */
        policy: Type.String(),
        /** CPU time that the process has taken. */
        cpuSeconds: Type.Number({ minimum: 0 }),
      },
      closed,
    ),
  }),
};
