/**
 * A mutant is an arm with one known hole, made by wrapping a real one. The gate has to find it: a check that lets its
 * mutant pass proves nothing about the arms that pass it too. Mutants stand in no registry of products.
 */
import type { FastifyInstance } from 'fastify';
import { type Arm, findArm } from '../arms.ts';
import type { UserRecord } from '../contract.ts';
import type { Scheme, SchemeContext, SchemeSettings } from '../scheme.ts';

export interface Mutant {
  readonly name: string;
  /** The arm that it is made from; its promises are the mutant's. */
  readonly arm: string;
  /** The check of the gate that has to fail. */
  readonly check: number;
  /** What is broken, as a reviewer would say it. */
  readonly hole: string;
  /** Other checks that the same hole may fail, each with the reason why it does. */
  readonly alsoFails?: Readonly<Record<number, string>>;
  /** Set over whatever the replica was told. */
  readonly settings?: Partial<SchemeSettings>;
  /** Changes what the scheme is made from. */
  readonly context?: (context: SchemeContext, users: readonly UserRecord[]) => SchemeContext;
  /** Wraps the scheme. */
  readonly scheme?: (real: Scheme, context: SchemeContext, users: readonly UserRecord[]) => Scheme;
}

/** @param users those of the replica: some holes show only to who knows which names exist */
export function mutantArm(mutant: Mutant, users: readonly UserRecord[]): Arm {
  const base = findArm(mutant.arm);
  if (base === undefined) throw new TypeError(`The mutant ${mutant.name} is made from ${mutant.arm}, which is no arm.`);
  return {
    info: { ...base.info, name: mutant.name, title: mutant.name, summary: mutant.hole },
    async load() {
      const factory = await base.load();
      return (given) => {
        // In place: the application around the scheme reads the same settings.
        Object.assign(given.settings, mutant.settings);
        const context = mutant.context?.(given, users) ?? given;
        const real = factory(context);
        return mutant.scheme?.(real, context, users) ?? real;
      };
    },
  };
}

/** The scheme with something added to the context that holds its routes, before it adds its own. */
export function withScope(real: Scheme, add: (scope: FastifyInstance) => void): Scheme {
  return {
    ...real,
    async install(scope) {
      add(scope);
      await real.install(scope);
    },
  };
}
