/** Derives a login from the form of a login page. */
import { expect, it } from 'vitest';
import { loginIn } from './form.ts';

it('takes the names, the action and the CSRF token of the form with a password', () => {
  const page = `<form action="/search"><input name="q"></form>
    <form method="post" action="session"><input type="hidden" name="authenticity_token" value="a==">
    <input type=email name="user[email]"><input type=password name="user[password]">
    <input type="hidden" name="next" value="/home"><input type=checkbox name=remember><input type=submit name=commit></form>`;
  expect(loginIn('/users/login', page)).toEqual({
    before: { request: { path: '/users/login' }, csrf: { html: 'authenticity_token' } },
    request: {
      method: 'POST',
      path: '/users/session',
      form: {
        authenticity_token: '{{csrf}}',
        'user[email]': '{{username}}',
        'user[password]': '{{password}}',
        next: '/home',
      },
    },
  });
});

it('uses the path of the page if the form has no action, and never another host', () => {
  const form = (action: string) => `<form ${action}><input name=u><input name=p type=password></form>`;
  expect(loginIn('/login/', form(''))).toEqual({
    before: { request: { path: '/login/' } },
    request: { method: 'POST', path: '/login/', form: { u: '{{username}}', p: '{{password}}' } },
  });
  expect(loginIn('/login', form('action="https://id.example/login"'))).toBeNull();
  expect(loginIn('/login', '<p>no form</p>')).toBeNull();
});
