// Second factors: an app with its codes, recovery codes, step-up, and passkeys. Passkeys need an authenticator that a
// test can drive. Chromium has one in its DevTools, and the driver of Firefox has none, so Firefox skips these.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { callApi, inEachBrowser, sleep } from './browsers.js';
import { App, Authenticator, readPicture } from './factors.js';
import { mailTo, newAddress, register, SENTENCE } from './mails.js';

const PAGE = '/account/second-factor';
const CODE = /^[0-9](-[A-Z2-7]{6}){4}$/;
/** What the service answers if a session is not fresh. A test cannot wait for that. */
const STALE = {
    status: 401,
    body: { error: 'insufficient_user_authentication', error_description: 'x', acr_values: 'aal2', max_age: 600 },
    headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="600"' },
};

const posts = (tab, path) => tab.requests.filter(({ url, method }) => method !== 'GET' && new URL(url).pathname === path);
const focused = (tab) => tab.run(() => document.activeElement.id || document.activeElement.textContent);

/** Waits until there is no dialog. */
const waitForNoDialog = async (tab) => {
    const end = Date.now() + 15_000;
    while (await tab.run(() => Boolean(document.querySelector('dialog')))) {
        if (Date.now() > end) throw new Error(`a dialog is still open: ${await tab.text('dialog')}`);
        await sleep(50);
    }
};

const clickInDialog = (tab, text) =>
    tab.run((text) => [...document.querySelectorAll('dialog:last-of-type button')].find((one) => one.textContent === text).click(), text);

/** Reads the recovery codes of the dialog, and closes it. */
const takeCodes = async (tab, title = /^Your recovery codes$/) => {
    await tab.waitForText('dialog:last-of-type h2', title);
    const codes = await tab.run(() => [...document.querySelectorAll('dialog:last-of-type .codes li')].map((one) => one.textContent));
    for (const code of codes) assert.match(code, CODE);
    await tab.click('dialog:last-of-type .actions .primary');
    return codes;
};

