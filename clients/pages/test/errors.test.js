// What the pages say if something goes wrong.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { EMAIL, inEachBrowser, PASSWORD, sleep, URL_OF_STACK } from './browsers.js';
import { mailTo, newAddress, SENTENCE } from './mails.js';

inEachBrowser((browser) => {
    it('counts down while an address has to wait, and lets another address try', () =>
        browser.withTab(async (tab) => {
            await tab.open('/');
            // Unknown addresses are counted like known ones.
            const email = `nobody-${browser.name}-${Date.now()}@example.com`;
            for (let attempt = 0; attempt < 12; attempt++) {
                await tab.submit({ email, password: 'wrong' });
                const text = await tab.waitForText('#alert', /./);
                if (/too many/.test(text)) break;
                // The next attempts come too early.
                await sleep(100);
            }
            await tab.waitForText('#alert', /^There were too many attempts\.$/);
            await tab.waitForText('#timer', /^Try again in \d+:\d\d\.$/);
            assert.equal(await tab.attribute('[type=submit]', 'aria-disabled'), 'true');

            await tab.waitForText('#status', /^You can try again now\.$/);

            assert.equal(await tab.text('#timer'), '');
            assert.equal(await tab.attribute('[type=submit]', 'aria-disabled'), null);
        }));

    it('sends nothing while an address has to wait', () =>
        browser.withTab(async (tab) => {
            await tab.open('/');
            const headers = { 'retry-after': '125' };
            const body = { error: 'throttled', error_description: 'x', request_id: 'x' };
            await tab.fail('/auth/login', { status: 429, body, headers });
            await tab.submit({ email: EMAIL, password: PASSWORD });
            await tab.waitForText('#timer', /^Try again in 2:0\d\.$/);
            const before = await tab.waitForText('#timer', /\d/);
            await sleep(2_100);
            assert.notEqual(await tab.text('#timer'), before);
            await tab.mend();

            await tab.click('[type=submit]');
            await sleep(300);
            assert.equal(tab.requests.filter(({ url }) => url.endsWith('/auth/login')).length, 0);

            await tab.submit({ email: 'someone.else@example.com' });
            await tab.waitForText('#alert', /wrong/);
        }));

    it('says that it is offline, and that it is online again', () =>
        browser.withTab(async (tab) => {
            await tab.open('/');
            await tab.page.setOfflineMode(true);
            await tab.waitForText('#alert', /^You are offline\./);
            await tab.submit({ email: EMAIL, password: PASSWORD });
            await tab.waitForText('#alert', /^You are offline\./);
            await tab.page.setOfflineMode(false);
            await tab.waitForText('#status', /^You are online again\.$/);
            await tab.click('[type=submit]');
            await tab.waitForPath('/account');
        }));

    it('keeps the account if the service cannot be asked', () =>
        browser.withTab(async (tab) => {
            await tab.logIn();
            await tab.fail('/auth', { status: 503, body: { message: 'Service Unavailable' } });
            await tab.open('/account');
            await tab.waitForText('#alert', /^The service is not available at the moment\. This page keeps trying\.$/);
            assert.equal(await tab.attribute('#content', 'hidden'), '');

            await tab.mend();

            await tab.waitForText('#email', /@/);
            assert.equal(await tab.text('#alert'), '');
        }));

    it('does not say that someone is logged out if the service does not know', () =>
        browser.withTab(async (tab) => {
            await tab.logIn();
            await tab.fail('/auth/logout', null);
            await tab.click('#logout');
            await tab.waitForText('#alert', /Your session may still be open: log out again\.$/);
            await tab.mend();
            await tab.click('#logout');
            await tab.waitForPath('/');
        }));

    const CASES = [
        [503, { error: 'temporarily_unavailable' }, { 'retry-after': '3' }, /^The service is not available at the moment\.$/],
        [503, { message: 'Service Unavailable' }, {}, /^The service is not available at the moment\. Try again soon\./],
        [500, { error: 'server_error' }, { 'apigw-requestid': 'abc=' }, / The number of the request is abc=\.$/],
        [403, { error: 'csrf_failed' }, {}, /^The service does not accept logins from http/],
        [403, { error: 'forbidden' }, {}, /^This request did not come through the usual address/],
        [400, { error: 'invalid_request' }, {}, /^The service does not accept what you typed\./],
        [200, { hello: 'hotel' }, {}, /^The answer did not come from the service\./],
        [418, { error: 'teapot' }, {}, /^Something unexpected happened \(418 teapot\)\.$/],
    ];
    it('explains each error', () =>
        browser.withTab(async (tab) => {
            await tab.open('/');
            for (const [status, body, headers, expected] of CASES) {
                await tab.fail('/auth/login', { status, body, headers });
                await tab.submit({ email: EMAIL, password: PASSWORD });
                await tab.waitForText('#alert', expected);
                await tab.page.evaluate(() => document.getElementById('email').dispatchEvent(new Event('input')));
            }
        }));

    const THROTTLED = [429, { error: 'throttled' }, { 'retry-after': '125' }];
    const NOT_AVAILABLE = /^The service is not available at the moment\. Try again soon\.$/;
    const UNAVAILABLE = [503, { message: 'Service Unavailable' }, {}, NOT_AVAILABLE];
    const ASKING = [
        [...THROTTLED, /^Too many emails were asked for\. Check your inbox first\.$/],
        [429, { message: 'Too Many Requests' }, {}, /^Too many emails were asked for\. Check your inbox first\.$/],
        [400, { error: 'invalid_request' }, {}, /^The service does not accept this email address\. Check it/],
        [403, { error: 'forbidden' }, {}, /^This request did not come through the usual address/],
        UNAVAILABLE,
        [202, { hello: 'hotel' }, {}, /^The answer did not come from the service\./],
    ];
    const REGISTRATION_IS_OFF = /^This service does not offer registration\. Ask its operator for an account\.$/;
    const NO_MAIL = /^This service cannot send email\. Ask its operator to reset your password\.$/;
    for (const [path, endpoint, cases] of [
        [
            '/register',
            '/auth/register',
            [
                ...ASKING,
                [404, { error: 'not_found' }, {}, REGISTRATION_IS_OFF],
                [404, { message: 'Not Found' }, {}, REGISTRATION_IS_OFF],
            ],
        ],
        ['/forgot', '/auth/forgot', [...ASKING, [404, { message: 'Not Found' }, {}, NO_MAIL]]],
    ]) {
        it(`explains each error of ${path}`, () =>
            browser.withTab(async (tab) => {
                for (const [status, body, headers, expected] of cases) {
                    await tab.open(path);
                    await tab.fail(endpoint, { status, body, headers });
                    await tab.submit({ email: EMAIL });
                    await tab.waitForText('#alert', expected);

                    const isOver = status === 404;
                    assert.equal(await tab.attribute('#form', 'hidden'), isOver ? '' : null);
                    assert.equal(await tab.attribute('#second', 'hidden'), '');
                    const waits = Boolean(headers['retry-after']);
                    assert.equal(await tab.attribute('[type=submit]', 'aria-disabled'), waits ? 'true' : null);
                    if (waits) await tab.waitForText('#timer', /^Try again in 2:0\d\.$/);
                    assert.equal(await tab.attribute('#email', 'aria-invalid'), status === 400 ? 'true' : null);
                }
            }));
    }

    const EXPIRED = /^This link has expired, or it has been used\./;
    const LINKS = [
        [400, { error: 'weak_password', error_description: 'it is in lists' }, {}, /^It is in lists\.$/],
        [...THROTTLED, /^There were too many attempts\.$/],
        UNAVAILABLE,
        [401, { error: 'invalid_grant' }, {}, EXPIRED],
        [400, { error: 'invalid_request' }, {}, /^This link is not complete\. Open it from the email again\.$/],
        [404, { message: 'Not Found' }, {}, /^The service does not offer this\.$/],
    ];
    /** The errors after which a link can succeed. */
    const isTemporary = ({ error, message }) =>
        /^(weak_password|throttled)$/.test(error) || message === 'Service Unavailable';
    for (const [path, endpoint] of [
        ['/register/confirm', '/auth/register/confirm'],
        ['/reset', '/auth/reset'],
    ]) {
        it(`explains each error of ${path}`, () =>
            browser.withTab(async (tab) => {
                for (const [status, body, headers, expected] of LINKS) {
                    await tab.open(`${path}?token=x`);
                    await tab.fail(endpoint, { status, body, headers });
                    await tab.submit({ new: PASSWORD });
                    await tab.waitForText('#alert', expected);

                    assert.equal(await tab.attribute('#form', 'hidden'), isTemporary(body) ? null : '');
                    await tab.waitForVisible('.links a[href="/"]');
                }
            }));
    }

    it('says of a code that the link still works while codes are refused', () =>
        browser.withTab(async (tab) => {
            await tab.open('/forgot');
            await tab.fail('/auth/forgot', { status: 202, body: { request: 'x', expires_in: 600 } });
            await tab.submit({ email: EMAIL });
            await tab.waitForVisible('#code');
            const [status, body, headers] = THROTTLED;
            await tab.fail('/auth/reset', { status, body, headers });
            await tab.submit({ code: '12345678', new: PASSWORD });

            await tab.waitForText('#alert', /^There were too many attempts\. The link in the email still works\.$/);
            await tab.waitForText('#timer', /^Try again in 2:0\d\.$/);
        }));

    it('says that the account is ready if the browser did not keep the cookie', () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'cookie');
            await tab.open('/register');
            await tab.submit({ email });
            const { path } = await mailTo(email);
            await tab.open(path);
            await tab.fail('/auth/refresh', { status: 401, body: { error: 'login_required' } });
            await tab.submit({ new: SENTENCE });

            await tab.waitForText('#alert', /^Your account is ready, but your browser did not keep the cookie/);
            assert.equal(await tab.attribute('#form', 'hidden'), '');
            await tab.mend();
            await tab.click('.links a[href="/"]');
            await tab.waitForPath('/');
        }));

    it('says on the pages of the emails that the browser is offline', () =>
        browser.withTab(async (tab) => {
            for (const [path, fields] of [
                ['/forgot', { email: EMAIL }],
                ['/reset?token=x', { new: PASSWORD }],
                ['/address/confirm?token=x', { password: PASSWORD }],
                ['/account/keep?token=x', { password: PASSWORD }],
            ]) {
                await tab.open(path);
                await tab.setOffline(true);
                await tab.submit(fields);
                await tab.waitForText('#alert', /^You are offline\./);
                await tab.setOffline(false);
                await tab.waitForText('#status', /^You are online again\.$/);
                assert.equal(await tab.attribute('#form', 'hidden'), null);
            }
        }));

    it('says that an address cannot be changed if the service sends no email', () =>
        browser.withTab(async (tab) => {
            await tab.logIn();
            await tab.open('/account/address');
            await tab.waitForVisible('#current');
            await tab.fail('/auth/address', { status: 404, body: { message: 'Not Found' } });
            await tab.submit({ email: 'new@example.com', current: PASSWORD });

            await tab.waitForText('#alert', /^This service cannot send email, so an address cannot be changed here\./);
            assert.equal(await tab.attribute('#form', 'hidden'), '');
        }));

    it('names the address that works if this one does not', () =>
        browser.withTab(async (tab) => {
            await tab.page.goto(URL_OF_STACK.replace('localhost', '127.0.0.1'));
            await tab.submit({ email: EMAIL, password: PASSWORD });
            await tab.waitForText('#alert', /Open http:\/\/localhost:\d+ instead\.$/);
        }));

    it('puts no password into a URL if its script does not load', () =>
        browser.withTab(async (tab) => {
            await tab.page.setRequestInterception(true);
            tab.page.on('request', (request) =>
                request.url().endsWith('/login.js') ? request.abort() : request.continue(),
            );
            await tab.open('/');
            await tab.type('email', EMAIL);
            await tab.type('password', 'a-secret-password');
            await tab.click('[type=submit]');
            await sleep(500);

            assertNothingSent(tab);
        }));

    it('puts no password into a URL without JavaScript', () =>
        browser.withTab(
            async (tab) => {
                await tab.open('/');
                await tab.type('email', EMAIL);
                await tab.type('password', 'a-secret-password');
                await tab.page.keyboard.press('Enter');
                await sleep(500);

                assert.match(await tab.text('.note'), /needs JavaScript/);
                assertNothingSent(tab);
            },
            { hasScripts: false },
        ));
});

/** Asserts that the page is still the login page, and that the password is in no request. */
const assertNothingSent = (tab) => {
    assert.equal(tab.page.url(), `${URL_OF_STACK}/`);
    for (const { method, url } of tab.requests) {
        assert.equal(method, 'GET', url);
        assert.ok(!url.includes('a-secret-password'), url);
    }
    // The browser may report that the policy has blocked the form.
    tab.faults = tab.faults.filter((fault) => !fault.includes('form-action'));
};
