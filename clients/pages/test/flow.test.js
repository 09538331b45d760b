// What a user does, from the login to the logout.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { callApi, EMAIL, inEachBrowser, logInElsewhere, PASSWORD, sleep } from './browsers.js';

const PHONE =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
    'Version/19.0 Mobile/15E148 Safari/604.1';

inEachBrowser((browser) => {
    it('refuses a wrong password, and then accepts the right one', () =>
        browser.withTab(async (tab) => {
            await tab.open('/');
            await tab.submit({ email: EMAIL, password: 'wrong' });
            await tab.waitForText('#alert', /^The email address or the password is wrong\.$/);
            assert.equal(await tab.page.evaluate(() => document.activeElement.id), 'password');
            assert.equal(await tab.attribute('#password', 'aria-invalid'), 'true');

            await tab.submit({ password: PASSWORD });

            await tab.waitForPath('/account');
            await tab.waitForText('#email', new RegExp(`^${EMAIL}$`));
            await tab.waitForText('#role', /^analyst$/);
            // The login page is not in the history.
            assert.ok((await tab.page.evaluate(() => history.length)) <= 2);
        }));

    it('counts down to the end of the token, whatever the clock of the computer shows', () =>
        browser.withTab(async (tab) => {
            await tab.page.evaluateOnNewDocument(() => {
                const now = Date.now;
                Date.now = () => now() + 3_600_000;
            });
            await tab.logIn();
            const seconds = async () => {
                const [minutes, rest] = (await tab.waitForText('#left', /^\d+:\d\d$/)).split(':').map(Number);
                return minutes * 60 + rest;
            };

            const first = await seconds();
            await sleep(3_000);
            const second = await seconds();

            assert.ok(first > 890 && first <= 900, `${first}`);
            assert.ok(first - second >= 2 && first - second <= 5, `${first} ${second}`);
        }));

    it('calls a protected route and shows the answer', () =>
        browser.withTab(async (tab) => {
            await tab.logIn();

            await tab.click('#call');

            await tab.waitForText('#answer .result', /^200 after \d+ ms$/);
            assert.equal(JSON.parse(await tab.text('#answer pre')).email, EMAIL);
        }));

    it('stays logged in after a reload, and shows the login page to nobody else', () =>
        browser.withTab(async (tab) => {
            await tab.logIn();
            await tab.page.reload();
            await tab.waitForText('#email', /@/);
            await tab.open('/');
            await tab.waitForPath('/account');
        }));

    it('leads back to the page that needed a login', () =>
        browser.withTab(async (tab) => {
            await tab.open('/account/sessions');
            await tab.waitForPath('/');
            await tab.submit({ email: EMAIL, password: PASSWORD });
            await tab.waitForPath('/account/sessions');
            assert.equal(new URL(tab.page.url()).hash, '');
        }));

    it('lists the sessions as text, and ends one', () =>
        browser.withTab(async (tab) => {
            const label = '<img src=x onerror=alert(1)>';
            const phone = await logInElsewhere(PHONE);
            const script = await logInElsewhere('curl/8.5.0', label);
            await tab.logIn();
            await tab.click('a[href="/account/sessions"]');
            await tab.waitForPath('/account/sessions');
            const list = await tab.waitForText('#sessions', /Safari on iPhone/);
            assert.ok(list.includes(label), list);
            assert.match(await tab.text('#sessions li:first-child h2'), /This one$/);
            const row = `li:has(#session-${phone.sid})`;

            await tab.click(`${row} button`);
            await tab.waitForText('#status', /^The session has ended\.$/);

            assert.equal(await tab.run((row) => document.querySelector(row), row), null);
            assert.equal(await tab.page.evaluate(() => document.activeElement.localName), 'button');
            const ended = await callApi('POST', '/auth/refresh', { refresh_token: phone.refresh_token });
            assert.equal(ended.error, 'invalid_grant');
            await callApi('POST', '/auth/logout', { refresh_token: script.refresh_token });
        }));

    it('shows more sessions on demand', () =>
        browser.withTab(async (tab) => {
            const others = await Promise.all(Array.from({ length: 21 }, () => logInElsewhere('curl/8.5.0')));
            assert.ok(others.every(({ status }) => status === 200), JSON.stringify(others[0]));
            await tab.logIn();
            await tab.open('/account/sessions');
            await tab.waitForText('#sessions', /curl/);
            const count = () => tab.run(() => document.querySelectorAll('#sessions li').length);
            const before = await count();

            await tab.click('#more');
            while ((await count()) === before) await sleep(50);

            assert.ok((await count()) >= 22);
            await tab.click('#everywhere');
            await tab.waitForPath('/');
        }));

    it('changes the password and ends the other sessions', () =>
        browser.withTab(async (tab) => {
            const next = `a longer sentence for ${browser.name} ${Date.now()}`;
            const other = await logInElsewhere('curl/8.5.0');
            await tab.logIn();
            await tab.click('a[href="/account/password"]');
            await tab.waitForPath('/account/password');
            await tab.waitForVisible('#current');

            await tab.submit({ current: 'wrong', new: next });
            await tab.waitForText('#alert', /^The current password is wrong\.$/);
            await tab.submit({ current: PASSWORD, new: 'short' });
            await tab.waitForText('#alert', /15 characters/);
            await tab.submit({ current: PASSWORD, new: next });
            await tab.waitForText('#status', /^Your password is changed\./);

            const ended = await callApi('POST', '/auth/refresh', { refresh_token: other.refresh_token });
            assert.equal(ended.error, 'invalid_grant');
            // A wrong current password caused one request.
            const attempts = tab.requests.filter(({ url }) => url.endsWith('/auth/password'));
            assert.equal(attempts.filter(({ method }) => method === 'POST').length, 3);
            await tab.submit({ current: next, new: PASSWORD });
            await tab.waitForText('#status', /^Your password is changed\./);
        }));

    it('logs out', () =>
        browser.withTab(async (tab) => {
            await tab.logIn();
            await tab.click('#logout');
            await tab.waitForPath('/');
            await tab.waitForText('#status', /^You are logged out\.$/);
            await tab.open('/account');
            await tab.waitForPath('/');
        }));

    it('logs out everywhere, and in other tabs too', () =>
        browser.withTab(async (tab) => {
            const elsewhere = await logInElsewhere('curl/8.5.0');
            await tab.logIn();
            const second = await tab.openAnother();
            await second.open('/account');
            await second.waitForText('#email', /@/);
            await tab.page.bringToFront();
            await tab.open('/account/sessions');
            await tab.waitForText('#sessions', /This one/);

            await tab.click('#everywhere');

            await tab.waitForPath('/');
            await tab.waitForText('#status', /^You are logged out everywhere\.$/);
            await second.waitForPath('/');
            await second.waitForText('#status', /^Your session has ended\./);
            const ended = await callApi('POST', '/auth/refresh', { refresh_token: elsewhere.refresh_token });
            assert.equal(ended.error, 'invalid_grant');
        }));

    it('does not come back if the service hears of the logout late', () =>
        browser.withTab(async (tab) => {
            await tab.logIn();

            await tab.open('/#ended');
            await tab.page.reload();
            await tab.waitForText('#email', /@/);
            await tab.page.evaluate(() => location.replace('/#ended'));
            await tab.waitForPath('/');
            await tab.waitForText('.requests li:first-child', /refresh.*200/);
            await sleep(500);

            assert.equal(await tab.text('#status'), 'Your session has ended. Log in again.');
            await tab.submit({ email: EMAIL, password: PASSWORD });
            await tab.waitForPath('/account');
        }));

    it('shows nothing of the account after going back', () =>
        browser.withTab(async (tab) => {
            await tab.logIn();
            await tab.click('a[href="/account/sessions"]');
            await tab.waitForPath('/account/sessions');
            await tab.waitForVisible('#logout');
            await tab.waitForText('#sessions', /This one/);
            await tab.click('#logout');
            await tab.waitForPath('/');
            await tab.page.goBack().catch(() => {});
            await tab.waitForPath('/');
        }));

    it('shows each request in the panel, without secrets', () =>
        browser.withTab(async (tab) => {
            await tab.logIn();
            await tab.waitForText('.requests', /\/auth\/login/);

            const shown = await tab.text('.requests');
            const kept = await tab.page.evaluate(() => JSON.stringify(Object.entries(sessionStorage)));

            for (const text of [shown, kept]) {
                assert.ok(text.includes('/auth/me'), text);
                assert.ok(!text.includes(PASSWORD), 'the password');
                assert.doesNotMatch(text, /eyJ/, 'a token');
            }
        }));

    it('keeps no secret where a script finds it', () =>
        browser.withTab(async (tab) => {
            await tab.logIn();
            const found = await tab.page.evaluate(async () => ({
                cookie: document.cookie,
                local: localStorage.length,
                databases: (await indexedDB.databases()).length,
                caches: (await caches.keys()).length,
            }));
            assert.deepEqual(found, { cookie: '', local: 0, databases: 0, caches: 0 });
        }));
});
