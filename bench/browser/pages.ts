/** The pages of the application and of other origins. Pure. */

/** The place in which the application's page stores its credential. */
export type Storage = 'httponly-cookie' | 'readable-cookie' | 'local-storage' | 'session-storage' | 'memory';

export interface PageConfig {
  readonly storage: Storage;
  /** The credential it requests at login, for an arm with two. */
  readonly credential: 'cookie' | 'token';
  /** Whether the page proves for each request that it holds the key of its token. */
  readonly proofs: boolean;
  /** The SameSite attribute of the cookie that the page sets itself. */
  readonly sameSite: 'none' | 'lax' | 'strict';
}

/**
 * A small single-page application. Everything that it does not put into a storage is inside one function, out of
 * reach of other scripts. It calls `fetch` by its global name, as nearly every page does. Its key, if it has one,
 * cannot be exported: a script can use it, but not copy it.
 */
const CLIENT = `(() => {
  const config = JSON.parse(document.body.dataset.config);
  const state = document.querySelector('#state');
  let held = {};
  let csrfToken;
  const storage = { 'local-storage': localStorage, 'session-storage': sessionStorage }[config.storage];
  function keep(credential) {
    if (config.storage === 'readable-cookie')
      document.cookie = 'token=' + credential.accessToken + '; Path=/; Secure; SameSite=' + config.sameSite;
    else if (storage) for (const [name, value] of Object.entries(credential)) storage.setItem(name, value);
    else held = credential;
  }
  function token() {
    if (config.storage === 'readable-cookie') return /(?:^|; )token=([^;]*)/.exec(document.cookie)?.[1];
    return storage ? storage.getItem('accessToken') : held.accessToken;
  }
  const keys = config.proofs
    ? crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    : null;
  const bytes = text => new TextEncoder().encode(text);
  const encode = data => btoa(String.fromCharCode(...new Uint8Array(data)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const part = value => encode(bytes(JSON.stringify(value)));
  async function proof(path) {
    const { privateKey, publicKey } = await keys;
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
    const claims = { htm: 'POST', htu: location.origin + path, jti: crypto.randomUUID(), iat: Math.floor(Date.now() / 1000) };
    if (token()) claims.ath = encode(await crypto.subtle.digest('SHA-256', bytes(token())));
    const signed = part({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }) + '.' + part(claims);
    return signed + '.' + encode(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, bytes(signed)));
  }
  async function call(path, body) {
    const headers = { 'content-type': 'application/json' };
    if (config.credential === 'token' && token())
      headers.authorization = (config.proofs ? 'DPoP ' : 'Bearer ') + token();
    if (config.proofs) headers.dpop = await proof(path);
    if (csrfToken) headers['x-csrf-token'] = csrfToken;
    return fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }
  function onSubmit(id, work) {
    document.querySelector(id).addEventListener('submit', event => {
      event.preventDefault();
      work(Object.fromEntries(new FormData(event.target))).catch(error => { state.textContent = 'error: ' + error.message; });
    });
  }
  onSubmit('#login', async ({ username, password }) => {
    const body = { username, password, ...(config.ask ? { credential: config.ask } : {}) };
    const reply = await call('/login', body);
    if (!reply.ok) throw new Error('login ' + reply.status);
    const { accessToken, refreshToken, csrfToken: csrf } = await reply.json();
    csrfToken = csrf;
    if (config.credential === 'token') keep({ accessToken, ...(refreshToken ? { refreshToken } : {}) });
    state.textContent = 'in';
  });
  onSubmit('#pay', async ({ to }) => {
    const reply = await call('/transfer', { to, amount: 5 });
    state.textContent = 'paid ' + to + ' ' + reply.status;
  });
})();`;

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** @param ask the `credential` field of the login; null if the arm has only one kind */
export function applicationPage(config: PageConfig, ask: 'cookie' | 'token' | null): string {
  const json = escapeAttribute(JSON.stringify({ ...config, ask }));
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bank</title>
<body data-config="${json}"><p id="state">out</p>
<form id="login"><input name="username"><input name="password" type="password"><button>Log in</button></form>
<form id="pay"><input name="to"><button>Pay</button></form>
<script>${CLIENT}</script></body></html>`;
}

export const STRANGERS_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Kittens</title><body></body></html>`;
