// Tests of logins, of what is kept where, and of errors: the properties [22], [23], [24] and [26].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, openLoggedIn } from './browser.js';
import { error, gateway } from './service.js';

const CREDENTIALS = { email: 'ada@example.com', password: 'correct horse' };

/** Opens a tab in which nobody is logged in, and forgets the requests so far. */
const open = async (options) => {
    const browser = new Browser();
    const tab = browser.open(options);
    await browser.clock.wait(tab.auth.ready);
    browser.requests.length = 0;
    return { browser, tab, auth: tab.auth, clock: browser.clock, service: browser.service };
};

test('[26] a login whose cookie the browser did not keep says exactly that, and leaves no session behind', async () => {
    const { browser, tab, auth, clock, service } = await open();
    browser.keepsCookies = false;
    tab.watch();

    await assert.rejects(clock.wait(auth.login(CREDENTIALS)), {
        name: 'AuthError',
        status: 401,
        code: 'cookie_not_kept',
    });

    await clock.pass(100);
    assert.equal(auth.session, null);
    assert.deepEqual(tab.changes, []);
    assert.ok(!service.isAlive('session-1'));
    assert.equal(browser.count('DELETE /auth/sessions/session-1', 204), 1);
});

test('[26] a browser that sends an older cookie back did not keep the new one', async () => {
    const { browser, tab, clock } = await openLoggedIn();
    const other = browser.open({ channel: false });
    browser.routes.set('POST /auth/refresh', () => gateway(503, 'Service Unavailable'));
    await clock.wait(other.auth.ready);
    browser.routes.clear();
    browser.keepsCookies = false;

    const login = clock.wait(other.auth.login({ email: 'bob@example.com', password: 'battery staple' }));

    await assert.rejects(login, { code: 'cookie_not_kept' });
    assert.ok(tab.auth.session);
});

test('[26] whether the cookie is kept is checked once for each page', async () => {
    const { browser, auth, clock } = await open();

    for (let login = 0; login < 3; login++) await clock.wait(auth.login(CREDENTIALS));

    assert.equal(browser.count('POST /auth/login'), 3);
    assert.equal(browser.count('POST /auth/refresh'), 1);
});

test('[26] if it cannot be checked, the login stands and the next one checks it', async () => {
    const { browser, auth, clock } = await open();
    browser.routes.set('POST /auth/refresh', () => gateway(503, 'Service Unavailable'));

    const session = await clock.wait(auth.login(CREDENTIALS));

    assert.equal(auth.session.sid, session.sid);
    assert.equal((await clock.wait(auth.fetch('/things/1'))).status, 200);
    browser.routes.clear();
    await clock.wait(auth.login(CREDENTIALS));
    assert.equal(browser.count('POST /auth/refresh'), 2);
});

test('[26] the cookie alone brings the session back after a restart of the browser', async () => {
    const { browser, clock } = await openLoggedIn();
    browser.restart();
    const tab = browser.open();

    const session = await clock.wait(tab.auth.ready);

    assert.equal(session.sid, 'session-1');
    assert.ok(browser.requests.every(({ request }) => request.credentials === 'include'));
});

test('[22] a login asks for the cookie, and no refresh token comes near a script', async () => {
    const { browser, auth, clock } = await open();
    const bodies = [];
    browser.routes.set('POST /auth/login', async (usual, request) => {
        bodies.push(await request.clone().json());
        return usual();
    });

    await clock.wait(auth.login({ ...CREDENTIALS, label: 'laptop' }));

    assert.deepEqual(bodies, [{ ...CREDENTIALS, label: 'laptop', delivery: 'cookie' }]);
    await clock.wait(auth.login({ ...CREDENTIALS, delivery: 'body' }));
    assert.equal(bodies[1].delivery, 'cookie');
});

test('[22] nothing is stored where a script or another page can read it', async () => {
    const { browser, tab, auth, clock, service } = await open();

    await tab.login();
    service.refuseTokens();
    await clock.wait(auth.fetch('/things/1'));
    await clock.pass(2_000_000);
    await clock.wait(auth.logout());

    assert.deepEqual(browser.touched, []);
    assert.deepEqual(
        Object.keys(auth).filter((name) => /token/i.test(name)),
        ['getToken'],
    );
    assert.ok(browser.requests.every(({ url }) => !/token|horse/.test(url)));
});

test('[23] there is no service worker', async () => {
    const { browser, tab, auth, clock } = await open();

    await tab.login();
    await clock.wait(auth.fetch('/things/1'));

    assert.deepEqual(browser.touched, []);
    assert.doesNotMatch(String(tab.createAuth), /serviceWorker/);
});

