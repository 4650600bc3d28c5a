/** The part of a k6 script that fills requests, sends them and reads their replies: the same for every service. */
export const K6_REQUESTS = `/** @param {any} value @param {Record<string, string>} values @returns {any} */
function filled(value, values) {
  if (typeof value === 'string') return value.replace(/{{([^{}]*)}}/g, (_, name) => values[name.trim()] || '');
  if (Array.isArray(value)) return value.map((item) => filled(item, values));
  if (value === null || typeof value !== 'object') return value;
  /** @type {Record<string, any>} */
  const copy = {};
  for (const name of Object.keys(value)) copy[name] = filled(value[name], values);
  return copy;
}

/** @param {any} value @param {string} pointer @returns {any} */
function valueAt(value, pointer) {
  return pointer
    .split('/')
    .slice(1)
    .reduce((at, name) => (at ? at[name.replace(/~1/g, '/').replace(/~0/g, '~')] : undefined), value);
}

/** @param {import('k6/http').RefinedResponse<any>} reply @returns {any} */
function bodyOf(reply) {
  try {
    return reply.json();
  } catch (_) {
    return null;
  }
}

/**
 * @param {import('k6/http').RefinedResponse<any>} reply
 * @param {Place | null | undefined} place
 * @returns {string}
 */
function textAt(reply, place) {
  if (!place) return '';
  if (place.form !== undefined) return reply.html('form:has([name="' + place.form + '"])').attr('action') || reply.url;
  if (place.parameter !== undefined) {
    const names = [place.parameter, encodeURIComponent(place.parameter)];
    const pairs = (reply.headers.Location || '').split(/[?&#]/).slice(1);
    const found = pairs.find((pair) => names.indexOf(pair.replace(/=.*$/, '')) >= 0) || '';
    return decodeURIComponent(found.replace(/^[^=]*=?/, '').replace(/[+]/g, ' '));
  }
  if (place.html !== undefined) {
    const found = reply.html('[name="' + place.html + '"]');
    return found.attr('value') || found.attr('content') || '';
  }
  if (place.json !== undefined) return String(valueAt(bodyOf(reply), place.json) || '');
  if (place.cookie !== undefined) return ((reply.cookies[place.cookie] || [])[0] || { value: '' }).value;
  const wanted = (place.header || '').toLowerCase();
  const name = Object.keys(reply.headers).find((header) => header.toLowerCase() === wanted);
  return (name === undefined ? '' : reply.headers[name] || '').replace(/^Bearer +/i, '');
}

/** @param {Asked} asked @param {import('k6/http').RefinedResponse<any>} reply @returns {boolean} */
function succeeds(asked, reply) {
  const { status, holds } = asked;
  if (status.indexOf(reply.status) < 0) return false;
  if (holds === undefined) return true;
  if (holds.text !== undefined) return String(reply.body || '').indexOf(holds.text) >= 0;
  if (holds.json !== undefined) return Boolean(valueAt(bodyOf(reply), holds.json));
  const path = (reply.headers.Location || '').replace(/^[a-z]+:[/][/][^/]*/, '');
  return (holds.location || '').indexOf('?') < 0 ? path.replace(/[?#].*$/, '') === holds.location : path === holds.location;
}

/** @param {string} url @returns {string} its origin, if it is listed */
function originOf(url) {
  const start = (/^https?:[/][/][^/?#]*/i.exec(url) || [''])[0].toLowerCase();
  const origin = start.replace(/^(http:.*):80$|^(https:.*):443$/, '$1$2');
  return ORIGINS.indexOf(origin) < 0 ? '' : origin;
}

/** @param {Asked} asked @param {Record<string, string>} values @param {string} purpose */
function send(asked, values, purpose) {
  /** @type {Record<string, string>} */
  const headers = filled(asked.headers || {}, values);
  const holdsToken = /{{ *token *}}/.test(JSON.stringify(asked));
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (values.token && !holdsToken && names.indexOf('authorization') < 0) headers.authorization = 'Bearer ' + values.token;
  /** @type {any} */
  let body = null;
  if (asked.json !== undefined) {
    body = JSON.stringify(filled(asked.json, values));
    headers['content-type'] = 'application/json';
  } else if (asked.form !== undefined) body = filled(asked.form, values);
  const encoded = Object.keys(values).reduce((all, name) => {
    all[name] = encodeURIComponent(values[name] || '');
    return all;
  }, /** @type {Record<string, string>} */ ({}));
  // A value in a path that changes must not make a separate metric.
  const tags = { purpose, name: asked.method + ' ' + asked.path };
  // A value that begins a path is a path itself, or the URL of one.
  const first = (/^{{[^{}]*}}/.exec(asked.path) || [''])[0];
  const url = filled(first, values) + filled(asked.path.slice(first.length), encoded);
  // Only the listed origins get requests beside the service.
  const base = originOf(url);
  const path = url.replace(/^https?:[/][/][^/?#]*/i, '').replace(/^(?![/])/, '/');
  return http.request(asked.method, (base || BASE_URL) + path, body, { headers, tags, redirects: 0 });
}

`;
