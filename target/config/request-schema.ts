/**
 * The parts of `service.json` about requests: one request, the location of a value in its reply, and the login.
 * Editors show the descriptions, and error messages use them as hints.
 */
import type { Static } from 'typebox';
import { Type } from '../../core/schema.ts';

export const closed = { additionalProperties: false } as const;

/** `""` is the whole document (RFC 6901). */
export const POINTER = '^(/([^~]|~[01])*)*$';
export const PATH = '^/[\\x21-\\x7e]*$';
/** An origin without a path. */
export const ORIGIN = '^https?://[^/?#@\\s]+/?$';
/** A URL may name another origin. A value that a step of the login keeps may be a whole path, or the URL of one. */
const PATH_OR_KEPT = '^((https?://[^/?#@\\s]+)?/|\\{\\{[A-Za-z0-9]+\\}\\})[\\x21-\\x7e]*$';
const HEADER_NAME = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
const COOKIE_NAME = HEADER_NAME;

export const Status = Type.Integer({ minimum: 100, maximum: 599, description: 'an HTTP status, such as 200' });

const name = Type.String({ pattern: HEADER_NAME });
const Headers = Type.Record(name, Type.String(), {
  description: 'headers by name; values may contain placeholders such as {{token}}',
});

export const CommonHeaders = Type.Record(name, Type.String(), {
  description: 'headers of every request, such as {"x-forwarded-proto": "https"} where a proxy ends TLS',
});

/** What tells success from a refusal of the same status. */
const Holds = Type.Union(
  [
    Type.Object(
      { json: Type.String({ pattern: POINTER, description: 'a JSON pointer to a value other than null and false' }) },
      closed,
    ),
    Type.Object({ text: Type.String({ minLength: 1, description: 'a string in the body, such as Sign out' }) }, closed),
    Type.Object({ location: Type.String({ pattern: PATH, description: 'the path that it redirects to' }) }, closed),
  ],
  {
    description:
      'what only a successful response contains, if a refusal has the same status: {"json": "/data/buy"}, {"text": "Sign out"} or {"location": "/home"}',
  },
);
export type Holds = Static<typeof Holds>;

export const Request = Type.Object(
  {
    method: Type.Optional(
      Type.String({ pattern: '^[A-Z]{3,10}$', description: 'a method in capitals; GET if omitted' }),
    ),
    path: Type.String({
      pattern: PATH_OR_KEPT,
      maxLength: 4096,
      description:
        'a path that starts with / and has no spaces, such as /account?full=1; in a login also a URL at one of origins',
    }),
    headers: Type.Optional(Headers),
    json: Type.Optional(Type.Unknown({ description: 'a JSON body; its strings may contain placeholders' })),
    form: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'form fields by name; values may contain placeholders',
      }),
    ),
    status: Type.Optional(
      Type.Union([Status, Type.Array(Status, { minItems: 1 })], {
        description: 'the expected status, or a list of them; 200 if omitted',
      }),
    ),
    holds: Type.Optional(Holds),
  },
  closed,
);
export type Request = Static<typeof Request>;

/** The location of a value in a reply. */
const Place = Type.Union(
  [
    Type.Object(
      { json: Type.String({ pattern: POINTER, description: 'a JSON pointer, such as /data/token' }) },
      closed,
    ),
    Type.Object(
      { header: Type.String({ pattern: HEADER_NAME, description: 'the name of a response header' }) },
      closed,
    ),
    Type.Object({ cookie: Type.String({ pattern: COOKIE_NAME, description: 'the name of a cookie' }) }, closed),
    Type.Object(
      { parameter: Type.String({ minLength: 1, description: 'a parameter in the URL that it redirects to' }) },
      closed,
    ),
  ],
  {
    description:
      'one of {"json": "/pointer"}, {"header": "name"}, {"cookie": "name"} or, in the query or fragment of a redirect, {"parameter": "name"}',
  },
);
export type Place = Static<typeof Place>;

const PageField = Type.Object(
  { html: Type.String({ minLength: 1, description: 'the name of a form field, or of a meta element, of a page' }) },
  closed,
);

/** A CSRF token may also be in a page. */
const CsrfPlace = Type.Union([...Place.anyOf, PageField], {
  description:
    'one of {"json": "/pointer"}, {"header": "name"}, {"cookie": "name"}, {"parameter": "name"} or {"html": "field"}',
});
export type CsrfPlace = Static<typeof CsrfPlace>;

const FormAction = Type.Object(
  { form: Type.String({ minLength: 1, description: 'the name of a field of the form whose action is meant' }) },
  closed,
);

/** What later requests may need: a code, an id, or where to go on. */
const KeptPlace = Type.Union([...CsrfPlace.anyOf, FormAction], {
  description:
    'one of {"json": "/pointer"}, {"header": "name"}, {"cookie": "name"}, {"parameter": "name"}, {"html": "field"} or {"form": "field"}, the action of the form with that field',
});
export type KeptPlace = Static<typeof KeptPlace>;

const Keep = Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9]{0,29}$' }), KeptPlace, {
  description: 'values of the response by name, for later requests: {"code": {"parameter": "code"}} gives {{code}}',
});

const Step = Type.Object({ request: Request, csrf: Type.Optional(CsrfPlace), keep: Type.Optional(Keep) }, closed);
export type Step = Static<typeof Step>;
const MOST_STEPS = 10;

export const Login = Type.Object(
  {
    request: Request,
    credential: Place,
    before: Type.Optional(
      Type.Union([Step, Type.Array(Step, { minItems: 1, maxItems: MOST_STEPS })], {
        description:
          'a request before the login, or a list of them, such as for its page: the login gets their cookies, and {{csrf}}',
      }),
    ),
    keep: Type.Optional(Keep),
    steps: Type.Optional(
      Type.Array(Step, {
        minItems: 1,
        maxItems: MOST_STEPS,
        description:
          'requests that complete the login, such as for an authorization code: the last response has the credential',
      }),
    ),
    csrf: Type.Optional(CsrfPlace),
    after: Type.Optional(
      Type.Object(
        { request: Request, csrf: CsrfPlace },
        { ...closed, description: 'a request after the login whose response has the CSRF token, instead of csrf' },
      ),
    ),
    refreshToken: Type.Optional(Place),
    renewed: Type.Optional(
      Type.Object(
        { credential: Place, refreshToken: Type.Optional(Place) },
        { ...closed, description: 'where the response to refresh has them, if not where that to the login does' },
      ),
    ),
    expiresInSeconds: Type.Optional(
      Type.Object({ json: Type.String({ pattern: POINTER, description: 'a JSON pointer to a number' }) }, closed),
    ),
  },
  { ...closed, description: 'how a user logs in, and where the response has the credential' },
);
