// Tests of failing refreshes, and of the time of refreshes: the properties [7], [8], [9] and [11].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLoggedIn } from './browser.js';
import { error, gateway } from './service.js';

const API = 'https://auth.example.com/things/1';
const REFRESH = 'POST /auth/refresh';

const FAILURES = [
    ['the network', () => Promise.reject(new TypeError('Failed to fetch')), 0, 'no_answer'],
    ["the gateway's 429", () => gateway(429, 'Too Many Requests'), 429, 'throttled'],
    ["the gateway's 503", () => gateway(503, 'Service Unavailable'), 503, 'temporarily_unavailable'],
    ["the gateway's 500", () => gateway(500, 'Internal Server Error'), 500, 'temporarily_unavailable'],
    ["a function's 500", () => error(500, 'server_error'), 500, 'server_error'],
    [
        "a function's 503",
        () => error(503, 'temporarily_unavailable', { 'retry-after': '1' }),
        503,
        'temporarily_unavailable',
    ],
    ['csrf_failed', () => error(403, 'csrf_failed'), 403, 'csrf_failed'],
    ['a wrong address', () => gateway(404, 'Not Found'), 404, 'unexpected_answer'],
    ['invalid_grant with another status', () => error(503, 'invalid_grant'), 503, 'invalid_grant'],
    ['a 401 of the gateway', () => gateway(401, 'Unauthorized'), 401, 'unexpected_answer'],
    [
        'the page of a hotel',
        () => new Response('<p>Buy minutes</p>', { headers: { 'content-type': 'text/html' } }),
        200,
        'unexpected_answer',
    ],
];
for (const [what, answer, status, code] of FAILURES) {
    test(`[7] ${what} keeps the session and says that it could not ask`, async () => {
        const { browser, tab, auth, clock, service } = await openLoggedIn();
        service.refuseTokens();
        browser.routes.set(REFRESH, answer);

        await assert.rejects(clock.wait(auth.fetch(API)), { name: 'AuthError', status, code });

        assert.equal(auth.session.sid, 'session-1');
        browser.routes.clear();
        await clock.pass(2_000);
        assert.equal((await clock.wait(auth.fetch(API))).status, 200);
        assert.deepEqual(tab.changes, []);
    });
}

for (const code of ['invalid_grant', 'login_required']) {
    test(`[7] ${code} as the answer to a refresh logs out`, async () => {
        const { browser, tab, auth, clock, service } = await openLoggedIn();
        service.refuseTokens();
        browser.routes.set(REFRESH, () => error(401, code));

        const response = await clock.wait(auth.fetch(API));
        await clock.pass(100);

        assert.equal(response.status, 403);
        assert.equal(auth.session, null);
        assert.deepEqual(tab.changes, [null]);
    });
}

test('[8] while refreshes fail, the client asks less and less often', async () => {
    const { browser, clock } = await openLoggedIn();
    browser.routes.set(REFRESH, () => gateway(503, 'Service Unavailable'));

    await clock.pass(810_000 + 600_000);

    // The pauses are 1, 2, 4, 8, 16 and 32 s, and then a minute each.
    assert.ok(browser.count(REFRESH) >= 12 && browser.count(REFRESH) <= 17, `${browser.count(REFRESH)} requests`);
});

test('[8] calls during an outage do not ask more often', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    service.refuseTokens();
    browser.routes.set(REFRESH, () => gateway(429, 'Too Many Requests'));

    for (let call = 0; call < 60; call++) {
        await assert.rejects(clock.wait(auth.fetch(API)), { status: 429 });
        await clock.pass(1_000);
    }

    assert.ok(browser.count(REFRESH) <= 7, `${browser.count(REFRESH)} requests`);
});

test('[8] Retry-After is honoured, and the error says how long to wait', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    service.refuseTokens();
    browser.routes.set(REFRESH, () => error(503, 'temporarily_unavailable', { 'retry-after': '40' }));
    await assert.rejects(clock.wait(auth.fetch(API)), { retryAfter: 40 });
    browser.routes.clear();

    await clock.pass(30_000);
    await assert.rejects(clock.wait(auth.fetch(API)), { retryAfter: 10 });

    assert.equal(browser.count(REFRESH), 1);
    await clock.pass(10_500);
    assert.equal((await clock.wait(auth.fetch(API))).status, 200);
});

