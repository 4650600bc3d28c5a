/** The factors that distinguish a cell, apart from its arm. */
import { Type } from '../../schema.ts';

/** `{replicas: 2}`, `{in_flight: 10}`, `{primitive: 'hs256-verify'}`. */
export const FactorValues = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]));
