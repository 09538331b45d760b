// Tests of `account.js`: the properties [27] to [31].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, openLoggedIn } from './browser.js';
import { error, gateway } from './service.js';

const PASSWORD = 'a sentence of this test';
const EMAIL = 'eve@example.com';

/** Opens a tab in which nobody is logged in. */
const open = async (options) => {
    const browser = new Browser();
    const tab = browser.open(options);
    const { clock, service } = browser;
    const account = tab.createAccount();
    /** Asks for a mail, and returns it. */
    const ask = async (purpose, email = EMAIL) => {
        const asked = await clock.wait(account[purpose](email));
        return { ...service.mails.at(-1), asked };
    };
    return { browser, tab, account, clock, service, ask };
};

const bodyOf = (browser, route) => {
    const bodies = [];
    browser.routes.set(route, async (usual, request) => {
        bodies.push(await request.clone().json());
        return usual();
    });
    return bodies;
};

test('[27] a registration ends with a session in a cookie, which a client then finds', async () => {
    const { browser, tab, account, clock, service, ask } = await open();
    const bodies = bodyOf(browser, 'POST /auth/register/confirm');
    const { token } = await ask('register');

    const session = await clock.wait(account.confirmRegistration({ token }, { password: PASSWORD, label: 'laptop' }));

    assert.deepEqual(bodies, [{ token, password: PASSWORD, label: 'laptop', delivery: 'cookie' }]);
    assert.deepEqual(session, await clock.wait(tab.auth.ready));
    const response = await clock.wait(tab.auth.fetch('/things/1'));
    assert.equal((await response.json()).user, EMAIL);
    assert.ok(service.isAlive(session.sid));
    assert.deepEqual(browser.touched, []);
    const confirmed = browser.requests.filter(({ route }) => route.startsWith('POST /auth/re'));
    assert.ok(confirmed.length >= 3 && confirmed.every(({ request }) => request.credentials === 'include'));
});

test('[27] the caller does not choose the delivery', async () => {
    const { browser, account, clock, ask } = await open();
    const bodies = bodyOf(browser, 'POST /auth/register/confirm');
    const { token } = await ask('register');

    const options = { password: PASSWORD, delivery: 'body' };
    await clock.wait(account.confirmRegistration({ token, delivery: 'body' }, options));

    assert.equal(bodies[0].delivery, 'cookie');
});

