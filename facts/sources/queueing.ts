/** Results of queueing theory from textbooks, to all printed digits unless a comment says why not. */
import { type ClosedStation, solveClosed } from '../../core/model/closed.ts';
import { type OpenClass, type RequestClass, solveMix } from '../../core/model/multi-class.ts';
import { usersForThroughput, usersWithinResponse } from '../../core/model/network-inverse.ts';
import { erlangC, openQueue, waitQuantile } from '../../core/model/open.ts';
import { type Fact, printedTo, type Source } from '../fact.ts';

const printed = (what: string, published: number, decimals: number, ours: () => number): Fact => ({
  what,
  published,
  tolerance: printedTo(decimals),
  ours,
});

/** A CPU, two disks, and users with a think time of 15 s. */
const LAZOWSKA: readonly ClosedStation[] = [
  { kind: 'queue', name: 'cpu', demand: 0.605 },
  { kind: 'queue', name: 'disk 1', demand: 2.1 },
  { kind: 'queue', name: 'disk 2', demand: 1.35 },
  { kind: 'delay', name: 'users', demand: 15 },
];
/** A CPU visited 16 times for 0.125 s, disks 10 times for 0.3 s and 5 times for 0.2 s; a think time of 4 s. */
const JAIN: readonly ClosedStation[] = [
  { kind: 'queue', name: 'cpu', demand: 2 },
  { kind: 'queue', name: 'disk a', demand: 3 },
  { kind: 'queue', name: 'disk b', demand: 1 },
  { kind: 'delay', name: 'users', demand: 4 },
];
const jain = (users: number) => solveClosed(JAIN, users);

const STATIONS = [
  { name: 'cpu', kind: 'queue' },
  { name: 'disk', kind: 'queue' },
] as const;
const TWO_CLASSES: readonly RequestClass[] = [
  { name: 'A', users: 1, demands: [1, 3], think: 0 },
  { name: 'B', users: 1, demands: [2, 4], think: 0 },
];
const rateOf = (name: string) =>
  solveMix(STATIONS, TWO_CLASSES).classes.find((each) => each.name === name)?.throughput ?? Number.NaN;

/** Two open classes and two closed ones with one customer each. */
const MIXED: readonly (OpenClass | RequestClass)[] = [
  { name: 'A', rate: 1, demands: [1 / 4, 1 / 6] },
  { name: 'B', rate: 1 / 2, demands: [1 / 2, 1] },
  { name: 'C', users: 1, demands: [1 / 2, 1], think: 0 },
  { name: 'D', users: 1, demands: [1, 4 / 3], think: 0 },
];
/** Demands are visits times service times: 2 · 0.4, 1 · 0.6 and so on. */
const BOLCH: readonly (OpenClass | RequestClass)[] = [
  { name: 'open 1', rate: 0.5, demands: [2 * 0.4, 1 * 0.6] },
  { name: 'open 2', rate: 0.25, demands: [2.5 * 0.8, 1.5 * 1.6] },
  { name: 'closed 1', users: 1, demands: [1 * 0.3, 0.5 * 0.5], think: 0 },
  { name: 'closed 2', users: 1, demands: [1 * 0.5, 0.4 * 0.8], think: 0 },
];
/** One open class at the first station only, and three customers at both. */
const SCHWETMAN: readonly (OpenClass | RequestClass)[] = [
  { name: 'open', rate: 1, demands: [0.25, 0] },
  { name: 'closed', users: 3, demands: [0.25, 0.1], think: 0 },
];
const inClass = (classes: readonly (OpenClass | RequestClass)[], name: string) => {
  const found = solveMix(STATIONS, classes).classes.find((each) => each.name === name);
  const at = (station: string) => found?.queueLength.get(station) ?? Number.NaN;
  return {
    throughput: found?.throughput ?? Number.NaN,
    at,
    /** The time at one station, for one visit to it in each request. */
    timeAt: (station: string) => at(station) / (found?.throughput ?? Number.NaN),
  };
};

/** 125 packets per second, 2 ms each. */
const GATEWAY = { arrivalRate: 125, service: 0.002, servers: 1 };
/** Six patients per hour, three doctors, 20 minutes each. */
const CLINIC = { arrivalRate: 6, service: 1 / 3, servers: 3 };
/** Two patients per hour, 20 minutes each. */
const emergency = (doctors: number) => ({ arrivalRate: 2, service: 1 / 3, servers: doctors });