test('[8] an answer without a usable time causes no loop', async () => {
    const { browser, tab, clock, service } = await openLoggedIn();
    for (const expiresIn of [0, -5, 'soon', undefined, 1e12]) {
        service.expiresIn = expiresIn;
        browser.requests.length = 0;
        const other = browser.open({ channel: false });
        await clock.wait(other.auth.ready);
        const pending = clock.pending;

        await clock.pass(60_000);

        assert.ok(browser.count(REFRESH) <= 8, `${expiresIn}: ${browser.count(REFRESH)}`);
        assert.ok(clock.pending <= pending + 1);
        other.auth.dispose();
    }
    assert.ok(tab.auth.session);
});

test('[9] a refresh that hangs is given up before 10 s, and the next one succeeds', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    service.refuseTokens();
    browser.routes.set(REFRESH, () => new Promise(() => {}));
    const start = clock.now;

    await assert.rejects(clock.wait(auth.fetch(API)), { status: 0, code: 'no_answer' });

    assert.ok(clock.now - start > 5_000 && clock.now - start < 10_000, `${clock.now - start} ms`);
    browser.routes.clear();
    await clock.pass(2_000);
    assert.equal((await clock.wait(auth.fetch(API))).status, 200);
});

test('[9] an answer whose body hangs is given up too', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    service.refuseTokens();
    browser.routes.set(
        REFRESH,
        (_, request) =>
            new Response(
                new ReadableStream({
                    start: (body) => request.signal.addEventListener('abort', () => body.error(request.signal.reason)),
                }),
            ),
    );

    await assert.rejects(clock.wait(auth.fetch(API), 10_000), { code: 'unexpected_answer' });
});

test("[9] a caller who gives up ends its own wait, and nobody else's", async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    service.refuseTokens();
    browser.routes.set(REFRESH, async (usual) => {
        await browser.sleep(3_000);
        return usual();
    });
    const impatient = new AbortController();
    const aborted = auth.fetch(API, { signal: impatient.signal });
    const patient = auth.fetch(API);
    aborted.catch(() => {});
    await clock.pass(500);

    impatient.abort();

    await assert.rejects(clock.wait(aborted, 100), { name: 'AbortError' });
    assert.equal((await clock.wait(patient)).status, 200);
    assert.equal(browser.count(REFRESH), 1);
});

test('[11] a tab in sight replaces its token before it expires', async () => {
    const { browser, auth, clock } = await openLoggedIn();

    await clock.pass(1_800_000);

    assert.equal(browser.count(REFRESH), 2);
    assert.equal((await clock.wait(auth.fetch(API))).status, 200);
    assert.equal(browser.count('GET /things/1', 403), 0);
});

test('[11] a hidden tab does not refresh until it is shown', async () => {
    const { browser, tab, clock } = await openLoggedIn();
    tab.hide();
    await clock.pass(3_600_000);
    assert.equal(browser.requests.length, 0);

    tab.show();
    await clock.pass(100);

    assert.equal(browser.count(REFRESH), 1);
});

test('[11] each call checks the time, whatever the timers did', async () => {
    const { browser, tab, auth, clock } = await openLoggedIn();
    tab.hide();
    await clock.pass(3_600_000);

    const response = await clock.wait(auth.fetch(API));

    assert.equal(response.status, 200);
    assert.deepEqual([browser.count(REFRESH), browser.count('GET /things/1')], [1, 1]);
});

test('[11] a tab whose timers stood still asks when it wakes up', async () => {
    for (const wake of [
        (tab) => tab.fire('online'),
        (tab) => tab.fire('pageshow', { persisted: false }),
        (tab) => tab.show(),
    ]) {
        const { browser, tab, clock } = await openLoggedIn();
        tab.drift = 3_600_000;

        wake(tab);
        await clock.pass(100);

        assert.equal(browser.count(REFRESH), 1);
    }
});

test('[11] a page that starts offline asks as soon as it is online', async () => {
    const { browser, clock } = await openLoggedIn();
    browser.isOnline = false;
    const tab = browser.open();
    assert.equal(await clock.wait(tab.auth.ready), undefined);
    await clock.pass(40_000);
    browser.isOnline = true;

    tab.fire('online');
    await clock.pass(100);

    assert.equal(tab.auth.session.sid, 'session-1');
});
