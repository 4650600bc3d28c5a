/** Runs the gate's checks against a service, one after the other because they share its few users. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from '../../bench/gate/check.ts';
import { oneLine } from '../../bench/gate/judge.ts';
import { CHECKS } from '../../bench/gate/registry.ts';
import { runCheck } from '../../bench/gate/run-gate.ts';
import { runError, thenEnding } from '../../core/errors.ts';
import {
  GATE_SCHEMA_VERSION,
  type GateCheckInfo,
  type GateOutcome,
  type GateResult,
} from '../../core/results/gate-schema.ts';
import type { Service } from '../config/service.ts';
import { type Ask, logIn, paced, sent } from '../flow/login.ts';
import { callOf, NOTHING } from '../flow/requests.ts';
import type { ServiceEnvironment } from '../process/environment.ts';
import { type ServiceFleet, startService } from '../process/fleet.ts';
import { createServiceTarget, type ServiceTarget } from './adapter.ts';
import type { OwnCheck } from './own-check.ts';
import { IN_PLACE, OWN_CHECKS } from './own-checks.ts';
import { appliesTo } from './rules.ts';
import { isFor, meet, type Subject } from './subject.ts';
import type { ServerError } from './translate.ts';

export interface ServiceGate {
  readonly service: Service;
  readonly environment: ServiceEnvironment;
  /** Whether to run only the checks that precede every timed run. */
  readonly quick: boolean;
  /** The maximum of requests per second; null for no limit. */
  readonly maxRps: number | null;
  readonly onProgress?: (check: number, done: number, total: number) => void;
}

export interface ServiceGateResult {
  readonly result: GateResult;
  readonly subject: Subject;
}

/** All checks in the order of execution; the one that judges all others is last. */
const ALL: readonly (Check | OwnCheck)[] = [...CHECKS, ...OWN_CHECKS];
/** A service that keeps ending is not restarted for ever. */
const MOST_STARTS = 5;
const TIMEOUT_MS = 20_000;
/** The maximum of requests of one check: on a host with a low rate limit they have to wait. */
const MOST_REQUESTS = 120;
/** The maximum of logins of one check. A machine in use makes each of them several times as slow as the first. */
const MOST_LOGINS = 40;

/**
 * @throws {TollgateError} if the service cannot be started, does not let the user in, or contradicts its
 * configuration
 */
export async function gateService(options: ServiceGate): Promise<ServiceGateResult> {
  const { service, environment } = options;
  const startedAt = new Date().toISOString();
  const started = performance.now();
  const outcomes: GateOutcome[] = [];
  const ask = options.maxRps === null ? sent : paced(options.maxRps);
  let fleet = await startService(service, environment);
  let starts = 1;
  return thenEnding(
    async () => {
      const subject = await meetOn(service, fleet, ask);
      await noteIfApart(subject, fleet, ask, environment.onNote);
      const checks = options.quick ? ALL.filter(({ quick }) => quick) : ALL;
      const serverErrors: ServerError[] = [];
      let target = createServiceTarget(subject, fleet, serverErrors, ask);
      for (const [i, check] of checks.entries()) {
        environment.signal.throwIfAborted();
        if (fleet.death() !== null) {
          if (starts++ >= MOST_STARTS)
            throw runError(
              `${service.name} ended ${MOST_STARTS} times during the gate`,
              'start it by hand with its command, and make it survive bad requests',
            );
          await fleet.stop();
          fleet = await startService(service, environment);
          target = createServiceTarget(subject, fleet, serverErrors, ask);
        }
        const outcome = await outcomeOf(check, subject, target, options.maxRps);
        outcomes.push(outcome.verdict === 'fail' ? await withDeath(outcome, service, fleet, ask) : outcome);
        options.onProgress?.(check.id, i + 1, checks.length);
      }
      const result: GateResult = {
        schemaVersion: GATE_SCHEMA_VERSION,
        startedAt,
        durationMs: performance.now() - started,
        quick: options.quick,
        checks: checks.map(infoOf).toSorted((a, b) => a.id - b.id),
        arms: [{ arm: service.name, title: service.title, outcomes: outcomes.toSorted((a, b) => a.check - b.check) }],
      };
      return { result, subject };
    },
    () => fleet.stop(),
  );
}