test('[24] every failed call of the service throws the one class, with status, code and time to wait', async () => {
    const { browser, tab, auth, clock } = await open();
    const cases = [
        [() => error(401, 'invalid_grant'), 401, 'invalid_grant', undefined],
        [() => error(429, 'throttled', { 'retry-after': '64' }), 429, 'throttled', 64],
        [() => error(503, 'temporarily_unavailable', { 'retry-after': '1' }), 503, 'temporarily_unavailable', 1],
        [() => error(403, 'csrf_failed'), 403, 'csrf_failed', undefined],
        [() => gateway(429, 'Too Many Requests'), 429, 'throttled', undefined],
        [
            () => gateway(503, 'Service Unavailable', { 'retry-after': 'Thu, 26 Nov 2026 10:00:00 GMT' }),
            503,
            'temporarily_unavailable',
            undefined,
        ],
        [() => gateway(404, 'Not Found'), 404, 'unexpected_answer', undefined],
        [() => new Response('<p>', { status: 502 }), 502, 'temporarily_unavailable', undefined],
        [() => new Response('null', { status: 200 }), 200, 'unexpected_answer', undefined],
        [() => Promise.reject(new TypeError('Failed to fetch')), 0, 'no_answer', undefined],
    ];

    for (const [answer, status, code, retryAfter] of cases) {
        browser.routes.set('POST /auth/login', answer);
        const failed = await clock.wait(auth.login(CREDENTIALS)).catch((problem) => problem);

        assert.ok(failed instanceof tab.AuthError && failed instanceof Error);
        assert.deepEqual(
            [failed.name, failed.status, failed.code, failed.retryAfter],
            ['AuthError', status, code, retryAfter],
        );
        assert.ok(failed.message);
        assert.equal(auth.session, null);
    }
});

test('[24] an error has the id of its request, if there was an answer', async () => {
    const { browser, auth, clock } = await open();
    for (const [answer, requestId] of [
        [() => error(401, 'invalid_grant', { 'apigw-requestid': 'JKJaXmPLvHcESHA=' }), 'JKJaXmPLvHcESHA='],
        [() => gateway(503, 'Service Unavailable', { 'apigw-requestid': 'abc=' }), 'abc='],
        [() => gateway(503, 'Service Unavailable'), undefined],
        [() => Promise.reject(new TypeError('Failed to fetch')), undefined],
    ]) {
        browser.routes.set('POST /auth/login', answer);
        const failed = await clock.wait(auth.login(CREDENTIALS)).catch((problem) => problem);

        assert.ok('requestId' in failed);
        assert.equal(failed.requestId, requestId);
    }
});

test('[24] a wrong password is the error of the login only', async () => {
    const { browser, tab, auth, clock } = await openLoggedIn();

    const login = clock.wait(auth.login({ email: 'bob@example.com', password: 'wrong' }));

    await assert.rejects(login, { status: 401, code: 'invalid_grant', message: 'it is invalid_grant' });
    await clock.pass(100);
    assert.equal(auth.session.sid, 'session-1');
    assert.deepEqual(tab.changes, []);
    assert.equal(browser.requests.length, 1);
});

test("[24] what the API answers, and what fetch throws for it, is the caller's", async () => {
    const { browser, auth, clock } = await openLoggedIn();
    browser.routes.set('GET /things/1', () => gateway(503, 'Service Unavailable'));
    assert.equal((await clock.wait(auth.fetch('/things/1'))).status, 503);
    browser.routes.set('GET /things/1', () => Promise.reject(new TypeError('Failed to fetch')));

    await assert.rejects(clock.wait(auth.fetch('/things/1')), TypeError);

    assert.ok(auth.session);
});

test('the requests carry the header that the service requires, and go through the given function', async () => {
    const seen = [];
    const browser = new Browser();
    const tab = browser.open();
    const auth = tab.createAuth({
        baseUrl: 'https://auth.example.com',
        fetch: (request) => {
            seen.push(new URL(request.url).pathname);
            return tab.page.fetch(request);
        },
    });

    await browser.clock.wait(auth.login(CREDENTIALS));
    await browser.clock.wait(auth.fetch('/things/1'));
    await browser.clock.wait(auth.logout());

    assert.deepEqual(seen, ['/auth/refresh', '/auth/login', '/auth/refresh', '/things/1', '/auth/logout']);
    for (const { request, route } of browser.requests.filter((one) => one.route.startsWith('POST /auth'))) {
        assert.ok(request.headers.get('x-requested-with'), route);
        assert.equal(request.headers.get('content-type'), 'application/json', route);
    }
});

test('the service can be at a path, and at the origin of the page', async () => {
    const browser = new Browser();
    const tab = browser.open();
    for (const [baseUrl, expected] of [
        [undefined, 'https://app.example.com/auth/refresh'],
        ['/', 'https://app.example.com/auth/refresh'],
        ['/api', 'https://app.example.com/api/auth/refresh'],
        ['https://example.com/v1/', 'https://example.com/v1/auth/refresh'],
    ]) {
        const auth = tab.createAuth({ baseUrl });
        await browser.clock.wait(auth.ready);

        assert.equal(browser.requests.at(-1).url, expected);
        auth.dispose();
    }
});
