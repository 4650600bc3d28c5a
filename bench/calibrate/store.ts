/** The last calibration of this machine, in a file that every run reads for its metadata. */
import { join } from 'node:path';
import type { Static } from 'typebox';
import { makeFolders } from '../../core/folders.ts';
import type { Flag } from '../../core/results/flags.ts';
import { type JsonFault, JsonFileError, type JsonFormat, readJson, writeJson } from '../../core/results/json-file.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';
import { Row } from './compare.ts';
import { type Machine, MachineSchema, sameMachine } from './machine.ts';

const FILE_NAME = 'calibration.json';
const STALE_AFTER_DAYS = 30;
export const CALIBRATION_VERSION = 2;

export const Calibration = Type.Object(
  {
    schemaVersion: Type.Literal(CALIBRATION_VERSION),
    /** ISO 8601, UTC. */
    at: Type.String(),
    /** The version of Tollgate. */
    version: Type.String(),
    machine: MachineSchema,
    verdict: Type.Union([Type.Literal('passed'), Type.Literal('failed')]),
    rounds: Type.Integer({ minimum: 1 }),
    /** Measurements that the machine disturbed even when repeated: it stalled, or other processes took the cores. */
    disturbedRounds: Type.Integer({ minimum: 0 }),
    /**
     * The network round trip to a server on this machine, measured with plain sockets: part of every true percentile.
     */
    loopbackMicros: Type.Number({ minimum: 0 }),
    notes: Type.Array(Type.String()),
    rows: Type.Array(Row),
  },
  { additionalProperties: false },
);
export type Calibration = Static<typeof Calibration>;

/** Why a file is ignored. */
const NO_USE: Readonly<Record<JsonFault, string>> = {
  missing: 'no calibration found',
  damaged: 'the calibration is damaged',
  version: 'the calibration was written by another version',
};
const REPEAT = 'repeat it: npm run calibrate';
const FORMAT: JsonFormat<Calibration> = {
  what: 'the calibration',
  version: CALIBRATION_VERSION,
  check: checker(Calibration),
  hints: { missing: REPEAT, damaged: REPEAT, version: REPEAT },
};

export interface CalibrationStatus {
  readonly status: 'fresh' | 'stale' | 'failed' | 'missing';
  /** One line for the user. */
  readonly reason: string;
  /** The flag for a run's figures; null if nothing is wrong. */
  readonly flag: Flag | null;
  readonly calibration: Calibration | null;
}

/** Written atomically. @returns the path of the file */
export async function writeCalibration(directory: string, calibration: Calibration): Promise<string> {
  makeFolders(directory);
  const path = join(directory, FILE_NAME);
  writeJson(path, calibration, FORMAT, { indent: 2 });
  return path;
}

/** The state of the last calibration in `directory`, for this machine and version. Never throws. */
export async function readCalibration(
  directory: string,
  here: { readonly machine: Machine; readonly version: string; readonly nowMs: number },
): Promise<CalibrationStatus> {
  const missing = (reason: string): CalibrationStatus => ({
    status: 'missing',
    reason,
    flag: 'calibration-missing',
    calibration: null,
  });
  let calibration: Calibration;
  try {
    calibration = readJson(join(directory, FILE_NAME), FORMAT);
  } catch (error) {
    if (!(error instanceof JsonFileError)) throw error;
    return missing(NO_USE[error.fault]);
  }
  const stale = staleness(calibration, here);
  if (stale !== null) return { status: 'stale', reason: stale, flag: 'calibration-missing', calibration };
  if (calibration.verdict === 'failed') {
    const missed = calibration.rows.filter(({ judged, ok }) => judged && !ok).length;
    return { status: 'failed', reason: `it missed ${missed} of its targets`, flag: 'calibration-failed', calibration };
  }
  return { status: 'fresh', reason: `calibrated at ${calibration.at}`, flag: null, calibration };
}

function staleness(
  calibration: Calibration,
  here: { readonly machine: Machine; readonly version: string; readonly nowMs: number },
): string | null {
  if (!sameMachine(calibration.machine, here.machine)) return 'it is from a different machine, kernel or Node version';
  if (calibration.version !== here.version) return `it is from Tollgate ${calibration.version}`;
  const days = (here.nowMs - Date.parse(calibration.at)) / 86_400_000;
  // An unreadable or future date is no evidence either.
  if (!(days >= -1 && days <= STALE_AFTER_DAYS)) return `it is older than ${STALE_AFTER_DAYS} days`;
  return null;
}