const PROBE_MS = 2_000;
const ENDS_WITHIN_MS = 5_000;
const POLL_MS = 10;

/**
 * A crashing process first stops answering, and ends a moment later. The next checks must wait for that, and its end
 * is a finding of this check.
 */
async function withDeath(
  outcome: GateOutcome,
  { requests }: Service,
  fleet: ServiceFleet,
  ask: Ask,
): Promise<GateOutcome> {
  const sinceMs = performance.now();
  const own = fleet.replicas.filter(({ pid }) => pid !== null);
  const asked = callOf(requests.public ?? requests.guarded, NOTHING);
  const answers = await Promise.allSettled(own.map(({ endpoint }) => ask(endpoint, asked, PROBE_MS)));
  // A service that is merely slow has not ended.
  const isGone = answers.some(({ status }) => status === 'rejected') && performance.now() - sinceMs < PROBE_MS;
  while (isGone && fleet.death() === null && performance.now() - sinceMs < ENDS_WITHIN_MS) await sleep(POLL_MS);
  const death = fleet.death();
  return death === null ? outcome : { ...outcome, detail: oneLine(`a replica ended: ${death.message}`) };
}

/** That it ended explains more than that it no longer answers. */
async function meetOn(service: Service, fleet: ServiceFleet, ask: Ask): Promise<Subject> {
  const [first] = fleet.replicas;
  if (first === undefined) throw new Error('the service has no replica');
  try {
    return await meet(service, first.endpoint, ask);
  } catch (error) {
    throw fleet.death() ?? error;
  }
}

/** Adds a remark if sessions of one replica are unknown to the other, as sessions in memory are. */
async function noteIfApart(
  { service }: Subject,
  { replicas: [first, second] }: ServiceFleet,
  ask: Ask,
  onNote: (text: string) => void,
): Promise<void> {
  const [user] = service.users;
  if (first === undefined || second === undefined || user === undefined) return;
  const session = await logIn(service, first.endpoint, user, { ask });
  const answer = await ask(second.endpoint, callOf(service.requests.guarded, session));
  if (isFor(service, answer, user)) return;
  onNote(
    `The second replica of ${service.name} refuses a credential that the first one gave. If sessions are kept in the memory of the process, ${service.launch === null ? 'name one URL' : 'set start.replicas to 1'}; else share what they are kept in, or the key that signs them.`,
  );
}

function infoOf({ id, name, family, refs }: Check | OwnCheck): GateCheckInfo {
  return { id, name, family, refs: [...refs] };
}

async function outcomeOf(
  check: Check | OwnCheck,
  subject: Subject,
  target: ServiceTarget,
  maxRps: number | null,
): Promise<GateOutcome> {
  const applies = appliesTo(check.id, subject);
  if (applies !== true) return { check: check.id, verdict: 'not-applicable', detail: oneLine(applies), durationMs: 0 };
  const before = target.serverErrors.length;
  const { appliesTo: _, ...rest } = check;
  const run = IN_PLACE[check.id];
  const asked: Check = {
    ...rest,
    appliesTo: () => true,
    timeoutMs:
      (check.timeoutMs ?? TIMEOUT_MS) +
      1000 * Math.ceil((MOST_LOGINS * subject.loginMs) / 1000) +
      (maxRps === null ? 0 : (1000 * MOST_REQUESTS) / maxRps),
    // It runs with the target given here.
    run: () => (run === undefined ? check.run(target) : run(target)),
  };
  const outcome = await runCheck(asked, target);
  const errors = target.serverErrors.length - before;
  if (outcome.verdict !== 'fail' || errors === 0 || check.id > CHECKS.length) return outcome;
  return { ...outcome, detail: oneLine(`${outcome.detail} (${errors} responses had a 5xx status)`) };
}
