/** An `Address` in messages between processes. */
import { Type } from '../../../core/schema.ts';

export const AddressSchema = Type.Object(
  {
    host: Type.String(),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    /** PEM; plain HTTP without it. */
    certificate: Type.Optional(Type.String()),
    isPinned: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
