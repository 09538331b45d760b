// Tests of calls to an API: the properties [4], [5], [6], [10], [19] and [20].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { error, gateway } from './service.js';
import { Browser, openLoggedIn } from './browser.js';

const API = 'https://auth.example.com/things/1';
const FORBIDDEN = 'https://auth.example.com/things/forbidden';

test('[4] a refusal of a token that is no longer the current one causes a retry and no refresh', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    service.refuseTokens();
    // The first answer here comes when the other call has already refreshed the token.
    browser.routes.set('GET /things/late', async (usual) => {
        const answer = usual();
        await browser.sleep(browser.count('GET /things/late') === 1 ? 40_000 : 0);
        return answer;
    });

    const late = auth.fetch('https://auth.example.com/things/late');
    const answers = [await clock.wait(auth.fetch(API)), await clock.wait(late, 60_000)];

    assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
    );
    assert.equal(browser.count('POST /auth/refresh'), 1);
});

test('[5] a new token that is refused means forbidden, and the answer goes to the caller', async () => {
    const { browser, auth, clock } = await openLoggedIn();

    const response = await clock.wait(auth.fetch(FORBIDDEN));

    assert.equal(response.status, 403);
    assert.deepEqual(await response.json(), { message: 'Forbidden' });
    assert.equal(browser.count('GET /things/forbidden'), 2);
    assert.equal(browser.count('POST /auth/refresh'), 1);
});

test('[5] for a while, a refusal of that token causes no refresh and no retry', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    await clock.wait(auth.fetch(FORBIDDEN));

    for (let call = 0; call < 20; call++) await clock.wait(auth.fetch(FORBIDDEN));

    assert.equal(browser.count('GET /things/forbidden'), 22);
    assert.equal(browser.count('POST /auth/refresh'), 1);
    assert.equal((await clock.wait(auth.fetch(API))).status, 200);
});

test('[5] after a while, a refusal counts again', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    await clock.wait(auth.fetch(FORBIDDEN));
    await clock.pass(40_000);
    service.refuseTokens();

    const response = await clock.wait(auth.fetch(API));

    assert.equal(response.status, 200);
    assert.equal(browser.count('POST /auth/refresh'), 2);
});

test('[5] an API that refuses every token gets two requests for each call', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    browser.routes.set('GET /things/1', () => gateway(401, 'Unauthorized'));

    const response = await clock.wait(auth.fetch(API));

    assert.equal(response.status, 401);
    assert.equal(browser.count('GET /things/1'), 2);
});

test('[5] a refused token is replaced once, however many calls it was refused to', async () => {
    const { browser, auth, clock, service } = await openLoggedIn({ channel: false });
    service.refuseTokens();

    await clock.wait(Promise.all([auth.fetch(API), auth.fetch(API), auth.fetch(FORBIDDEN), auth.fetch(FORBIDDEN)]));

    assert.equal(browser.count('POST /auth/refresh'), 1);
});

for (const [method, path] of [
    ['POST', '/auth/password'],
    ['POST', '/things/own'],
]) {
    for (const code of ['invalid_grant', 'login_required']) {
        test(`[6] ${code} from ${path} is the caller's error: one request, no refresh, no logout`, async () => {
            const { browser, auth, clock } = await openLoggedIn();
            browser.routes.set(`${method} ${path}`, () => error(401, code));
            const body = JSON.stringify({ current_password: 'wrong', new_password: 'x' });

            const response = await clock.wait(auth.fetch(path, { method, body }));

            assert.equal(response.status, 401);
            assert.equal((await response.json()).error, code);
            assert.equal(browser.requests.length, 1);
            assert.ok(auth.session);
        });
    }
}

test("[6] a function's own 403 is the caller's", async () => {
    const { browser, auth, clock } = await openLoggedIn();

    const response = await clock.wait(auth.fetch('/things/refused'));

    assert.deepEqual([response.status, browser.requests.length], [403, 1]);
});

for (const status of [401, 403]) {
    test(`[6] invalid_token with ${status} is a refusal of the token`, async () => {
        const { browser, auth, clock } = await openLoggedIn();
        browser.routes.set('GET /things/1', (usual) =>
            browser.count('GET /things/1') > 1 ? usual() : error(status, 'invalid_token'),
        );

        const response = await clock.wait(auth.fetch(API));

        assert.deepEqual([response.status, browser.count('POST /auth/refresh')], [200, 1]);
    });
}

test('[10] the time of a token counts from its arrival, and the clock of the computer does not matter', async () => {
    const { browser, auth, clock } = await openLoggedIn({ hidden: true });
    await clock.pass(780_000);
    await clock.wait(auth.fetch(API));
    assert.equal(browser.count('POST /auth/refresh'), 0);
    await clock.pass(40_000);

    await clock.wait(auth.fetch(API));

    assert.equal(browser.count('POST /auth/refresh'), 1);
    assert.equal(browser.count('GET /things/1', 403), 0);
    assert.deepEqual(browser.touched, []);
});

