// How the pages look: accessibility, width, keyboard, and pictures. `SCREENSHOTS` names a folder for the pictures.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { EMAIL, inEachBrowser, logInElsewhere, PASSWORD, sleep } from './browsers.js';
import { App } from './factors.js';
import { mailTo, newAddress, register, SENTENCE } from './mails.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FOLDER = process.env.SCREENSHOTS;
const WIDTHS = [320, 768, 1440];
const SCHEMES = ['light', 'dark'];

if (FOLDER) mkdirSync(FOLDER, { recursive: true });

inEachBrowser((browser) => {
    /** Checks a page in each width. */
    const check = async (tab, name, scheme) => {
        for (const width of WIDTHS) {
            await tab.page.setViewport({ width, height: 900 });
            // Colours take a moment to change.
            await sleep(200);
            const isTooWide = await tab.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
            assert.ok(!isTooWide, `${name} scrolls sideways at ${width} px`);
            const isWrapped = await tab.run(
                () => new Set([...document.querySelectorAll('nav a')].map((link) => link.offsetTop)).size > 1,
            );
            assert.ok(!isWrapped, `${name} has its links on two lines at ${width} px`);
            if (FOLDER) {
                const path = `${FOLDER}/${browser.name}-${name}-${width}-${scheme}.png`;
                await tab.page.screenshot({ path, fullPage: width < 1440 });
            }
        }
        await tab.page.evaluate(`${AXE};0`);
        const { violations } = await tab.page.evaluate(() => axe.run());
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`);
        assert.deepEqual(found, [], `${name}, ${scheme}`);
        // Twice as large letters, as in a browser's settings.
        await tab.page.setViewport({ width: 640, height: 900 });
        const isTooWide = await tab.page.evaluate(() => {
            document.documentElement.style.fontSize = '200%';
            const result = document.documentElement.scrollWidth > innerWidth;
            document.documentElement.style.fontSize = '';
            return result;
        });
        assert.ok(!isTooWide, `${name} scrolls sideways with large letters`);
        await tab.page.setViewport({ width: 1440, height: 900 });
    };

    for (const scheme of SCHEMES) {
        it(`has no fault that axe finds, and fits on a phone, in ${scheme}`, { timeout: 600_000 }, () =>
            browser.withTab(
                async (tab) => {
                    const query = '(prefers-color-scheme: dark)';
                    const isDark = await tab.page.evaluate((query) => matchMedia(query).matches, query);
                    assert.equal(isDark, scheme === 'dark');
                    await walk(tab, (name) => check(tab, name, scheme));
                    await tab.mend();
                    await walkMails(tab, (name) => check(tab, name, scheme));
                },
                { scheme },
            ));

        it(`has no fault in the states of second factors, in ${scheme}`, { timeout: 600_000 }, () =>
            browser.withTab((tab) => walkFactors(tab, (name) => check(tab, name, scheme)), { scheme }));
    }

    /** Opens each page in each of its states, and calls `check` with its name. */
    const walk = async (tab, check) => {
        await tab.open('/');
        await check('login');
        await tab.submit({ email: EMAIL, password: 'wrong' });
        await tab.waitForText('#alert', /wrong/);
        await check('login-refused');
        const body = { error: 'throttled' };
        await tab.fail('/auth/login', { status: 429, body, headers: { 'retry-after': '125' } });
        await tab.submit({ email: EMAIL, password: 'wrong' });
        await tab.waitForText('#timer', /./);
        await check('login-throttled');
        await tab.mend();
        await tab.logIn();
        await tab.click('#call');
        await tab.waitForText('#answer', /200/);
        await openPanel(tab);
        await check('account');
        await logInElsewhere('Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0');
        await logInElsewhere('curl/8.5.0', 'Nightly report on build-7.internal.example.com');
        await tab.open('/account/sessions');
        await tab.waitForText('#sessions', /Firefox on Windows/);
        await check('sessions');
        await tab.open('/account/password');
        await tab.waitForVisible('#current');
        await check('password');
        await tab.submit({ current: PASSWORD, new: 'short' });
        await tab.waitForText('#alert', /15 characters/);
        await check('password-refused');
        await tab.fail('/auth', { status: 503, body: { message: 'Service Unavailable' } });
        await tab.open('/account');
        await tab.waitForText('#alert', /./);
        await check('account-unavailable');
        await tab.mend();
        await tab.open('/account/address');
        await tab.waitForVisible('#current');
        await check('address');
        await tab.submit({ email: 'new@example.com', current: 'wrong' });
        await tab.waitForText('#alert', /wrong/);
        await check('address-refused');
        await tab.open('/account/delete');
        await tab.waitForVisible('#current');
        await check('delete');
        await tab.open('/account/keep?token=x');
        await check('keep');
        await tab.open('/account/sessions');
        await tab.waitForText('#sessions', /This one/);
        await tab.click('#everywhere');
        await tab.waitForText('#status', /everywhere/);
        await check('logged-out');
    };

    /** Opens each page that follows an email in each of its states, and calls `check` with its name. */
    const walkMails = async (tab, check) => {
        const [email, next] = [newAddress(browser, 'look'), newAddress(browser, 'look-next')];
        await tab.open('/register');
        await check('register');
        await tab.submit({ email });
        await tab.waitForText('#status', /inbox/);
        await check('register-sent');
        await tab.submit({ code: '0000-0000', new: SENTENCE });
        await tab.waitForText('#alert', /wrong/);
        await check('register-refused');
        await tab.open((await mailTo(email)).path);
        await check('register-confirm');
        await tab.submit({ new: 'short' });
        await tab.waitForText('#alert', /15 characters/);
        await check('register-confirm-refused');
        await tab.submit({ new: SENTENCE });
        await tab.waitForPath('/account');
        await tab.open('/account/address');
        await tab.waitForVisible('#current');
        await tab.submit({ email: next, current: SENTENCE });
        await tab.waitForText('#status', /inbox/);
        await check('address-sent');
        await tab.open((await mailTo(email, 2)).path);
        await check('address-confirm');
        await tab.submit({ password: SENTENCE });
        await tab.waitForText('#status', /step/);
        await check('address-confirm-next');
        await tab.open('/forgot');
        await check('forgot');
        await tab.submit({ email: next });
        await tab.waitForText('#status', /inbox/);
        await check('forgot-sent');
        await tab.open('/reset?token=x');
        await check('reset');
        await tab.submit({ new: SENTENCE });
        await tab.waitForText('#alert', /expired/);
        await check('reset-refused');
        await tab.open('/forgot');
        await tab.fail('/auth/forgot', { status: 404, body: { message: 'Not Found' } });
        await tab.submit({ email });
        await tab.waitForText('#alert', /cannot send/);
        await check('forgot-off');
    };

    /** Opens each page with a second factor in each of its states, and calls `check` with its name. */
    const walkFactors = async (tab, check) => {
        const email = newAddress(browser, 'look-factors');
        await register(email);
        await tab.open('/account/second-factor');
        await tab.waitForPath('/');
        await tab.submit({ email, password: SENTENCE });
        await tab.waitForVisible('#add-app');
        await check('second-factor');
        const body = { error: 'insufficient_user_authentication', acr_values: 'aal2' };
        await tab.fail('/auth/factors', { status: 401, body });
        await tab.click('#add-app');
        await tab.waitForVisible('#confirm-password');
        await check('confirm');
        await tab.page.keyboard.press('Escape');
        await tab.waitForText('#alert', /not confirmed/);
        await tab.mend();
        await tab.click('#add-app');
        await tab.waitForVisible('#secret');
        await check('second-factor-app');
        const app = new App(await tab.text('#secret'));
        await tab.submit({ code: await app.next() });
        await tab.waitForText('dialog h2', /recovery codes/);
        await check('second-factor-codes');
        await tab.click('dialog .primary');
        await tab.waitForText('#status', /added/);
        const times = { added_at: 1_764_034_234, last_used_at: 1_764_134_234 };
        const label = 'a-name-without-any-spaces-that-is-as-long-as-it-may-be-0123456789';
        const passkeys = [
            { id: 'x', label: 'Chrome on Linux', ...times, synced: true },
            { id: 'y', label, ...times, synced: false },
        ];
        await tab.fail('/auth/factors', { status: 200, body: { totp: null, recovery_codes: 9, passkeys } });
        await tab.open('/account/second-factor');
        await tab.waitForText('#passkeys', /Chrome/);
        await check('second-factor-passkeys');
        await tab.mend();
        await tab.click('#logout');
        await tab.waitForPath('/');
        await tab.submit({ email, password: SENTENCE });
        await tab.waitForVisible('#factor');
        await check('login-second');
        await tab.submit({ factor: app.again() });
        await tab.waitForText('#alert', /used/);
        await check('login-second-refused');
        const half = { error: 'mfa_required', mfa_token: 'x', factors: ['totp', 'passkey', 'recovery'] };
        await tab.fail('/auth/login', { status: 401, body: { ...half, expires_in: 300, remember_days: 30 } });
        await tab.open('/');
        await tab.submit({ email, password: SENTENCE });
        await tab.waitForVisible('#remember');
        await tab.click('#remember');
        await check('login-second-remember');
        await tab.fail('/auth/reset', { status: 401, body: { error: 'mfa_required' } });
        await tab.open('/reset?token=x');
        await tab.submit({ new: SENTENCE });
        await tab.waitForVisible('#factor');
        await check('reset-second');
    };

    it('can be used with the keyboard alone', () =>
        browser.withTab(async (tab) => {
            await tab.open('/');
            const focused = () => tab.page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
            const order = [];
            for (let step = 0; step < 7; step++) {
                await tab.page.keyboard.press('Tab');
                order.push(await focused());
            }
            const links = ['Forgot your password?', 'Create an account'];
            assert.deepEqual(order, ['email', 'password', 'Show', 'Log in', 'passkey', ...links]);

            await tab.run(() => document.getElementById('email').focus());
            await tab.page.keyboard.type(EMAIL);
            await tab.page.keyboard.press('Tab');
            await tab.page.keyboard.type(PASSWORD);
            await tab.page.keyboard.press('Enter');
            await tab.waitForPath('/account');
            await tab.waitForVisible('#call');
            const outline = await tab.run(() => {
                const button = document.getElementById('call');
                button.focus({ focusVisible: true });
                return getComputedStyle(button).outlineStyle;
            });
            assert.equal(outline, 'solid');
        }));

    it('leads through both steps with the keyboard alone', () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'keyboard');
            const press = (key) => tab.page.keyboard.press(key);
            await tab.open('/register');
            await press('Tab');
            await tab.page.keyboard.type(email);
            await press('Enter');
            await tab.waitForVisible('#code');
            const { code } = await mailTo(email);

            await tab.page.keyboard.type(code);
            await press('Tab');
            // The button that shows the password comes after it.
            await tab.page.keyboard.type(SENTENCE);
            await press('Enter');

            await tab.waitForPath('/account');
        }));

    it('shows and hides what is typed', () =>
        browser.withTab(async (tab) => {
            await tab.open('/');
            const type = () => tab.attribute('#password', 'type');
            await tab.type('password', 'secret');
            await tab.click('.reveal');
            assert.equal(await type(), 'text');
            assert.equal(await tab.attribute('.reveal', 'aria-label'), 'Hide password');
            await tab.click('.reveal');
            assert.equal(await type(), 'password');
        }));
});

/** Opens the entries of the panel that show most. */
const openPanel = (tab) =>
    tab.run(() => {
        const entries = [...document.querySelectorAll('.requests details')];
        for (const [index, entry] of entries.entries()) entry.open = index === 0 || index > entries.length - 3;
    });
