// What a user of WebKit does, which is the engine of Safari. It keeps no `Secure` cookie on http, so all of this is on
// https. `tabs`, `faults` and `attacks` run in WebKit too.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, it } from 'node:test';
import { callApi, EMAIL, logInElsewhere, PASSWORD, URL_OF_STACK } from './browsers.js';
import { until, WebKit } from './webkit.driver.js';

const webkit = new WebKit();
before(() => webkit.start());
after(() => webkit.stop());

const inBrowser = (use) => () => webkit.withTab(use);

it('answers a request by http with the right address', async () => {
    const answer = await new Promise((resolve, reject) => {
        const sent = request(URL_OF_STACK.replace('https', 'http'), async (response) => {
            let text = '';
            for await (const part of response) text += part;
            resolve({ status: response.statusCode, text });
        });
        sent.on('error', reject).end();
    });

    assert.deepEqual(answer, { status: 400, text: `This port is for https: ${URL_OF_STACK}\n` });
});

it('names https addresses only', async () => {
    const { issuer, jwks_uri } = await callApi('GET', '/.well-known/openid-configuration');

    assert.equal(issuer, URL_OF_STACK);
    assert.ok(jwks_uri.startsWith(`${URL_OF_STACK}/`), jwks_uri);
});

it('refuses cookies to the same address by http', async () => {
    const headers = { origin: URL_OF_STACK.replace('https', 'http'), 'x-requested-with': 'fetch' };
    const body = { email: EMAIL, password: PASSWORD, delivery: 'cookie' };

    const refused = await callApi('POST', '/auth/login', body, headers);
    const accepted = await callApi('POST', '/auth/login', body, { ...headers, origin: URL_OF_STACK });

    assert.equal(refused.error, 'csrf_failed');
    assert.equal(accepted.status, 200);
});

it('logs in, stays logged in after a reload, calls a protected route and logs out', inBrowser(async (tab) => {
    await tab.open('/');
    await tab.submit({ email: EMAIL, password: 'wrong' });
    await tab.waitForText('#alert', /^The email address or the password is wrong\.$/);

    await tab.submit({ email: EMAIL, password: PASSWORD });
    await tab.waitForPath('/account');
    assert.equal(await tab.waitForText('#email', /@/), EMAIL);
    await tab.waitForText('#role', /^analyst$/);
    await tab.waitForText('#left', /^1[45]:\d\d$/);

    await tab.reload();
    assert.equal(await tab.waitForText('#email', /@/), EMAIL);

    await tab.click('#call');
    await tab.waitForText('#answer .result', /^200 after \d+ ms$/);
    assert.equal(JSON.parse(await tab.text('#answer pre')).email, EMAIL);

    await tab.click('#logout');
    await tab.waitForPath('/');
    await tab.waitForText('#status', /^You are logged out\.$/);
    await tab.open('/account');
    await tab.waitForPath('/');
}));

it('shows the sessions, ends one, and logs out everywhere', inBrowser(async (tab) => {
    const other = await logInElsewhere('curl/8.5.0');
    await tab.logIn();
    await tab.click('a[href="/account/sessions"]');
    await tab.waitForText('#sessions', /This one/);
    const row = `li:has(#session-${other.sid})`;

    await tab.click(`${row} button`);
    await tab.waitForText('#status', /^The session has ended\.$/);
    const ended = await callApi('POST', '/auth/refresh', { refresh_token: other.refresh_token });
    assert.equal(ended.error, 'invalid_grant');
    assert.equal(await tab.text(row), null);

    await tab.click('#everywhere');
    await tab.waitForPath('/');
    await tab.waitForText('#status', /^You are logged out everywhere\.$/);
}));

it('changes the password', inBrowser(async (tab) => {
    const next = `a longer sentence for WebKit ${Date.now()}`;
    await tab.logIn();
    await tab.click('a[href="/account/password"]');
    await until('the form is there', () => tab.run(() => document.querySelector('#current').checkVisibility()));

    await tab.submit({ current: 'wrong', new: next });
    await tab.waitForText('#alert', /^The current password is wrong\.$/);
    await tab.submit({ current: PASSWORD, new: next });
    await tab.waitForText('#status', /^Your password is changed\./);
    const { status } = await logInElsewhere('curl/8.5.0', undefined, next);
    await tab.submit({ current: next, new: PASSWORD });
    await tab.waitForText('#status', /^Your password is changed\./);

    assert.equal(status, 200);
}));

it('keeps the refresh token in a cookie that no script can read', inBrowser(async (tab) => {
    await tab.logIn();

    const [cookie] = (await tab.cookies()).filter(({ name }) => name === '__Host-refresh');
    const found = await tab.run(async () => {
        const headers = { 'x-requested-with': 'fetch' };
        const response = await fetch('/auth/refresh', { method: 'POST', headers });
        return {
            cookie: document.cookie,
            headers: JSON.stringify([...response.headers]),
            body: await response.text(),
            local: localStorage.length,
            session: JSON.stringify(Object.entries(sessionStorage)),
            databases: (await indexedDB.databases()).length,
            caches: (await caches.keys()).length,
        };
    });

    assert.equal(cookie.httpOnly && cookie.secure, true, JSON.stringify(cookie));
    assert.equal(cookie.sameSite, 'Strict');
    assert.ok(cookie.value.length > 100);
    const { headers, body, session, ...rest } = found;
    assert.deepEqual(rest, { cookie: '', local: 0, databases: 0, caches: 0 });
    assert.ok(JSON.parse(body).access_token);
    assert.equal(JSON.parse(body).refresh_token, undefined);
    for (const text of [headers, session]) assert.doesNotMatch(text, /eyJ|set-cookie/i);
    for (const text of [headers, session, body]) assert.ok(!text.includes(cookie.value), text);
}));

it('hears of a logout in another window', inBrowser(async (tab) => {
    await tab.logIn();
    const other = await tab.openAnother();
    await other.open('/account');
    await other.waitForText('#email', /@/);

    await other.click('#logout');

    await other.waitForText('#status', /^You are logged out\.$/);
    await tab.waitForPath('/');
    await tab.waitForText('#status', /^Your session has ended\./);
}));

it('shows nothing of the account after going back', inBrowser(async (tab) => {
    await tab.logIn();
    await tab.click('a[href="/account/sessions"]');
    await tab.waitForText('#sessions', /This one/);
    await tab.click('#logout');
    await tab.waitForText('#status', /^You are logged out\.$/);

    await tab.goBack();

    await tab.waitForPath('/');
    assert.equal(await tab.run(() => document.querySelector('#sessions')), null);
}));