test('[10] a clock that stood still while the computer slept: the refused token decides', async () => {
    const { browser, tab, auth, clock } = await openLoggedIn({ hidden: true });
    await clock.pass(3_600_000);
    tab.drift = -3_600_000;

    const response = await clock.wait(auth.fetch(API));

    assert.equal(response.status, 200);
    assert.equal(browser.count('GET /things/1', 403), 1);
});

test('[10] a token that is due is still sent if it cannot be replaced', async () => {
    const { browser, auth, clock } = await openLoggedIn({ hidden: true });
    await clock.pass(820_000);
    browser.routes.set('POST /auth/refresh', () => error(503, 'temporarily_unavailable'));

    const response = await clock.wait(auth.fetch(API));

    assert.equal(response.status, 200);
});

test('[19] only listed origins get the token', async () => {
    const { browser, auth, clock } = await openLoggedIn({ origins: ['https://api.example.com'] });
    const bearer = async (url, init) => (await (await clock.wait(auth.fetch(url, init))).json()).bearer;

    assert.match(await bearer('https://auth.example.com/things/public'), /^Bearer token-/);
    assert.match(await bearer('/things/public'), /^Bearer token-/);
    assert.match(await bearer('https://api.example.com/things/public'), /^Bearer token-/);
    for (const other of [
        'https://example.com',
        'https://api.example.com.evil.example',
        'http://api.example.com',
        'https://api.example.com:8443',
    ]) {
        assert.equal(await bearer(`${other}/things/public`), null, other);
    }
    const headers = { authorization: 'Basic abc' };
    assert.equal(await bearer('/things/public', { headers }), 'Basic abc');
    assert.ok(browser.requests.every(({ request }) => request.redirect === 'follow'));
});

test('[19] the refusal of a page to which a call was redirected is not one of the token', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    const elsewhere = Object.defineProperty(gateway(403, 'Forbidden'), 'url', { value: 'https://files.example.net/1' });
    elsewhere.clone = () => assert.fail('it was looked at');
    browser.routes.set('GET /things/1', () => elsewhere);

    const response = await clock.wait(auth.fetch(API));

    assert.equal(response, elsewhere);
    assert.equal(browser.requests.length, 1);
});

test('[20] a retry has the same method, headers and body', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    const form = new FormData();
    form.append('name', 'value');
    const url = new URL(API);
    const inputs = [
        [API, { method: 'POST', body: 'text' }],
        [url, { method: 'PUT', body: new TextEncoder().encode('bytes'), headers: { 'x-one': '1' } }],
        [new Request(url, { method: 'POST', body: 'of a request' })],
        [API, { method: 'POST', body: form }],
    ];

    for (const input of inputs) {
        await clock.pass(40_000);
        service.refuseTokens();
        const response = await clock.wait(auth.fetch(...input));

        const { body } = await response.json();
        assert.match(body, /text|bytes|of a request|value/);
        const [first, second] = browser.requests.filter(({ route }) => route.endsWith('/things/1')).slice(-2);
        assert.deepEqual([first.status, second.status], [403, 200]);
        const headers = ({ request }) => [...request.headers].filter(([name]) => name !== 'authorization');
        assert.deepEqual(headers(first), headers(second));
    }
});

test('[20] a stream is sent once, and the caller learns that it has to be sent again', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    service.refuseTokens();
    const body = () =>
        new ReadableStream({ start: (one) => (one.enqueue(new TextEncoder().encode('stream')), one.close()) });
    const upload = () => clock.wait(auth.fetch(API, { method: 'POST', body: body(), duplex: 'half' }));

    await assert.rejects(upload(), { name: 'AuthError', status: 403, code: 'not_sent_again' });

    assert.equal(browser.count('POST /things/1'), 1);
    assert.equal((await (await upload()).json()).body, 'stream');
});

test('getToken serves other clients: a refused token is replaced, and the same one again means forbidden', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    const first = await clock.wait(auth.getToken());

    const second = await clock.wait(auth.getToken(first));

    assert.notEqual(second, first);
    assert.equal(await clock.wait(auth.getToken(first)), second);
    assert.equal(await clock.wait(auth.getToken(second)), second);
    assert.equal(browser.count('POST /auth/refresh'), 1);
});

test('a call of nobody is sent without a token, and its answer goes to the caller', async () => {
    const browser = new Browser();
    const { auth } = browser.open();

    const response = await browser.clock.wait(auth.fetch(API));

    assert.equal(response.status, 401);
    assert.equal(browser.count('POST /auth/refresh'), 1);
    assert.equal(browser.count('GET /things/1'), 1);
});
