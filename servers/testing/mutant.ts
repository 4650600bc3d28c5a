/**
 * A mutant is an arm with one known vulnerability, made by wrapping a real arm. The gate must find it: a check that passes
 * its mutant proves nothing about the arms that pass it. Mutants are not in the registry of arms.
 */
import type { FastifyInstance } from 'fastify';
import { type Arm, findArm } from '../arms.ts';
import type { UserRecord } from '../configuration.ts';
import type { Edge, EdgeContext, EdgeFactory } from '../edge.ts';
import type { Scheme, SchemeContext, SchemeSettings } from '../scheme.ts';

export interface Mutant {
  readonly name: string;
  /** The arm that it wraps, and whose promises it makes. */
  readonly arm: string;
  /** The gate's check that has to fail. */
  readonly check: number;
  /** The vulnerability, as a reviewer would describe it. */
  readonly hole: string;
  /** Other checks that the same vulnerability may fail, each with the reason. */
  readonly alsoFails?: Readonly<Record<number, string>>;
  /** Settings that override those of the start message. */
  readonly settings?: Partial<SchemeSettings>;
  /** Changes the context of the scheme. */
  readonly context?: (context: SchemeContext, users: readonly UserRecord[]) => SchemeContext;
  /** Wraps the edge, for an arm that has one. */
  readonly edge?: (real: Edge, context: EdgeContext) => Edge;
  /** Wraps the scheme. */
  readonly scheme?: (real: Scheme, context: SchemeContext, users: readonly UserRecord[]) => Scheme;
}

/** Checks that look for longer, or in more ways, for what other checks look for: a mutant that fails those may fail them. */
const LOOKS_FURTHER: readonly { readonly check: number; readonly than: readonly number[]; readonly reason: string }[] =
  [
    {
      check: 73,
      than: [23, 24, 25, 55],
      reason: 'it ends credentials in the same ways, after connections were broken',
    },
    {
      check: 88,
      than: [23, 24, 25, 29, 52, 55],
      reason: 'it ends credentials in the same ways, and watches them for longer',
    },
    { check: 89, than: [23, 24, 52], reason: 'it ends credentials in the same way, one of many' },
    { check: 90, than: [27, 28, 31, 52, 77], reason: 'it waits for the end of a credential too' },
    {
      check: 92,
      than: [23, 24, 25, 31, 52, 73],
      reason: 'it ends credentials in the same ways, and asks new replicas',
    },
  ];

/** Returns the other checks that a mutant may fail, each with the reason. */
export function mayAlsoFail({ check, alsoFails = {} }: Mutant): Readonly<Record<number, string>> {
  const fails = (id: number) => id === check || id in alsoFails;
  const further = LOOKS_FURTHER.filter((one) => one.check !== check && one.than.some(fails));
  return { ...Object.fromEntries(further.map((one) => [one.check, one.reason])), ...alsoFails };
}

/** @param users the replica's users: some vulnerabilities depend on which names exist */
export function mutantArm(mutant: Mutant, users: readonly UserRecord[]): Arm {
  const base = findArm(mutant.arm);
  if (base === undefined) throw new TypeError(`The mutant ${mutant.name} wraps ${mutant.arm}, which is not an arm.`);
  const { loadEdge } = base;
  return {
    ...base,
    ...(loadEdge === undefined ? {} : { loadEdge: async () => mutantEdge(mutant, await loadEdge()) }),
    info: { ...base.info, name: mutant.name, title: mutant.name, summary: mutant.hole },
    async load() {
      const factory = await base.load();
      return (given) => {
        // Changed in place, because the application around the scheme reads the same settings.
        Object.assign(given.settings, mutant.settings);
        const context = mutant.context?.(given, users) ?? given;
        const real = factory(context);
        return mutant.scheme?.(real, context, users) ?? real;
      };
    },
  };
}

function mutantEdge({ edge, settings }: Mutant, factory: EdgeFactory): EdgeFactory {
  return (given) => {
    const context = { ...given, settings: { ...given.settings, ...settings } };
    const real = factory(context);
    return edge?.(real, context) ?? real;
  };
}

/** Wraps a scheme so that something is added to the context of its routes, before the scheme adds its own. */
export function withScope(real: Scheme, add: (scope: FastifyInstance) => void): Scheme {
  return {
    ...real,
    async install(scope) {
      add(scope);
      await real.install(scope);
    },
  };
}
