/** Credentials and responses that grow with the number of roles. */
import type { MetricInfo } from './metric-info.ts';

export const PAYLOAD_METRICS = {
  limit_roles: {
    unit: 'roles',
    better: 'bigger',
    meaning:
      'most roles with which the credential of every login fits; the upper end is the most with which that of any login fits: limit `cookie` is the 4,096 bytes of a browser’s cookie, limit `header` the 16 KiB of headers above which Node answers 431',
  },
  credential_bytes: {
    unit: 'B',
    better: 'smaller',
    meaning: 'for a service: bytes of the token, or of the name and value of the cookie, of one user (factor `user`)',
    quotient: { numerator: 'credential_bytes', denominator: 'requests' },
  },
  crossing_roles: {
    unit: 'roles',
    better: 'neither',
    meaning:
      'number of roles above which the arm costs more than the arm in the factor `than`, from straight lines through the measured points; absent where the lines do not cross in the measured range',
  },
  cpu_gap_us: {
    unit: 'µs',
    better: 'neither',
    meaning:
      'CPU time per request minus that of the arm in the factor `than` (factor `of`: of the replica, or of replica and Redis together) at a number of roles, from a straight line through the measured points',
  },
  cpu_us_per_role: {
    unit: 'µs',
    better: 'smaller',
    meaning: 'CPU time per request that one more role adds in the replica, minus what it adds to the baseline',
  },
  request_bytes_per_role: { unit: 'B', better: 'smaller', meaning: 'bytes of a request that one more role adds' },
} as const satisfies Record<string, MetricInfo>;
