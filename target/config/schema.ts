/**
 * `service.json`: how to start or reach a service, how to log in, and which requests it answers. Editors show the
 * descriptions, and error messages use them as hints.
 */
import type { Static } from 'typebox';
import { Type } from '../../core/schema.ts';
import { CommonHeaders, closed, Login, ORIGIN, PATH, POINTER, Request, Status } from './request-schema.ts';

export const Secret = Type.Union(
  [
    Type.Object({ env: Type.String({ minLength: 1, description: 'the name of an environment variable' }) }, closed),
    Type.Object({ file: Type.String({ minLength: 1, description: 'a file, relative to service.json' }) }, closed),
  ],
  { description: 'give the source of a secret: {"env": "NAME"} or {"file": "path"}' },
);
export type Secret = Static<typeof Secret>;

export const Label = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9 _-]{0,29}$',
  description: 'the label of this user in results, such as "40 roles"; its number if omitted',
});

const Users = Type.Union(
  [
    Type.Array(
      Type.Object(
        { username: Type.String({ minLength: 1, maxLength: 256 }), password: Secret, label: Type.Optional(Label) },
        closed,
      ),
      { minItems: 1, maxItems: 1000 },
    ),
    Type.Object({ env: Type.String({ minLength: 1 }) }, closed),
    Type.Object({ file: Type.String({ minLength: 1 }) }, closed),
  ],
  {
    description:
      'a list of {"username", "password": {"env" or "file"}}, or {"env"} or {"file"} with a JSON list of {"username", "password"}',
  },
);

const Text = Type.Union([Type.String(), Secret], { description: 'a string, {"env": "NAME"} or {"file": "path"}' });

/** A store, by its name in `stores`. */
const FromStore = Type.Object(
  { from: Type.Union([Type.Literal('redis'), Type.Literal('postgres')]) },
  { ...closed, description: 'the URL of that store' },
);

const Value = Type.Union([Type.String(), ...Secret.anyOf, FromStore], {
  description: 'a string, {"env": "NAME"}, {"file": "path"}, or {"from": "redis"} for the URL of a store',
});
export type Value = Static<typeof Value>;

const VARIABLE = '^[A-Za-z_][A-Za-z0-9_]*$';

const StoreStart = Type.Object(
  {
    command: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'the program and its arguments; {{port}} stands for the port',
    }),
    url: Type.Union([Type.String({ minLength: 1 }), ...Secret.anyOf], {
      description: 'its URL, or where to read it from; {{port}} stands for the port',
    }),
    directory: Type.Optional(
      Type.String({ minLength: 1, description: 'the working directory, relative to service.json' }),
    ),
    environment: Type.Optional(
      Type.Record(Type.String({ pattern: VARIABLE }), Text, {
        description: 'variables in addition to PATH, HOME and TMPDIR',
      }),
    ),
    readyWithinSeconds: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 300, description: 'the time to start; 30 if omitted' }),
    ),
    stopWithinSeconds: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 60, description: 'the time to stop after SIGTERM; 3 if omitted' }),
    ),
  },
  { ...closed, description: 'how Tollgate starts the store for each start of the service; outage may then break it' },
);
export type StoreStart = Static<typeof StoreStart>;

const StartedStore = Type.Object({ start: StoreStart }, closed);

const Start = Type.Object(
  {
    command: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'the program and its arguments, such as ["node", "server.js"]; {{port}} stands for the port',
    }),
    directory: Type.Optional(
      Type.String({ minLength: 1, description: 'the working directory, relative to service.json' }),
    ),
    environment: Type.Optional(
      Type.Record(Type.String({ pattern: VARIABLE }), Value, {
        description: 'variables in addition to PATH, HOME and TMPDIR; PORT is set if {{port}} is not used',
      }),
    ),
    replicas: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 16, description: 'the number of processes to start; 2 if omitted' }),
    ),
    https: Type.Optional(
      Type.Boolean({ description: 'whether it speaks HTTPS; implied by certificate, which says what to trust' }),
    ),
    ready: Type.Optional(
      Type.Object(
        {
          path: Type.String({
            pattern: PATH,
            description: 'a path that responds once the service is ready',
          }),
          status: Type.Optional(Status),
        },
        { ...closed, description: 'the readiness probe; an open port if omitted' },
      ),
    ),
    readyWithinSeconds: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 300, description: 'the time to start; 30 if omitted' }),
    ),
    stopWithinSeconds: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 60, description: 'the time to stop after SIGTERM; 3 if omitted' }),
    ),
  },
  { ...closed, description: 'how to start one replica' },
);