inEachBrowser((browser) => {
    /** Opens the page about second factors as a new user. */
    const open = async (tab, name) => {
        const email = newAddress(browser, name);
        await register(email);
        await tab.open(PAGE);
        await tab.waitForPath('/');
        await tab.submit({ email, password: SENTENCE });
        await tab.waitForPath(PAGE);
        await tab.waitForVisible('#add-app');
        return email;
    };

    /** Adds an app to the account of the user who is logged in. */
    const addApp = async (tab) => {
        await tab.click('#add-app');
        await tab.waitForVisible('#secret');
        const app = new App(await tab.text('#secret'));
        await tab.type('code', await app.next());
        await tab.click('#form [type=submit]');
        const codes = await takeCodes(tab);
        await tab.waitForText('#status', /^The app is added\. Your other sessions have ended\.$/);
        return { app, codes };
    };

    const logOut = async (tab) => {
        await tab.click('#logout');
        await tab.waitForPath('/');
        await tab.waitForText('#status', /logged out/);
    };

    it('adds an app by its QR code, and shows ten recovery codes once', () =>
        browser.withTab(async (tab) => {
            const email = await open(tab, 'app');
            const elsewhere = await callApi('POST', '/auth/login', { email, password: SENTENCE });
            await tab.waitForText('#recovery', /^You get them with your first app or passkey\.$/);
            await tab.click('#add-app');
            await tab.waitForVisible('#secret');

            const secret = await tab.text('#secret');
            assert.match(secret, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
            const uri = new URL(await readPicture(tab));
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
            await tab.submit({ factor: app.again() });
            await tab.waitForText('#alert', /^The code is wrong, or it has been used\. Wait for the next one\.$/);
            assert.equal(await tab.attribute('#factor', 'aria-invalid'), 'true');
            await tab.submit({ factor: await app.next() });

            await tab.waitForPath('/account');
            await tab.waitForText('#email', new RegExp(`^${email}$`));
            assert.ok(tab.requests.every(({ url }) => !url.includes(app.again())));
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
            const [next] = await takeCodes(tab, /^Your new recovery code$/);
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
            await takeCodes(tab, /^Your new recovery code$/);
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
            assert.deepEqual(posts(tab, '/auth/confirm'), []);
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
            await tab.waitForText('#status', /^Your account is kept\./);
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

    /* ---- Passkeys ---- */

    const itWithPasskeys = (what, run) => {
        const skip = browser.name === 'chromium' ? false : 'no authenticator that its driver can use';
        it(what, { skip }, () =>
            browser.withTab(async (tab) => {
                const authenticator = await Authenticator.attach(tab);
                await run(tab, authenticator);
            }),
        );
    };

    /** Adds a passkey to the account of the user who is logged in. Returns the recovery codes. */
    const addPasskey = async (tab, name) => {
        await tab.click('#add-passkey');
        if (name) await tab.type('name', name);
        await tab.click('dialog [type=submit]');
        const codes = await takeCodes(tab);
        await tab.waitForText('#status', /^The passkey is added\.$/);
        return codes;
    };

    /** Registers a user with a passkey and logs them out. */
    const openWithPasskey = async (tab, authenticator, name) => {
        const email = await open(tab, name);
        await addPasskey(tab, 'my laptop');
        // The request of the field would use the passkey by itself.
        await authenticator.setPresent(false);
        await logOut(tab);
        return email;
    };

    const usePasskey = async (tab, authenticator) => {
        await authenticator.setPresent(true);
        await tab.click('#passkey');
    };

    itWithPasskeys('registers a passkey, and logs in with it alone', async (tab, authenticator) => {
        const email = await openWithPasskey(tab, authenticator, 'passkey');
        const [{ isResidentCredential, rpId }] = await authenticator.list();
        assert.deepEqual([isResidentCredential, rpId], [true, 'localhost']);

        await usePasskey(tab, authenticator);

        await tab.waitForPath('/account');
        await tab.waitForText('#email', new RegExp(`^${email}$`));
        assert.deepEqual(posts(tab, '/auth/login').length, 1, 'only the first login had a password');
        await tab.open(PAGE);
        const row = await tab.waitForText('#passkeys', /my laptop/);
        assert.match(row, /Last used/);
    });

    itWithPasskeys('logs in when the person picks a passkey in the field', async (tab, authenticator) => {
        await openWithPasskey(tab, authenticator, 'conditional');
        assert.equal(await tab.attribute('#email', 'autocomplete'), 'username webauthn');

        // The DevTools pick the passkey as soon as someone is there.
        await authenticator.setPresent(true);
        await tab.open('/');

        await tab.waitForPath('/account');
        await tab.waitForText('#email', /@/);
    });

    itWithPasskeys('takes a passkey as the second step', async (tab, authenticator) => {
        const email = await openWithPasskey(tab, authenticator, 'second');
        await tab.submit({ email, password: SENTENCE });
        await tab.waitForText('fieldset label[for=factor]', /^Recovery code$/);

        await usePasskey(tab, authenticator);

        await tab.waitForPath('/account');
        await tab.waitForText('#email', new RegExp(`^${email}$`));
        assert.equal(posts(tab, '/auth/login/second').length, 1);
        assert.equal(posts(tab, '/auth/passkey').length, 0);
    });

    itWithPasskeys('confirms with a passkey who the user is', async (tab, authenticator) => {
        await open(tab, 'confirmed');
        await addPasskey(tab);
        await tab.fail('/auth/factors/recovery', STALE);
        await tab.click('#renew');
        await clickInDialog(tab, 'Replace them');
        await tab.waitForVisible('#confirm-password');
        await tab.mend();
        await sleep(1_100);

        await clickInDialog(tab, 'Use a passkey');

        const codes = await takeCodes(tab);
        assert.equal(codes.length, 10);
        assert.equal(posts(tab, '/auth/confirm').length, 1);
        assert.ok((await authenticator.list())[0].signCount >= 2);
    });

    itWithPasskeys('sends nothing of a person who does not show who they are', async (tab, authenticator) => {
        await openWithPasskey(tab, authenticator, 'unverified');
        await authenticator.setUserVerified(false);

        await usePasskey(tab, authenticator);

        await tab.waitForText('#alert', /^No passkey was used\. Try again, or log in with your password\.$/);
        assert.equal(posts(tab, '/auth/passkey').length, 0);
        await authenticator.setUserVerified(true);
        await tab.click('#passkey');
        await tab.waitForPath('/account');
    });

    itWithPasskeys('refuses a passkey that was removed, and says what to do', async (tab, authenticator) => {
        await open(tab, 'deleted');
        await addPasskey(tab);
        const [kept] = await authenticator.list();
        await tab.click('#passkeys .danger');
        await clickInDialog(tab, 'Remove the passkey');
        await tab.waitForText('#status', /^The passkey is removed\./);
        await tab.waitForText('#recovery', /^You get them/);
        // The browser may have told the authenticator.
        await authenticator.clear();
        await authenticator.setPresent(false);
        await logOut(tab);
        await authenticator.add(kept);

        await usePasskey(tab, authenticator);

        await tab.waitForText('#alert', /^The service does not accept this passkey\./);
        assert.equal(await tab.run(() => location.pathname), '/');
    });

    itWithPasskeys('makes no passkey for another domain', async (tab, authenticator) => {
        await open(tab, 'domain');
        const publicKey = {
            challenge: 'AAAAAAAAAAAAAAAAAAAAAA',
            rp: { id: 'example.com', name: 'x' },
            user: { id: 'AAAA', name: 'x', displayName: 'x' },
            pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        };
        await tab.fail('/auth/factors/passkeys/options', { status: 200, body: { publicKey } });
        await tab.click('#add-passkey');
        await tab.click('dialog [type=submit]');

        await tab.waitForText('dialog [role=alert]', /^The passkeys of this service do not work at this address\.$/);
        assert.deepEqual(posts(tab, '/auth/factors/passkeys'), []);
        assert.deepEqual(await authenticator.list(), []);
    });

    itWithPasskeys('does not lock out a passkey whose counter went back', async (tab, authenticator) => {
        await openWithPasskey(tab, authenticator, 'cloned');
        const [copy] = await authenticator.list();
        await usePasskey(tab, authenticator);
        await tab.waitForPath('/account');
        await tab.waitForVisible('#logout');
        await authenticator.setPresent(false);
        await logOut(tab);
        await authenticator.clear();
        await authenticator.add({ ...copy, signCount: 0 });

        await usePasskey(tab, authenticator);

        await tab.waitForPath('/account');
    });

    itWithPasskeys('adds a device once, renames it, and removes it', async (tab, authenticator) => {
        await open(tab, 'rows');
        await addPasskey(tab, '<img src=x onerror=alert(1)>');
        assert.equal(await tab.text('#passkeys h3'), '<img src=x onerror=alert(1)>');
        await tab.click('#add-passkey');
        await tab.click('dialog [type=submit]');
        await tab.waitForText('dialog [role=alert]', /^This device or password manager has a passkey of your account already\.$/);
        await clickInDialog(tab, 'Cancel');
        await waitForNoDialog(tab);

        await tab.click('#passkeys .secondary');
        await tab.type('name', 'the old phone');
        await tab.click('dialog [type=submit]');
        await tab.waitForText('#status', /^The passkey has a new name\.$/);
        assert.equal(await tab.text('#passkeys h3'), 'the old phone');
        assert.equal((await authenticator.list()).length, 1);
        await tab.click('#passkeys .danger');
        await clickInDialog(tab, 'Remove the passkey');
        await tab.waitForText('#status', /^The passkey is removed\./);
        assert.equal(await tab.run(() => document.getElementById('passkeys').hidden), true);
    });
});
