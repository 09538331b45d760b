// Second factors: an app with its codes, recovery codes, and step-up. `passkeys.test.js` is about passkeys.
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { callApi, inEachBrowser, sleep } from './browsers.js';
import {
    addApp,
    App,
    clickInDialog,
    focused,
    logOut,
    offerToRemember,
    openAsNewUser,
    PAGE,
    readPicture,
    readSecondStep,
    requestsTo,
    STALE,
    takeCodes,
    waitForNoDialog,
} from './factors.js';
import { mailTo, SENTENCE } from './mails.js';
import { wakeFunctions } from './wake.js';

/** The title of the dialog with the recovery code that takes the place of a used one. */
const REPLACEMENT = /^Your new recovery code$/;

/** Returns whether the page offers to remember the device. The service does so only if its operator has chosen it. */
const isOffered = (tab) => tab.run(() => document.getElementById('remember').checkVisibility());
const isChecked = (tab) => tab.run(() => document.getElementById('remember').checked);

before(wakeFunctions);

inEachBrowser((browser) => {
    const open = (tab, name) => openAsNewUser(browser, tab, name);

    it('adds an app by its QR code, and shows ten recovery codes once', () =>
        browser.withTab(async (tab) => {
            const email = await open(tab, 'app');
            const elsewhere = await callApi('POST', '/auth/login', { email, password: SENTENCE });
            await tab.waitForText('#recovery', /^You get them with your first app or passkey\.$/);
            await tab.click('#add-app');
            await tab.waitForVisible('#secret');

            const secret = await tab.text('#secret');
            assert.match(secret, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
            const picture = await readPicture(tab);
            assert.equal(picture, await tab.attribute('#link', 'href'));
            const uri = new URL(picture);
            assert.equal(uri.protocol, 'otpauth:');
            assert.equal(uri.searchParams.get('secret'), secret.replaceAll(' ', ''));
            assert.ok(decodeURIComponent(uri.pathname).endsWith(`:${email}`), uri.href);
            const app = new App(secret);
            await tab.type('code', '12345');
            await tab.click('#form [type=submit]');
            await tab.waitForText('#alert', /^The code has six digits\.$/);
            const right = await app.next();
            await tab.type('code', right.replace(/\d$/, (last) => (Number(last) + 1) % 10));
            await tab.click('#form [type=submit]');
            await tab.waitForText('#alert', /^The code is wrong/);
            assert.equal(await focused(tab), 'code');
            await tab.type('code', ` ${right.slice(0, 3)} ${right.slice(3)} `);
            await tab.click('#form [type=submit]');
            await tab.waitForText('dialog h2', /^Your recovery codes$/);
            await tab.page.keyboard.press('Escape');
            await sleep(200);
            if (browser.name === 'chromium') {
                await tab.page.emulateMediaType('print');
                const isVisible = (selector) => tab.run((it) => document.querySelector(it).checkVisibility(), selector);
                const printed = await Promise.all(['dialog .codes', 'dialog .actions', 'main', '.top'].map(isVisible));
                assert.deepEqual(printed, [true, false, false, false]);
                await tab.page.emulateMediaType(null);
            }
            const codes = await takeCodes(tab);

            assert.equal(new Set(codes).size, 10);
            await tab.waitForText('#app', /^Added /);
            await tab.waitForText('#recovery', /^10 are left\./);
            assert.equal((await callApi('POST', '/auth/refresh', { refresh_token: elsewhere.refresh_token })).error, 'invalid_grant');
            await tab.page.reload();
            await tab.waitForText('#app', /^Added /);
            const left = await tab.run(() => document.documentElement.outerHTML + JSON.stringify({ ...sessionStorage }));
            for (const secretText of [...codes, secret, secret.replaceAll(' ', '')]) assert.ok(!left.includes(secretText));
        }));

    it('asks for a code after the password, and takes each code once', () =>
        browser.withTab(async (tab) => {
            const email = await open(tab, 'steps');
            const { app } = await addApp(tab);
            await logOut(tab);

            await tab.submit({ email, password: 'wrong' });
            await tab.waitForText('#alert', /^The email address or the password is wrong\.$/);
            await tab.submit({ password: SENTENCE });
            await tab.waitForVisible('#factor');
            assert.equal(await focused(tab), 'factor');
            const attributes = await Promise.all(['autocomplete', 'inputmode'].map((name) => tab.attribute('#factor', name)));
            assert.deepEqual(attributes, ['one-time-code', 'numeric']);
            assert.equal(await isOffered(tab), false);
            await tab.submit({ factor: app.again() });
            await tab.waitForText('#alert', /^The code is wrong, or it has been used\. Wait for the next one\.$/);
            assert.equal(await tab.attribute('#factor', 'aria-invalid'), 'true');
            await tab.submit({ factor: await app.next() });

            await tab.waitForPath('/account');
            await tab.waitForText('#email', new RegExp(`^${email}$`));
            assert.ok(tab.requests.every(({ url }) => !url.includes(app.again())));
        }));

    it('asks whether to remember the device if the service offers it, and sends only a yes', () =>
        browser.withTab(async (tab) => {
            const email = await open(tab, 'remember');
            const { app } = await addApp(tab);
            const begin = async () => {
                await tab.submit({ email, password: SENTENCE });
                await tab.waitForVisible('#factor');
            };
            await logOut(tab);
            await offerToRemember(tab, 30);
            await begin();
            assert.equal(await isOffered(tab), true);
            const name = await tab.run(() => document.getElementById('remember').labels[0].textContent);
            assert.equal(name, 'Do not ask again on this device for 30 days');
            assert.equal(await isChecked(tab), false);
            await tab.submit({ factor: await app.next() });
            await tab.waitForPath('/account');
            const { delivery, code, mfa_token, ...rest } = await readSecondStep(tab);
            assert.deepEqual([delivery, code, rest], ['cookie', app.again(), {}]);
            assert.ok(mfa_token);
            await tab.waitForVisible('#logout');
            await logOut(tab);
            await offerToRemember(tab, 1);
            await begin();
            await tab.click('.choice span');
            assert.equal(await isChecked(tab), true);
            await tab.click('#back');
            await begin();
            assert.equal(await isChecked(tab), false, 'another login may be of another person');

            await tab.type('factor', await app.next());
            for (let step = 0; step < 2; step++) await tab.page.keyboard.press('Tab');
            assert.equal(await focused(tab), 'remember');
            await tab.page.keyboard.press(' ');
            await tab.page.keyboard.press('Tab');
            assert.equal(await tab.text('.choice'), 'Do not ask again on this device for a day');
            await tab.page.keyboard.press('Enter');

            await tab.waitForPath('/account');
            assert.equal((await readSecondStep(tab)).remember, true);
        }));

    it('starts the login again, and forgets the first step when the page is left', () =>
        browser.withTab(async (tab) => {
            const email = await open(tab, 'again');
            await addApp(tab);
            await logOut(tab);
            await tab.submit({ email, password: SENTENCE });
            await tab.waitForVisible('#factor');

            await tab.click('#back');

            await tab.waitForVisible('#password');
            assert.equal(await focused(tab), 'email');
            assert.equal(await tab.run(() => document.getElementById('password').value), '');
            assert.equal(await tab.run(() => document.getElementById('factor').checkVisibility()), false);
        }));

    it('takes a recovery code in place of the app, and shows the one that takes its place', () =>
        browser.withTab(async (tab) => {
            const email = await open(tab, 'recovery');
            const { codes } = await addApp(tab);
            await logOut(tab);
            await tab.submit({ email, password: SENTENCE });
            await tab.waitForVisible('#factor');

            await tab.click('fieldset .text');
            assert.equal(await tab.attribute('#factor', 'autocomplete'), 'off');
            await tab.submit({ factor: codes[3].toLowerCase() });
            const [next] = await takeCodes(tab, REPLACEMENT);
            await tab.waitForPath('/account');

            assert.equal(next[0], '3');
            assert.notEqual(next, codes[3]);
            await tab.waitForVisible('#logout');
            await logOut(tab);
            await tab.submit({ email, password: SENTENCE });
            await tab.waitForVisible('#factor');
            await tab.click('fieldset .text');
            await tab.submit({ factor: codes[3] });
            await tab.waitForText('#alert', /^The code is wrong, or it has been used\./);
            await tab.submit({ factor: next });
            await takeCodes(tab, REPLACEMENT);
            await tab.waitForPath('/account');
        }));

    it('asks who the user is where the service demands it, and goes on', () =>
        browser.withTab(async (tab) => {
            await open(tab, 'stepup');
            const { app } = await addApp(tab);
            await tab.fail('/auth/factors/recovery', STALE);
            await tab.click('#renew');
            await clickInDialog(tab, 'Replace them');
            await tab.waitForVisible('#confirm-password');
            await tab.mend();

            await tab.type('confirm-password', 'wrong');
            await tab.type('factor', await app.next());
            await tab.click('dialog:last-of-type [type=submit]');
            await tab.waitForText('dialog:last-of-type [role=alert]', /^The password or the code is wrong/);
            await tab.type('confirm-password', SENTENCE);
            await tab.type('factor', await app.next());
            await tab.click('dialog:last-of-type [type=submit]');
            const codes = await takeCodes(tab);

            assert.equal(codes.length, 10);
            await tab.waitForText('#status', /^You have new recovery codes\.$/);
            assert.equal(await tab.run(() => location.pathname), PAGE);
        }));

    it('changes nothing if the user does not say who they are', () =>
        browser.withTab(async (tab) => {
            await open(tab, 'cancelled');
            await tab.fail('/auth/factors/totp', STALE);
            await tab.click('#add-app');
            await tab.waitForVisible('#confirm-password');
            await tab.page.keyboard.press('Escape');

            await tab.waitForText('#alert', /^You have not confirmed who you are, so nothing has changed\.$/);
            await waitForNoDialog(tab);
            assert.deepEqual(requestsTo(tab, '/auth/confirm'), []);
        }));

    for (const [path, endpoint, fields, expected] of [
        ['/account/password', '/auth/password', { new: `${SENTENCE} again` }, /^Your password is changed\./],
        ['/account/address', '/auth/address', { email: 'next@example.com' }, /^Check the inbox of /],
        ['/account/delete', '/auth/account/delete', {}, /^Your account is deleted\./],
    ]) {
        it(`asks who the user is at ${path} too, and does not ask for the password again`, () =>
            browser.withTab(async (tab) => {
                await open(tab, 'gates');
                const { app } = await addApp(tab);
                await tab.open(path);
                await tab.waitForVisible('#current');
                await tab.fail(endpoint, STALE);
                await tab.submit({ ...fields, current: SENTENCE });
                await tab.waitForVisible('#factor');
                await tab.mend();
                assert.equal(await focused(tab), 'factor');

                await tab.type('factor', await app.next());
                await tab.click('dialog [type=submit]');

                await tab.waitForText('#status', expected);
            }));
    }

    it('takes the second factor after a link to a new password, and to keep an account', () =>
        browser.withTab(async (tab) => {
            const email = await open(tab, 'links');
            const { app, codes } = await addApp(tab);
            const next = `${SENTENCE} of another day`;
            await callApi('POST', '/auth/forgot', { email });
            await tab.open((await mailTo(email, 2)).path);
            await tab.submit({ new: next });
            await tab.waitForText('#status', /^Your account has a second factor\. Type a code of it too\.$/);
            await tab.submit({ factor: app.again() });
            await tab.waitForText('#alert', /^The code of your second factor is wrong or has been used/);
            await tab.submit({ factor: await app.next() });
            await tab.waitForText('#status', /^Your password is changed\./);

            await tab.submit({ email, password: next });
            await tab.waitForVisible('#factor');
            await tab.submit({ factor: await app.next() });
            await tab.waitForPath('/account');
            await tab.open('/account/delete');
            await tab.waitForVisible('#current');
            await tab.submit({ current: next });
            await tab.waitForPath('/');
            await tab.open((await mailTo(email, 3)).path);
            await tab.submit({ password: next });
            await tab.waitForVisible('#factor');
            await tab.click('fieldset .text');
            await tab.submit({ factor: codes[0] });
            const [replacement] = await takeCodes(tab, REPLACEMENT);
            await tab.waitForText('#status', /^Your account is kept\./);

            assert.equal(replacement[0], '0');
            assert.notEqual(replacement, codes[0]);
        }));

    /** Presents a recovery code where a factor is asked for. Returns the one that takes its place, and where it is shown. */
    const useRecoveryCode = async (tab, code) => {
        await tab.waitForVisible('#factor');
        await tab.click('fieldset .text');
        await tab.submit({ factor: code });
        await tab.waitForText('dialog h2', REPLACEMENT);
        const path = await tab.run(() => location.pathname);
        const [next] = await takeCodes(tab, REPLACEMENT);
        return { path, next };
    };

    /** Logs in with the new password and the code that took the place of another, after a page has shown it. */
    const logInAfter = async (tab, { email, used, shown, path }) => {
        await tab.waitForText('#status', /^Your password is changed\./);
        await tab.submit({ email, password: `${SENTENCE} 1` });
        const atLogin = await useRecoveryCode(tab, shown.next);
        await tab.waitForPath('/account');
        assert.deepEqual([shown.path, atLogin.path], [path, '/']);
        const all = [used, shown.next, atLogin.next];
        assert.ok(all.every(([slot]) => slot === '4') && new Set(all).size === 3, all.join());
    };

    it('shows the recovery code that takes the place of one used for a new password with a link', () =>
        browser.withTab(async (tab) => {
            const email = await open(tab, 'replaced-link');
            const { codes } = await addApp(tab);
            await callApi('POST', '/auth/forgot', { email });
            await tab.open((await mailTo(email, 2)).path);
            await tab.submit({ new: `${SENTENCE} 1` });

            const shown = await useRecoveryCode(tab, codes[4]);

            await logInAfter(tab, { email, used: codes[4], shown, path: '/reset' });
        }));

    it('shows the recovery code that takes the place of one used for a new password with a code', () =>
        browser.withTab(async (tab) => {
            const email = await open(tab, 'replaced-code');
            const { codes } = await addApp(tab);
            await tab.open('/forgot');
            await tab.submit({ email });
            await tab.waitForVisible('#code');
            const { code } = await mailTo(email, 2);
            await tab.submit({ code, new: `${SENTENCE} 1` });

            const shown = await useRecoveryCode(tab, codes[4]);

            await logInAfter(tab, { email, used: codes[4], shown, path: '/forgot' });
        }));

    it('removes the app, and the next login takes the password alone', () =>
        browser.withTab(async (tab) => {
            const email = await open(tab, 'removed');
            await addApp(tab);

            await tab.click('#remove-app');
            await clickInDialog(tab, 'Remove the app');
            await tab.waitForText('#status', /^The app is removed\.$/);

            await tab.waitForText('#recovery', /^You get them/);
            await logOut(tab);
            await tab.submit({ email, password: SENTENCE });
            await tab.waitForPath('/account');
        }));

    it('says that the service has no second factors, and offers no passkeys', () =>
        browser.withTab(async (tab) => {
            await tab.open('/');
            await tab.fail('/auth/passkey', { status: 404, body: { message: 'Not Found' } });
            await tab.page.reload();
            if (browser.name === 'chromium') {
                while (await tab.run(() => document.getElementById('passkey').checkVisibility())) await sleep(50);
            }
            await tab.waitForVisible('#password');
        }));
});
