/** The process that makes the figures so far. It lives as long as it takes to make them once, and gives its memory back. */
import { operation } from '../../bench/processes/rpc.ts';
import { Type } from '../../core/schema.ts';

const closed = { additionalProperties: false } as const;

export const FIGURES = {
  make: operation({
    /** The folder of the run. */
    request: Type.Object({ directory: Type.String() }, closed),
    reply: Type.Object(
      {
        /** The part of the live page, as HTML in which everything is escaped. */
        section: Type.String(),
        /** The whole report so far, as a separate page. */
        report: Type.String(),
        /** The policy of that page, as its reply's header says it. */
        policy: Type.String(),
        /** CPU time that the process has taken. */
        cpuSeconds: Type.Number({ minimum: 0 }),
      },
      closed,
    ),
  }),
};
