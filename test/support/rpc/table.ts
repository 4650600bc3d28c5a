/** The operations of process.ts. */
import { Nothing, operation } from '../../../bench/processes/rpc.ts';
import { Type } from '../../../core/schema.ts';

export const SAMPLE = {
  double: operation({ request: Type.Number({ minimum: 0 }), reply: Type.Number() }),
  fail: operation({ request: Nothing, reply: Nothing }),
  lie: operation({ request: Nothing, reply: Type.Object({ figures: Type.Array(Type.Number()) }) }),
  count: operation({ request: Type.Integer(), reply: Nothing, note: Type.Integer() }),
  hang: operation({ request: Nothing, reply: Nothing }),
  crash: operation({ request: Nothing, reply: Nothing }),
};
