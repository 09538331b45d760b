// What a person does with the emails of the service: register, replace a forgotten password, change the address.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { callApi, EMAIL, inEachBrowser, sleep } from './browsers.js';
import { linksTo, logIn, mailsTo, mailTo, newAddress, register, SENTENCE } from './mails.js';

const NO_LINK = /^This page needs the link in your email\. Open it there, or ask for a new one\.$/;
const EXPIRED = /^This link has expired, or it has been used\./;

const focused = (tab) => tab.run(() => document.activeElement.id || document.activeElement.localName);
/** Returns the paths of the calls that can change something. */
const posts = (tab) =>
    tab.requests
        .filter(({ method }) => method === 'POST')
        .map(({ url }) => new URL(url).pathname)
        .filter((path) => path !== '/auth/refresh');

inEachBrowser((browser) => {
    it('registers a person by the link in an email, once', () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'link');
            await tab.open('/');
            await tab.click('a[href="/register"]');
            await tab.waitForPath('/register');
            await tab.submit({ email });
            await tab.waitForText('#status', new RegExp(`^Check your inbox: an email is on its way to ${email}\\.`));
            const { path } = await mailTo(email);

            await tab.open(path);
            await tab.submit({ new: 'short' });
            await tab.waitForText('#alert', /15 characters/);
            assert.equal(await focused(tab), 'new');
            await tab.submit({ new: SENTENCE });

            await tab.waitForPath('/account');
            await tab.waitForText('#email', new RegExp(`^${email}$`));
            // The cookie brings the session back.
            await tab.page.reload();
            await tab.waitForText('#email', /@/);
            await tab.open(path);
            await tab.submit({ new: `${SENTENCE} again` });
            await tab.waitForText('#alert', EXPIRED);
            assert.equal(await tab.attribute('#form', 'hidden'), '');
            assert.equal(await focused(tab), 'h1');
            assert.equal((await logIn(email, SENTENCE)).status, 200);
        }));

    it('registers a person by the code in an email', () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'code');
            await tab.open('/register');
            await tab.submit({ email });
            await tab.waitForText('#status', /within 10 minutes\.$/);
            assert.equal(await focused(tab), 'code');
            assert.equal(await tab.attribute('#email', 'readonly'), '');
            const { code } = await mailTo(email);
            const digits = code.replace(/\D/g, '');
            const wrong = digits.replace(/\d$/, (last) => (Number(last) + 1) % 10);

            await tab.submit({ code: digits.slice(1), new: SENTENCE });
            await tab.waitForText('#alert', /^The code has eight digits\.$/);
            assert.deepEqual(posts(tab), ['/auth/register']);
            await tab.submit({ code: wrong, new: SENTENCE });
            await tab.waitForText('#alert', /^The code is wrong, or it has expired or has been used\./);
            assert.equal(await focused(tab), 'code');
            assert.equal(await tab.attribute('#code', 'aria-invalid'), 'true');
            await tab.submit({ code: ` ${digits.slice(0, 4)}-${digits.slice(4)} ` });

            await tab.waitForPath('/account');
            await tab.waitForText('#email', new RegExp(`^${email}$`));
        }));

    it('does not show whether an address has an account', () =>
        browser.withTab(async (tab) => {
            const known = newAddress(browser, 'known');
            const unknown = newAddress(browser, 'unknown');
            await register(known);
            // The user of all tests may have got emails from earlier ones.
            const before = (await linksTo(EMAIL)).length;
            const shown = [];
            for (const path of ['/register', '/forgot']) {
                for (const email of [unknown, known]) {
                    // The service sends two emails to an address at once, so each gets its own for each page.
                    const asked = path === '/forgot' && email === known ? EMAIL : email;
                    await tab.open(path);
                    await tab.submit({ email: asked });
                    const text = await tab.waitForText('#status', /inbox/);
                    shown.push([path, text.replaceAll(asked, '')]);
                }
            }

            assert.deepEqual(shown[0], shown[1]);
            assert.deepEqual(shown[2], shown[3]);
            const second = await mailTo(known, 2);
            assert.match(second.path, /^\/reset\?/, 'an account exists, so there is nothing to confirm');
            assert.match((await mailTo(EMAIL, before + 1)).path, /^\/reset\?/);
            // Only the registration has sent an email.
            assert.equal((await mailsTo(unknown)).length, 1);
        }));

    it('replaces a forgotten password by the link in an email, once, and ends the sessions', () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'forgot-link');
            const session = await register(email);
            const next = `${SENTENCE} of another day`;
            await tab.open('/');
            await tab.click('a[href="/forgot"]');
            await tab.waitForPath('/forgot');
            await tab.submit({ email });
            await tab.waitForText('#status', new RegExp(`^Check your inbox: if ${email} has an account, `));
            const { path } = await mailTo(email, 2);

            await tab.open(path);
            await tab.submit({ new: next });
            await tab.waitForPath('/');
            await tab.waitForText('#status', /^Your password is changed\. Log in with the new one\.$/);

            assert.equal((await logIn(email, SENTENCE)).error, 'invalid_grant');
            const refreshed = await callApi('POST', '/auth/refresh', { refresh_token: session.refresh_token });
            assert.equal(refreshed.error, 'invalid_grant');
            await tab.submit({ email, password: next });
            await tab.waitForPath('/account');
            await tab.open(path);
            await tab.submit({ new: `${next} again` });
            await tab.waitForText('#alert', EXPIRED);
        }));

    it('replaces a forgotten password by the code in an email', () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'forgot-code');
            await register(email);
            const next = `${SENTENCE} of another day`;
            await tab.open('/forgot');
            await tab.submit({ email });
            await tab.waitForVisible('#code');
            const { code } = await mailTo(email, 2);

            await tab.submit({ code, new: 'short' });
            await tab.waitForText('#alert', /15 characters/);
            await tab.submit({ new: next });
            await tab.waitForText('#status', /^Your password is changed\./);

            await tab.submit({ email, password: next });
            await tab.waitForPath('/account');
        }));

    it('moves an account to another address by two links, each with the password', () =>
        browser.withTab(async (tab) => {
            const [old, next] = [newAddress(browser, 'old'), newAddress(browser, 'new')];
            await register(old);
            await tab.open('/account/address');
            await tab.waitForPath('/');
            await tab.submit({ email: old, password: SENTENCE });
            await tab.waitForPath('/account/address');
            await tab.waitForVisible('#current');

            await tab.submit({ email: next, current: 'wrong' });
            await tab.waitForText('#alert', /^The current password is wrong\.$/);
            assert.equal(await focused(tab), 'current');
            await tab.submit({ current: SENTENCE });
            await tab.waitForText('#status', new RegExp(`^Check the inbox of ${old}, `));
            assert.equal((await logIn(next, SENTENCE)).error, 'invalid_grant');
            const first = await mailTo(old, 2);
            await tab.open(first.path);
            await tab.submit({ password: 'wrong' });
            await tab.waitForText('#alert', /^The password is wrong, or this link has expired or has been used\.$/);
            assert.equal(await focused(tab), 'password');
            await tab.submit({ password: SENTENCE });
            await tab.waitForText('#status', /^Confirmed\. One step is left: /);
            assert.equal((await logIn(next, SENTENCE)).error, 'invalid_grant');
            await tab.open((await mailTo(next)).path);
            await tab.submit({ password: SENTENCE });
            await tab.waitForText('#status', /^Your email address is changed\./);

            assert.equal((await logIn(next, SENTENCE)).status, 200);
            assert.equal((await logIn(old, SENTENCE)).error, 'invalid_grant');
            // A wrong password caused one request.
            assert.equal(posts(tab).filter((path) => path === '/auth/address').length, 2);
        }));

    it('deletes an account with the password, and keeps it with the link and the password', () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'deleted');
            await register(email);
            await tab.open('/account/delete');
            await tab.waitForPath('/');
            await tab.submit({ email, password: SENTENCE });
            await tab.waitForPath('/account/delete');
            await tab.waitForVisible('#current');

            await tab.submit({ current: 'wrong' });
            await tab.waitForText('#alert', /^The current password is wrong\.$/);
            assert.equal(await focused(tab), 'current');
            await tab.submit({ current: SENTENCE });
            await tab.waitForPath('/');
            await tab.waitForText('#status', /^Your account is deleted\./);
            assert.equal((await logIn(email, SENTENCE)).error, 'invalid_grant');
            const { path } = await mailTo(email, 2);
            await tab.open(path);
            await tab.submit({ password: 'wrong' });
            await tab.waitForText('#alert', /^The password is wrong, or this link has expired\.$/);
            assert.equal((await logIn(email, SENTENCE)).error, 'invalid_grant');
            await tab.submit({ password: SENTENCE });
            await tab.waitForText('#status', /^Your account is kept\./);

            assert.equal((await logIn(email, SENTENCE)).status, 200);
            assert.equal(posts(tab).filter((path) => path === '/auth/account/delete').length, 2);
        }));

    it('keeps the token of a link in memory only', () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'token');
            await tab.open('/register');
            await tab.submit({ email });
            const { path, token } = await mailTo(email);
            const before = tab.requests.length;

            await tab.open(path);
            await tab.waitForVisible('#new');

            const found = await tab.run(() => ({
                address: location.href,
                state: history.state,
                text: document.documentElement.outerHTML,
                storage: [Object.entries(sessionStorage), Object.entries(localStorage), document.cookie],
            }));
            assert.equal(found.address, new URL('/register/confirm', tab.base).href);
            assert.ok(!JSON.stringify(found).includes(token));
            const sent = tab.requests.slice(before).filter(({ url }) => url.includes(token));
            assert.equal(sent.length, 1, 'only the page itself was asked for with the token');
            await tab.page.reload();
            await tab.waitForText('#alert', NO_LINK);
            assert.equal(await tab.attribute('#form', 'hidden'), '');
        }));

    it('takes the token out of the address bar even if the script of the page does not load', () =>
        browser.withTab(async (tab) => {
            await tab.page.setRequestInterception(true);
            tab.page.on('request', (request) =>
                /\/(mail|page|reset)\.js$/.test(request.url()) ? request.abort() : request.continue(),
            );
            await tab.open('/reset?token=a-secret-token');
            await sleep(500);

            assert.equal(await tab.run(() => location.href), new URL('/reset', tab.base).href);
            assert.ok((await tab.run(() => history.length)) <= 2);
        }));

    it('says what is missing if a page is opened without its link', () =>
        browser.withTab(async (tab) => {
            for (const [path, next] of [
                ['/register/confirm', '/register'],
                ['/reset?token=', '/forgot'],
                ['/address/confirm', '/account/address'],
            ]) {
                await tab.open(path);
                await tab.waitForText('#alert', NO_LINK);
                assert.equal(await tab.attribute('#form', 'hidden'), '');
                await tab.waitForVisible(`a[href="${next}"]`);
            }
            assert.deepEqual(posts(tab), []);
        }));

    it('starts again with another address', () =>
        browser.withTab(async (tab) => {
            const [wrong, right] = [newAddress(browser, 'wrong'), newAddress(browser, 'right')];
            await tab.open('/register');
            assert.equal(await tab.text('[type=submit]'), 'Send me an email');
            await tab.submit({ email: wrong });
            await tab.waitForVisible('#code');
            assert.equal(await tab.text('[type=submit]'), 'Create account');
            const { code } = await mailTo(wrong);

            await tab.click('#back');

            assert.equal(await focused(tab), 'email');
            assert.equal(await tab.text('#status'), '');
            assert.equal(await tab.text('[type=submit]'), 'Send me an email');
            assert.equal(await tab.attribute('#second', 'hidden'), '');
            await tab.submit({ email: right });
            await tab.waitForText('#status', new RegExp(right));
            // A code counts for its own request only.
            await tab.submit({ code, new: SENTENCE });
            await tab.waitForText('#alert', /^The code is wrong/);
        }));

    it("asks for an email in the browser's language, and sends nothing that was typed anywhere else", () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'language');
            const bodies = [];
            tab.page.on('request', (request) => {
                if (request.method() === 'POST') bodies.push(request.fetchPostData().catch(() => '{}'));
            });
            await tab.open('/register');
            await tab.submit({ email });
            await tab.waitForVisible('#code');

            const language = await tab.run(() => navigator.language);
            assert.ok(tab.requests.every(({ url }) => !url.includes(email) && !url.includes('@')));
            const sent = (await Promise.all(bodies)).map((body) => JSON.parse(body));
            // Not every driver of Firefox can read what a page sends.
            if (browser.name === 'chromium') assert.deepEqual(sent, [{ email, language }]);
        }));

    it('masks links, codes and requests in the panel', () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'panel');
            await tab.open('/register');
            await tab.submit({ email });
            await tab.waitForVisible('#code');
            const { code } = await mailTo(email);
            await tab.submit({ code, new: SENTENCE });
            await tab.waitForPath('/account');
            await tab.waitForText('.requests', /\/auth\/register\/confirm/);
            await sleep(300);

            const kept = await tab.run(() => JSON.stringify(Object.entries(sessionStorage)));
            assert.match(kept, /\/auth\/register\/confirm/);
            for (const secret of [code, code.replace(/\D/g, ''), SENTENCE]) assert.ok(!kept.includes(secret), secret);
            assert.doesNotMatch(kept, /[\w-]{200}/);
        }));
});
