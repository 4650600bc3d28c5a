/** The operations of a host's agent. Its messages are JSON lines on its standard input and output. */
import type { Static } from 'typebox';
import { Type } from '../../../core/schema.ts';
import { AddressSchema } from '../../load/connection/address-schema.ts';
import { Nothing, operation } from '../../processes/rpc.ts';

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });
const ms = Type.Number();
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
/** The coordinator's number for a process that it starts on a host. */
const number = Type.Integer({ minimum: 0 });
const signal = Type.Union([Type.Literal('SIGKILL'), Type.Literal('SIGTERM')]);
const port = Type.Integer({ minimum: 1, maximum: 65_535 });

/** The programs that an agent starts. */
export const Program = Type.Union([
  Type.Literal('replica'),
  Type.Literal('balancer'),
  Type.Literal('load'),
  Type.Literal('open'),
  Type.Literal('hiccup'),
]);
export type Program = Static<typeof Program>;

export const HostFacts = Type.Object(
  {
    cpuModel: Type.String(),
    /** Cores that processes may use there. */
    cores: Type.Integer({ minimum: 1 }),
    memoryBytes: Type.Number({ minimum: 0 }),
    kernel: Type.String(),
    node: Type.String(),
    /** `Redis 7.0.15`; null if none is installed. */
    redis: orNull(Type.String()),
    /** Where CPU time is read from, or why it is read from threads. */
    accounts: Type.String(),
  },
  closed,
);
export type HostFacts = Static<typeof HostFacts>;

/** Both clocks of a host at one moment. */
export const Clocks = Type.Object(
  {
    /** Milliseconds since 1970. */
    wallMs: ms,
    /** On the clock of `monotonicMs`. */
    monotonicMs: ms,
  },
  closed,
);

/** Output of a process, or its exit. */
export const ProcessNote = Type.Union([
  Type.Object({ pid: Type.Integer({ minimum: 1 }) }, closed),
  Type.Object({ message: Type.Unknown() }, closed),
  Type.Object({ stderr: Type.String() }, closed),
]);
export type ProcessNote = Static<typeof ProcessNote>;

const ProcessEnd = Type.Object({ code: orNull(Type.Integer()), signal: orNull(Type.String()) }, closed);

/** A CPU account, as in `CpuReading`; null if it cannot be read. */
const reading = orNull(Type.Object({ ns: Type.Number(), ticksNs: orNull(Type.Number()) }, closed));
export type HostReading = Static<typeof reading>;

const pids = Type.Array(Type.Integer({ minimum: 1 }));

export const AGENT = {
  facts: operation({ request: Nothing, reply: HostFacts }),
  /** Keeps the connection alive. */
  beat: operation({ request: Nothing, reply: Nothing }),
  clocks: operation({ request: Nothing, reply: Clocks }),
  /**
   * Listens at an address, on any free port unless one is named, so that others can try to connect. @returns the port
   */
  listen: operation({ request: Type.Object({ host: Type.String(), port: Type.Optional(port) }, closed), reply: port }),
  unlisten: operation({ request: Nothing, reply: Nothing }),
  /** Tries to connect. @returns the reason for a failure; null on success */
  reach: operation({
    request: Type.Object({ host: Type.String(), port, withinMs: ms }, closed),
    reply: orNull(Type.String()),
    lastsMs: ({ withinMs }) => withinMs,
  }),
  /** Starts a process. The reply follows its exit. */
  run: operation({
    request: Type.Object({ process: number, program: Program, nodeFlags: Type.Array(Type.String()) }, closed),
    note: ProcessNote,
    reply: ProcessEnd,
  }),
  /** Sends a message to a process: at a given time on the clock of `monotonicMs`, or at once. */
  send: operation({
    request: Type.Object({ process: number, message: Type.Unknown(), atMs: Type.Optional(ms) }, closed),
    reply: Nothing,
  }),
  kill: operation({ request: Type.Object({ process: number, signal }, closed), reply: Nothing }),
  /** Waits until these processes are idle, and reads their CPU accounts, in order. */
  cpu: operation({ request: Type.Object({ pids }, closed), reply: Type.Array(reading) }),
  /** Reads CPU accounts at two times on the clock of `monotonicMs`. */
  cpuBetween: operation({
    request: Type.Object({ pids, fromMs: ms, toMs: ms, lastsMs: ms }, closed),
    reply: Type.Object({ before: Type.Array(reading), after: Type.Array(reading), wallNs: Type.Number() }, closed),
    lastsMs: ({ lastsMs }) => lastsMs,
  }),
  /** The CPU time of the machine, and the part stolen by a hypervisor; null if unknown. */
  ticks: operation({
    request: Nothing,
    reply: orNull(Type.Object({ steal: Type.Number(), total: Type.Number() }, closed)),
  }),
  startRedis: operation({
    request: Type.Object({ redis: number, host: Type.String() }, closed),
    reply: Type.Object({ url: Type.String(), pid: Type.Integer(), version: Type.String() }, closed),
  }),
  /** Commands for clients, and CPU time in ns, since it started. */
  redisUsage: operation({
    request: Type.Object({ redis: number }, closed),
    reply: Type.Object({ commands: count, cpuNs: Type.Number() }, closed),
  }),
  stopRedis: operation({ request: Type.Object({ redis: number }, closed), reply: Nothing }),
  /** Logs a user in at a replica. */
  login: operation({
    request: Type.Object(
      {
        address: AddressSchema,
        username: Type.String(),
        password: Type.String(),
        baseline: Type.Boolean(),
        senderConstrained: Type.Boolean(),
      },
      closed,
    ),
    reply: Type.Object(
      {
        username: Type.String(),
        headers: Type.Record(Type.String(), Type.String()),
        stateChangeHeaders: Type.Record(Type.String(), Type.String()),
        meBody: Type.String(),
      },
      closed,
    ),
  }),
};

/** The agent has acquired the host, or reports in one line which run has it. */
export const AgentReady = Type.Union([
  Type.Object({ ready: Type.Literal(true) }, closed),
  Type.Object({ busy: Type.String() }, closed),
]);
export type AgentReady = Static<typeof AgentReady>;
