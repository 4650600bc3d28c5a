/** Checks the shape of `service.json`. Pure. */
import { type Fault, faultFinder } from '../../core/text/schema-faults.ts';
import { ServiceConfig } from './schema.ts';

const faultsOf = faultFinder(ServiceConfig);

/** A configuration with the faults of its shape. */
export interface Shaped {
  /** The configuration; its type is valid wherever `isRight` says so. */
  readonly config: ServiceConfig;
  readonly faults: readonly Fault[];
  /** Whether the values at these pointers are valid, including everything in them. */
  isRight(...pointers: string[]): boolean;
  /** Whether it is known what is at these pointers, or that they are absent, whatever is wrong deeper inside. */
  isKnown(...pointers: string[]): boolean;
}

export function readShape(value: unknown): Shaped {
  const faults = faultsOf(value);
  const isWithin = (inner: string, outer: string) => inner === outer || inner.startsWith(`${outer}/`);
  const isKnown = (...pointers: string[]) =>
    faults.every((fault) => pointers.every((pointer) => !isWithin(pointer, fault.pointer)));
  return {
    // Parts with faults are never read.
    config: (typeof value === 'object' && value !== null ? value : {}) as ServiceConfig,
    faults,
    isKnown,
    isRight: (...pointers) =>
      isKnown(...pointers) && faults.every((fault) => pointers.every((pointer) => !isWithin(fault.pointer, pointer))),
  };
}