/** P(wait > t), found as the share at which the quantile of the wait is t. */
function waitsLonger(doctors: number, hours: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (waitQuantile(emergency(doctors), middle) < hours) low = middle;
    else high = middle;
  }
  return 1 - high;
}

export const QUEUEING: readonly Source[] = [
  {
    subject: 'closed network (MVA)',
    source: 'Lazowska et al., Quantitative System Performance (1984), table 6.2',
    facts: [
      printed('throughput of 1', 0.0525, 4, () => solveClosed(LAZOWSKA, 1).throughput),
      printed('throughput of 2', 0.1031, 4, () => solveClosed(LAZOWSKA, 2).throughput),
      printed('throughput of 3', 0.1515, 4, () => solveClosed(LAZOWSKA, 3).throughput),
      printed('queue at the CPU, 3', 0.0976, 4, () => solveClosed(LAZOWSKA, 3).queueLength.get('cpu') ?? Number.NaN),
      printed('queue at disk 1, 3', 0.3947, 4, () => solveClosed(LAZOWSKA, 3).queueLength.get('disk 1') ?? Number.NaN),
    ],
  },
  {
    subject: 'closed network (MVA)',
    source: 'Jain, The Art of Computer Systems Performance Analysis (1991), example 34.2',
    facts: [
      printed('throughput of 1', 0.1, 3, () => jain(1).throughput),
      printed('response of 1', 6, 3, () => jain(1).response),
      printed('throughput of 2', 0.175, 3, () => jain(2).throughput),
      printed('response of 2', 7.4, 3, () => jain(2).response),
      printed('queue at disk A, 2', 0.684, 3, () => jain(2).queueLength.get('disk a') ?? Number.NaN),
      printed('throughput of 20', 0.333, 3, () => jain(20).throughput),
    ],
  },
  {
    subject: 'closed network, several classes',
    source: 'Lazowska et al. (1984), chapter 7: two classes with one customer each, exact',
    facts: [
      printed('throughput of A (3/19)', 3 / 19, 12, () => rateOf('A')),
      printed('throughput of B (2/19)', 2 / 19, 12, () => rateOf('B')),
    ],
  },
  {
    subject: 'mixed network, open and closed classes',
    source: 'Lazowska et al. (1984), section 7.4: two open and two closed classes, as in the test of Octave’s qnmix',
    facts: [
      printed('C at the CPU (4/19)', 4 / 19, 12, () => inClass(MIXED, 'C').at('cpu')),
      printed('C at the disk (15/19)', 15 / 19, 12, () => inClass(MIXED, 'C').at('disk')),
      printed('D at the CPU (5/19)', 5 / 19, 12, () => inClass(MIXED, 'D').at('cpu')),
      printed('D at the disk (14/19)', 14 / 19, 12, () => inClass(MIXED, 'D').at('disk')),
    ],
  },
  {
    subject: 'mixed network, open and closed classes',
    source: 'Bolch et al., Queueing Networks and Markov Chains (1998), example 8.6, as in the test of Octave’s qnmix',
    facts: [
      ...(
        [
          ['open 1', 8.822, 5.383],
          ['open 2', 11.028, 10.766],
          ['closed 1', 0.582, 0.418],
          ['closed 2', 0.624, 0.376],
        ] as const
      ).flatMap(([name, first, second]) => [
        // 0.5815 is printed as 0.582, and 10.7665 as 10.766.
        printed(`${name} at the first station`, first, 2, () => inClass(BOLCH, name).at('cpu')),
        printed(`${name} at the second`, second, 2, () => inClass(BOLCH, name).at('disk')),
      ]),
      printed('throughput of closed 1', 0.12, 3, () => inClass(BOLCH, 'closed 1').throughput),
      printed('throughput of closed 2', 0.081, 3, () => inClass(BOLCH, 'closed 2').throughput),
    ],
  },
  {
    subject: 'mixed network, open and closed classes',
    source: 'Schwetman, Implementing the Mean Value Algorithm (1982), figure 10, as in the test of Octave’s qnmix',
    facts: [
      printed('response of the open class', 1.201, 3, () => inClass(SCHWETMAN, 'open').timeAt('cpu')),
      printed('closed class, first station', 0.885, 3, () => inClass(SCHWETMAN, 'closed').timeAt('cpu')),
      printed('closed class, second station', 0.135, 3, () => inClass(SCHWETMAN, 'closed').timeAt('disk')),
    ],
  },
  {
    subject: 'closed network, read backwards',
    source: 'Jain (1991), example 34.2, its table by number of users',
    facts: [
      printed('users that get 7.4 s', 2, 0, () => usersWithinResponse(JAIN, 7.4 + 1e-9)?.users ?? Number.NaN),
      printed('users that get 7.3 s', 1, 0, () => usersWithinResponse(JAIN, 7.3)?.users ?? Number.NaN),
      printed('users for 0.17 a second', 2, 0, () => usersForThroughput(JAIN, 0.17)?.users ?? Number.NaN),
    ],
  },
  {
    subject: 'open queue, one server',
    source: 'Jain (1991), example 31.2: a gateway',
    facts: [
      printed('utilisation', 0.25, 2, () => openQueue(GATEWAY).utilisation),
      printed('packets present', 0.33, 2, () => openQueue(GATEWAY).present),
      // 2⅔ ms, of which the book prints the digits without rounding.
      {
        what: 'mean response, ms, cut off',
        published: 2.66,
        tolerance: 0.01,
        ours: () => openQueue(GATEWAY).response * 1000,
      },
    ],
  },
  {
    subject: 'open queue, several servers',
    source: 'Gross & Harris, Fundamentals of Queueing Theory: the eye clinic, M/M/3',
    facts: [
      printed('nobody present (1/9)', 1 / 9, 9, () => openQueue(CLINIC).idle),
      printed('patients waiting (8/9)', 8 / 9, 9, () => openQueue(CLINIC).waiting),
      printed('wait, hours (4/27)', 4 / 27, 9, () => openQueue(CLINIC).wait),
      printed('time in the clinic, minutes', 28.9, 1, () => openQueue(CLINIC).response * 60),
      printed('patients present (26/9)', 26 / 9, 9, () => openQueue(CLINIC).present),
    ],
  },
  {
    subject: 'open queue, several servers',
    source:
      'Hillier & Lieberman, Introduction to Operations Research: the emergency room, with one doctor and with two',
    facts: [
      printed('one doctor, patients present', 2, 9, () => openQueue(emergency(1)).present),
      printed('one doctor, wait, hours (2/3)', 2 / 3, 9, () => openQueue(emergency(1)).wait),
      printed('one doctor, share that waits', 0.667, 3, () => erlangC(1, 2 / 3)),
      printed('one doctor, share that waits half an hour', 0.404, 3, () => waitsLonger(1, 0.5)),
      printed('two doctors, patients present (3/4)', 0.75, 9, () => openQueue(emergency(2)).present),
      printed('two doctors, patients waiting (1/12)', 1 / 12, 9, () => openQueue(emergency(2)).wait * 2),
      printed('two doctors, wait, hours (1/24)', 1 / 24, 9, () => openQueue(emergency(2)).wait),
      printed('two doctors, time in all, hours (3/8)', 0.375, 9, () => openQueue(emergency(2)).response),
      printed('two doctors, share that waits', 0.167, 3, () => erlangC(2, 2 / 3)),
      // 0.0226, which the book cuts off.
      {
        what: 'two doctors, share that waits half an hour, cut off',
        published: 0.022,
        tolerance: 0.001,
        ours: () => waitsLonger(2, 0.5),
      },
    ],
  },
  {
    subject: 'Erlang’s formula',
    source:
      'Closed forms by hand: two servers half busy wait with 1/3, three at two erlangs with 4/9; M/M/1 is exponential',
    facts: [
      printed('2 servers', 1 / 3, 12, () => erlangC(2, 1)),
      printed('3 servers', 4 / 9, 12, () => erlangC(3, 2)),
      printed('95 % wait less than this, M/M/1, ρ 0.8', Math.log(16) / 2, 9, () =>
        waitQuantile({ arrivalRate: 8, service: 0.1, servers: 1 }, 0.95),
      ),
    ],
  },
];