const Requests = Type.Object(
  {
    guarded: Request,
    public: Type.Optional(Request),
    critical: Type.Optional(Request),
    refresh: Type.Optional(Request),
    logout: Type.Optional(Request),
    logoutAll: Type.Optional(Request),
    admin: Type.Optional(Request),
    disable: Type.Optional(Request),
    enable: Type.Optional(Request),
  },
  {
    ...closed,
    description:
      'requests of the service by purpose; guarded needs a credential, public does not; admin disables and enables the user {{username}}',
  },
);
export type Purpose = keyof Static<typeof Requests>;
export const PURPOSES = Object.keys(Requests.properties) as readonly Purpose[];

export const ServiceConfig = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    name: Type.String({
      pattern: '^[a-z][a-z0-9-]{0,39}$',
      description: 'a name in lower case, such as shop, used in results',
    }),
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    start: Type.Optional(Start),
    urls: Type.Optional(
      Type.Array(Type.String({ pattern: ORIGIN }), {
        minItems: 1,
        maxItems: 16,
        description: 'the URLs of running replicas without a path, such as ["http://127.0.0.1:3000"]',
      }),
    ),
    origins: Type.Optional(
      Type.Array(Type.String({ pattern: ORIGIN }), {
        minItems: 1,
        maxItems: 8,
        description:
          'other origins that take part in a login, such as ["http://127.0.0.1:9000"] of an identity provider',
      }),
    ),
    certificate: Type.Optional(
      Type.String({ minLength: 1, description: 'a PEM file with the certificate to trust for https' }),
    ),
    headers: Type.Optional(CommonHeaders),
    users: Users,
    admin: Type.Optional(
      Type.Object(
        { username: Type.String({ minLength: 1, maxLength: 256 }), password: Secret },
        { ...closed, description: 'a user who may make the admin request' },
      ),
    ),
    login: Login,
    requests: Requests,
    identity: Type.Optional(
      Type.String({
        pattern: POINTER,
        description: 'a JSON pointer to the username in the response to the guarded request, such as /user/name',
      }),
    ),
    revocation: Type.Optional(
      Type.Union(
        [
          Type.Literal('at-once'),
          Type.Literal('at-expiry'),
          Type.Object({ withinMs: Type.Integer({ minimum: 1 }) }, closed),
        ],
        { description: '"at-once" (the default), "at-expiry" or {"withinMs": 5000}: when logout ends a credential' },
      ),
    ),
    token: Type.Optional(
      Type.Object(
        {
          key: Type.Optional(Secret),
          publicKey: Type.Optional(Type.String({ minLength: 1, description: 'a PEM file' })),
        },
        {
          ...closed,
          description: 'keys of the tested instance; with key, the gate signs tokens that each have one wrong claim',
        },
      ),
    ),
    stores: Type.Optional(
      Type.Object(
        {
          redis: Type.Optional(
            Type.Union([...Secret.anyOf, Type.Literal('provided'), StartedStore], {
              description:
                '{"env": "NAME"} or {"file": "path"} with the URL of a running one, "provided" for one started by Tollgate, or {"start": …}',
            }),
          ),
          postgres: Type.Optional(
            Type.Union([...Secret.anyOf, StartedStore], {
              description: '{"env": "NAME"} or {"file": "path"} with the URL of a running one, or {"start": …}',
            }),
          ),
        },
        { ...closed, description: 'the stores of the service, whose work per request is counted' },
      ),
    ),
  },
  { ...closed, title: 'service.json' },
);
export type ServiceConfig = Static<typeof ServiceConfig>;
export type StoreKind = keyof NonNullable<ServiceConfig['stores']>;
export const STORE_KINDS: readonly StoreKind[] = ['redis', 'postgres'];

/** The content of the schema file in the repository; a test compares the two. */
export function serviceSchema(): Record<string, unknown> {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...ServiceConfig };
}