test('[27] if the browser did not keep the cookie, the error says exactly that, and no session is left', async () => {
    const { browser, account, clock, service, ask } = await open();
    const { token } = await ask('register');
    browser.keepsCookies = false;

    const confirmed = clock.wait(account.confirmRegistration({ token }, { password: PASSWORD }));

    await assert.rejects(confirmed, { name: 'AuthError', status: 401, code: 'cookie_not_kept' });
    await clock.pass(100);
    const [{ route, status }] = browser.requests.slice(-1);
    assert.match(route, /^DELETE \/auth\/sessions\//);
    assert.equal(status, 204);
    assert.ok(!service.isAlive(route.split('/').at(-1)));
});

test('[27] a browser that sends an older cookie back did not keep the new one', async () => {
    const { browser, tab, clock } = await openLoggedIn();
    const account = tab.createAccount();
    await clock.wait(account.register(EMAIL));
    browser.keepsCookies = false;

    const { token } = browser.service.mails.at(-1);
    const confirmed = clock.wait(account.confirmRegistration({ token }, { password: PASSWORD }));

    await assert.rejects(confirmed, { code: 'cookie_not_kept' });
    assert.ok(tab.auth.session);
});

test('[27] if it cannot be checked whether the cookie was kept, the registration stands', async () => {
    const { browser, account, clock, service, ask } = await open();
    const { token } = await ask('register');
    browser.routes.set('POST /auth/refresh', () => gateway(503, 'Service Unavailable'));

    const session = await clock.wait(account.confirmRegistration({ token }, { password: PASSWORD }));

    assert.ok(service.isAlive(session.sid));
});

test('[28] nothing is sent twice, whatever the answer', async () => {
    const { browser, account, clock } = await open();
    const calls = [
        ['register', () => account.register(EMAIL)],
        ['forgot', () => account.forgot(EMAIL)],
        ['register/confirm', () => account.confirmRegistration({ token: 'x' }, { password: PASSWORD })],
        ['reset', () => account.reset({ token: 'x' }, { newPassword: PASSWORD })],
        ['address', () => account.changeAddress(EMAIL, PASSWORD, { fetch: (request) => browser.fetch({}, request) })],
        ['address/confirm', () => account.confirmAddress('x', PASSWORD)],
        ['account/delete', () => account.deleteAccount(PASSWORD, { fetch: (request) => browser.fetch({}, request) })],
        ['account/keep', () => account.keepAccount('x', PASSWORD)],
    ];
    for (const answer of [
        () => Promise.reject(new TypeError('Failed to fetch')),
        () => gateway(503, 'Service Unavailable'),
        () => error(429, 'throttled', { 'retry-after': '1' }),
    ]) {
        for (const [path, start] of calls) {
            browser.requests.length = 0;
            browser.routes.set(`POST /auth/${path}`, answer);

            await assert.rejects(clock.wait(start()), { name: 'AuthError' });

            await clock.pass(60_000);
            assert.deepEqual(
                browser.requests.map(({ route }) => route),
                [`POST /auth/${path}`],
            );
        }
    }
});

test('[28] an endpoint has 9 seconds to answer', async () => {
    const { browser, account, clock } = await open();
    browser.routes.set('POST /auth/forgot', () => new Promise(() => {}));

    const before = clock.now;
    await assert.rejects(clock.wait(account.forgot(EMAIL)), { status: 0, code: 'no_answer' });

    assert.ok(clock.now - before >= 9_000 && clock.now - before < 9_100, `${clock.now - before}`);
    browser.routes.clear();
    await clock.wait(account.forgot(EMAIL));
    assert.equal(clock.pending, 0);
});

test('[28] nothing is sent before a method is called, and nothing on a server', async () => {
    const { browser, clock } = await open();
    await clock.pass(60_000);
    assert.equal(browser.requests.length, 0);

    const account = browser.open({ server: true }).createAccount({ fetch: (request) => browser.fetch({}, request) });

    await assert.rejects(clock.wait(account.register(EMAIL)), { status: 0, code: 'no_answer' });
    assert.equal(browser.requests.length, 0);
});

test('[29] every failed call throws the one class, with status, code, wait and the id of the request', async () => {
    const { browser, tab, account, clock } = await open();
    const id = { 'apigw-requestid': 'JKJaXmPLvHcESHA=' };
    const cases = [
        [() => error(401, 'invalid_grant', id), 401, 'invalid_grant', undefined, 'JKJaXmPLvHcESHA='],
        [() => error(400, 'weak_password'), 400, 'weak_password'],
        [() => error(429, 'throttled', { 'retry-after': '64' }), 429, 'throttled', 64],
        [() => error(404, 'not_found'), 404, 'not_found'],
        [() => gateway(404, 'Not Found'), 404, 'not_found'],
        [() => gateway(429, 'Too Many Requests'), 429, 'throttled'],
        [() => gateway(401, 'Unauthorized'), 401, 'login_required'],
        [() => gateway(403, 'Forbidden'), 403, 'unexpected_answer'],
        [() => gateway(503, 'Service Unavailable', { 'retry-after': 'soon' }), 503, 'temporarily_unavailable'],
        [() => new Response('<p>', { status: 502 }), 502, 'temporarily_unavailable'],
        [() => new Response('null', { status: 200 }), 200, 'unexpected_answer'],
        [() => new Response('<p>the login of a hotel'), 200, 'unexpected_answer'],
        [() => Promise.reject(new TypeError('Failed to fetch')), 0, 'no_answer'],
    ];
    const calls = [
        ['register', () => account.register(EMAIL)],
        ['reset', () => account.reset({ token: 'x' }, { newPassword: PASSWORD })],
        ['register/confirm', () => account.confirmRegistration({ token: 'x' }, { password: PASSWORD })],
        ['address/confirm', () => account.confirmAddress('x', PASSWORD)],
        ['account/keep', () => account.keepAccount('x', PASSWORD)],
    ];

    for (const [path, start] of calls) {
        for (const [answer, status, code, retryAfter, requestId] of cases) {
            browser.routes.set(`POST /auth/${path}`, answer);
            const failed = await clock.wait(start()).catch((problem) => problem);

            assert.ok(failed instanceof tab.AccountError && failed instanceof Error, `${path} ${status} ${failed}`);
            assert.deepEqual(
                [failed.name, failed.status, failed.code, failed.retryAfter, failed.requestId],
                ['AuthError', status, code, retryAfter, requestId],
            );
            assert.ok(failed.message);
        }
    }
});

test('[29] an error of the other client is an instance too, and nothing else is', async () => {
    const { tab } = await open();

    assert.ok(new tab.AuthError(401, 'session_changed', 'x') instanceof tab.AccountError);
    for (const other of [new Error('x'), { name: 'AuthError' }, null, undefined, 'AuthError']) {
        assert.ok(!(other instanceof tab.AccountError));
    }
});

test('[30] a person registers and resets by a link or by a code', async () => {
    const { account, clock, ask, tab } = await open();
    const registered = await ask('register');
    assert.deepEqual(registered.asked, { request: registered.request, expiresIn: 600 });
    const { request, code } = registered;

    const confirm = (proof) => clock.wait(account.confirmRegistration(proof, { password: PASSWORD }));
    const reset = (proof, newPassword) => clock.wait(account.reset(proof, { newPassword }));

    await assert.rejects(confirm({ request, code: '00000000' }), { code: 'invalid_grant' });
    await confirm({ request, code });
    const forgotten = await ask('forgot');
    const result = await reset({ request: forgotten.request, code: forgotten.code }, `${PASSWORD} 1`);
    assert.deepEqual(result, { recoveryCode: undefined });
    const { token } = await ask('forgot');
    await reset({ token }, `${PASSWORD} 2`);

    await assert.rejects(reset({ token }, `${PASSWORD} 3`), { code: 'invalid_grant' });
    await clock.wait(tab.auth.login({ email: EMAIL, password: `${PASSWORD} 2` }));
});

test('[30] a code is sent as digits, however it was typed', async () => {
    const { browser, account, clock } = await open();
    const bodies = bodyOf(browser, 'POST /auth/reset');

    for (const code of ['12345678', ' 1234 5678 ', '1234-5678', '12 34 56 78', '１２３４５６７８']) {
        await clock.wait(account.reset({ request: 'request', code }, { newPassword: PASSWORD })).catch(() => {});
    }

    assert.deepEqual(bodies, Array(5).fill({ request: 'request', code: '12345678', new_password: PASSWORD }));
});

test('[30] the language of the mail is sent if there is one', async () => {
    const { browser, tab, account, clock, service } = await open();
    const bodies = bodyOf(browser, 'POST /auth/forgot');

    await clock.wait(account.register(EMAIL, { language: 'de' }));
    await clock.wait(account.forgot(EMAIL));
    await clock.wait(account.forgot(EMAIL, { language: 'en-GB' }));

    assert.equal(service.mails[0].language, 'de');
    assert.deepEqual(bodies, [{ email: EMAIL }, { email: EMAIL, language: 'en-GB' }]);
    const changed = bodyOf(browser, 'POST /auth/address');
    await tab.login();
    const { fetch } = tab.auth;
    await clock.wait(account.changeAddress(EMAIL, 'correct horse', { fetch, language: 'fr' }));
    assert.deepEqual(changed, [{ email: EMAIL, password: 'correct horse', language: 'fr' }]);
});

test('[31] a change of address takes the access token, and two links', async () => {
    const { browser, tab, clock, service } = await openLoggedIn();
    const account = tab.createAccount();
    const { fetch } = tab.auth;
    // The token is replaced first, as in every call of `auth.fetch`.
    service.refuseTokens();

    await assert.rejects(clock.wait(account.changeAddress(EMAIL, 'wrong', { fetch })), { code: 'invalid_grant' });
    const asked = await clock.wait(account.changeAddress(EMAIL, 'correct horse', { fetch }));
    assert.deepEqual(asked, { expiresIn: 3_600 });
    const [old] = service.mails;
    assert.equal(old.to, 'ada@example.com');

    await assert.rejects(clock.wait(account.confirmAddress(old.token, 'wrong')), { code: 'invalid_grant' });
    assert.deepEqual(await clock.wait(account.confirmAddress(old.token, 'correct horse')), { next: 'new' });
    const next = service.mails[1];
    assert.equal(next.to, EMAIL);
    assert.deepEqual(await clock.wait(account.confirmAddress(next.token, 'correct horse')), { next: undefined });

    await clock.wait(tab.auth.login({ email: EMAIL, password: 'correct horse' }));
    const bearers = browser.requests.filter(({ request }) => request.headers.has('authorization'));
    assert.deepEqual([...new Set(bearers.map(({ route }) => route))], ['POST /auth/address']);
});

test('[31] a deletion takes the access token and the password, and its link the password', async () => {
    const { browser, tab, clock, service } = await openLoggedIn();
    const account = tab.createAccount();
    const { fetch } = tab.auth;

    await assert.rejects(clock.wait(account.deleteAccount('wrong', { fetch })), { code: 'invalid_grant' });
    const deleted = await clock.wait(account.deleteAccount('correct horse', { fetch }));

    assert.deepEqual(deleted, { deleteAt: 1_764_034_234 });
    const login = { email: 'ada@example.com', password: 'correct horse' };
    await assert.rejects(clock.wait(tab.auth.login(login)), { code: 'invalid_grant' });
    const [{ token }] = service.mails;
    await assert.rejects(clock.wait(account.keepAccount(token, 'wrong')), { code: 'invalid_grant' });
    await clock.wait(account.keepAccount(token, 'correct horse'));
    await clock.wait(tab.auth.login(login));
    const bearers = browser.requests.filter(({ request }) => request.headers.has('authorization'));
    assert.deepEqual([...new Set(bearers.map(({ route }) => route))], ['POST /auth/account/delete']);
});

test('[31] nobody who is logged out changes an address', async () => {
    const { browser, tab, account, clock } = await open();

    const changed = clock.wait(account.changeAddress(EMAIL, PASSWORD, { fetch: tab.auth.fetch }));

    await assert.rejects(changed, { status: 401, code: 'login_required' });
    browser.requests.length = 0;
    browser.routes.set('POST /auth/refresh', () => gateway(503, 'Service Unavailable'));
    const other = browser.open();
    const failed = await clock.wait(
        other.createAccount().changeAddress(EMAIL, PASSWORD, { fetch: other.auth.fetch }),
    ).catch((problem) => problem);
    assert.equal(failed.code, 'temporarily_unavailable');
    assert.equal(browser.count('POST /auth/address'), 0);
});

test('[31] requests go to the service, through the given function, with the header that it requires', async () => {
    const seen = [];
    const browser = new Browser();
    const tab = browser.open();
    for (const [baseUrl, expected] of [
        [undefined, 'https://app.example.com/auth/forgot'],
        ['/api', 'https://app.example.com/api/auth/forgot'],
        ['https://auth.example.com/', 'https://auth.example.com/auth/forgot'],
    ]) {
        const account = tab.createAccount({
            baseUrl,
            fetch: (request) => {
                seen.push(request.url);
                return tab.page.fetch(request);
            },
        });
        await browser.clock.wait(account.forgot(EMAIL)).catch(() => {});

        const { request } = browser.requests.at(-1);
        assert.equal(request.url, expected);
        assert.equal(seen.at(-1), expected);
        assert.ok(request.headers.get('x-requested-with'));
        assert.equal(request.headers.get('content-type'), 'application/json');
    }
});
