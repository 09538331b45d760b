// Tests of second factors: the properties [32] to [36].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Authenticator } from './authenticator.js';
import { Browser, openLoggedIn } from './browser.js';
import { CODE } from './factors.js';
import { error, gateway, insufficient } from './service.js';

const ADA = 'ada@example.com';
const PASSWORD = 'correct horse';
const PAYOUT = 'https://auth.example.com/things/payout';
const MINUTE = 60_000;

/** Opens a tab with an authenticator in which nobody is logged in. */
const open = (options) => {
    const browser = new Browser();
    const authenticator = new Authenticator();
    const tab = browser.open({ ...authenticator.page(options), ...options });
    const { clock, service } = browser;
    return { browser, tab, auth: tab.auth, clock, service, authenticator, second: tab.createSecondFactor() };
};

/** Opens a tab in which Ada is logged in, with an authenticator. */
const openAda = async (options) => {
    const authenticator = new Authenticator();
    const given = await openLoggedIn({ ...authenticator.page(options), ...options });
    return { ...given, authenticator, second: given.tab.createSecondFactor() };
};

/** Gives Ada a passkey, and logs her out. */
const openWithPasskey = async (options) => {
    const given = await openAda(options);
    const { clock, second, auth, browser } = given;
    const { id } = await clock.wait(second.addPasskey({ label: 'laptop' }));
    await clock.wait(auth.logout());
    await clock.pass(200);
    browser.requests.length = 0;
    return { ...given, id };
};

const bodiesOf = (browser, route) => {
    const bodies = [];
    browser.routes.set(route, async (usual, request) => {
        bodies.push(await request.clone().json());
        return usual();
    });
    return bodies;
};

/** Takes the first step of Ada's login. Returns the error that asks for the second. */
const takeFirstStep = async ({ auth, clock }) => {
    const login = clock.wait(auth.login({ email: ADA, password: PASSWORD, label: 'laptop' }));
    return login.then(() => assert.fail('there was no second step'), (problem) => problem);
};

/* ---- Login ---- */

test('[32] a login of a user with a second factor says what its second step takes', async () => {
    const given = open();
    given.service.factors.addTotp(ADA);

    const failed = await takeFirstStep(given);

    assert.ok(failed instanceof given.tab.AuthError);
    assert.deepEqual(
        [failed.status, failed.code, failed.factors, failed.expiresIn],
        [401, 'mfa_required', ['totp', 'recovery'], 300],
    );
    assert.match(failed.mfaToken, /^half-/);
    assert.equal(given.auth.session, null);
    assert.deepEqual(given.browser.touched, []);
});

test('[32] the second step logs in, with a cookie that is checked', async () => {
    const given = open();
    const { browser, auth, tab, clock, service } = given;
    service.factors.addTotp(ADA);
    tab.watch();
    const { mfaToken } = await takeFirstStep(given);
    const bodies = bodiesOf(browser, 'POST /auth/login/second');

    await assert.rejects(clock.wait(auth.login({ mfaToken, code: '000000' })), { code: 'invalid_grant' });
    assert.equal(auth.session, null);
    const session = await clock.wait(auth.login({ mfaToken, code: CODE }));

    assert.deepEqual(bodies[1], { mfa_token: mfaToken, code: CODE, delivery: 'cookie' });
    assert.deepEqual(session, auth.session);
    assert.equal(browser.count('POST /auth/refresh', 200), 1);
    assert.equal((await clock.wait(auth.fetch(PAYOUT))).status, 200);
    await clock.pass(100);
    assert.deepEqual(tab.changes, [null, session.sid]);
});

test('[32] a recovery code logs in, and the code that takes its place is in the result and nowhere else', async () => {
    const given = open();
    const { auth, clock, service, browser } = given;
    const [recoveryCode] = service.factors.addTotp(ADA);
    const { mfaToken } = await takeFirstStep(given);

    const session = await clock.wait(auth.login({ mfaToken, recoveryCode }));

    assert.match(session.recoveryCode, /^0-NEWONE-/);
    assert.equal(session.sid, auth.session.sid);
    assert.deepEqual(Object.keys(auth.session), ['sid', 'scope']);
    assert.deepEqual(browser.touched, []);
});

test('[32] a device is remembered if the service offers it and the person wants it', async () => {
    const given = open();
    const { auth, clock, service, browser } = given;
    const recoveryCodes = service.factors.addTotp(ADA);
    const bodies = bodiesOf(browser, 'POST /auth/login/second');
    const logOut = async () => {
        await clock.wait(auth.logout());
        await clock.pass(200);
    };
    assert.equal((await takeFirstStep(given)).rememberDays, undefined);
    service.rememberDays = 30;
    const first = await takeFirstStep(given);
    await clock.wait(auth.login({ mfaToken: first.mfaToken, recoveryCode: recoveryCodes[0] }));
    await logOut();
    const second = await takeFirstStep(given);

    await clock.wait(auth.login({ mfaToken: second.mfaToken, code: CODE, remember: true }));

    assert.deepEqual([first.rememberDays, second.rememberDays], [30, 30]);
    assert.deepEqual(bodies.map(({ remember }) => remember), [undefined, true]);
    await logOut();
    await clock.wait(auth.login({ email: ADA, password: PASSWORD }));
    assert.ok(auth.session);
});

test('[32] no other error has a token', async () => {
    const { auth, clock } = open();

    const failed = await clock.wait(auth.login({ email: ADA, password: 'wrong' })).catch((problem) => problem);

    const { mfaToken, factors, expiresIn, rememberDays, acrValues, maxAge } = failed;
    const nothing = { mfaToken, factors, expiresIn, rememberDays, acrValues, maxAge };
    assert.deepEqual(Object.values(nothing), Array(6).fill(undefined));
});

/* ---- Step-up ---- */

test('[33] an answer that demands more is for the caller: one request, no refresh, no logout', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    const challenge = 'Bearer error="insufficient_user_authentication", max_age="60"';
    const answers = [
        () => insufficient(),
        // Other services have other bodies, or none.
        () => new Response('<p>', { status: 401, headers: { 'www-authenticate': challenge } }),
        () => error(401, 'insufficient_user_authentication'),
        () => error(401, 'mfa_required'),
    ];
    for (const answer of answers) {
        browser.requests.length = 0;
        browser.routes.set('POST /things/1', answer);

        const response = await clock.wait(auth.fetch('/things/1', { method: 'POST', body: 'x' }));

        assert.equal(response.status, 401);
        assert.equal(browser.requests.length, 1, `${answer}`);
        assert.ok(auth.session);
    }
});

test('[33] a challenge can be read from an answer', async () => {
    const { tab } = open();
    const read = (header) => tab.readChallenge(new Response('', { status: 401, headers: { 'www-authenticate': header } }));

    assert.deepEqual(tab.readChallenge(insufficient()), { acrValues: 'aal2', maxAge: 600 });
    const error = 'error="insufficient_user_authentication"';
    assert.deepEqual(read(`Bearer ${error}, max_age=60`), { acrValues: undefined, maxAge: 60 });
    assert.deepEqual(read(`Bearer ${error}, acr_values="phr"`), { acrValues: 'phr', maxAge: undefined });
    assert.equal(read('Bearer realm="gatehouse"'), undefined);
    assert.equal(tab.readChallenge(new Response('')), undefined);
});

test('[33] a call of the service throws what the answer demands', async () => {
    const { auth, clock, second } = await openAda();
    await clock.pass(11 * MINUTE);

    const failed = await clock.wait(second.beginTotp()).catch((problem) => problem);

    assert.deepEqual(
        [failed.name, failed.status, failed.code, failed.acrValues, failed.maxAge],
        ['AuthError', 401, 'insufficient_user_authentication', 'aal2', 600],
    );
    assert.ok(auth.session);
});

test('[33] the other client throws it too', async () => {
    const { tab, auth, clock, service } = await openLoggedIn();
    service.factors.addTotp(ADA);
    const account = tab.createAccount();

    const deleted = clock.wait(account.deleteAccount(PASSWORD, { fetch: auth.fetch }));

    await assert.rejects(deleted, { code: 'insufficient_user_authentication', acrValues: 'aal2', maxAge: 600 });
});

test('[33] a confirmation replaces the token in all tabs, and changes nobody', async () => {
    const { browser, tab, auth, clock } = await openLoggedIn();
    const other = browser.open();
    await clock.wait(other.auth.ready);
    other.watch();
    await clock.pass(12 * MINUTE);
    tab.changes.length = other.changes.length = browser.requests.length = 0;
    assert.equal((await clock.wait(auth.fetch(PAYOUT))).status, 401);

    await assert.rejects(clock.wait(auth.confirm({ password: 'wrong' })), { code: 'invalid_grant' });
    assert.equal((await clock.wait(auth.fetch(PAYOUT))).status, 401);
    const result = await clock.wait(auth.confirm({ password: PASSWORD }));

    assert.deepEqual(result, { recoveryCode: undefined });
    await clock.pass(10);
    assert.equal((await clock.wait(auth.fetch(PAYOUT))).status, 200);
    assert.equal((await clock.wait(other.auth.fetch(PAYOUT))).status, 200);
    assert.equal(await clock.wait(auth.getToken()), await clock.wait(other.auth.getToken()));
    assert.equal(browser.count('POST /auth/refresh'), 0);
    assert.deepEqual([tab.changes, other.changes], [[], []]);
});

test('[33] a user with a second factor sends it, and gets the code that takes the place of a used one', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    const [recoveryCode] = service.factors.addTotp(ADA);
    const bodies = bodiesOf(browser, 'POST /auth/confirm');

    await assert.rejects(clock.wait(auth.confirm({ password: PASSWORD })), { code: 'mfa_required' });
    const first = await clock.wait(auth.confirm({ password: PASSWORD, code: CODE }));
    const second = await clock.wait(auth.confirm({ password: PASSWORD, recoveryCode }));

    assert.equal(first.recoveryCode, undefined);
    assert.match(second.recoveryCode, /^0-NEWONE-/);
    assert.deepEqual(bodies[1], { password: PASSWORD, code: CODE });
    assert.deepEqual(bodies[2], { password: PASSWORD, recovery_code: recoveryCode });
    assert.equal((await clock.wait(auth.fetch(PAYOUT))).status, 200);
});

for (const isHere of [true, false]) {
    test(`[33] a refresh from before a confirmation in ${isHere ? 'this' : 'another'} tab does not undo it`, async () => {
        const { browser, auth, clock } = await openLoggedIn();
        const other = browser.open();
        await clock.wait(other.auth.ready);
        await clock.pass(11 * MINUTE);
        // The service has read the session before it is confirmed, and its answer comes after that.
        browser.routes.set('POST /auth/refresh', async (usual) => {
            const answer = await usual();
            await browser.sleep(2_000);
            return answer;
        });
        const before = await clock.wait(auth.getToken());
        const refreshed = auth.getToken(before);
        await clock.pass(100);

        await clock.wait((isHere ? auth : other.auth).confirm({ password: PASSWORD }));
        await clock.wait(refreshed);
        await clock.pass(3_000);

        assert.equal((await clock.wait(auth.fetch(PAYOUT))).status, 200);
    });
}

test('[33] a confirmation takes a token that is valid: a refused one is replaced first', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    service.refuseTokens();

    await clock.wait(auth.confirm({ password: PASSWORD }));

    assert.equal(browser.count('POST /auth/refresh'), 1);
    assert.equal(browser.count('POST /auth/confirm', 200), 1);
});

test("[33] a confirmation of a user who has left changes nothing, and nobody's fails", async () => {
    const { browser, auth, clock } = await openLoggedIn();
    browser.routes.set('POST /auth/confirm', async (usual) => {
        const answer = await usual();
        await browser.sleep(1_000);
        return answer;
    });
    const confirmed = auth.confirm({ password: PASSWORD });
    const failed = assert.rejects(confirmed, { status: 0, code: 'session_changed' });
    await clock.pass(200);

    await clock.wait(auth.logout());
    await clock.pass(2_000);

    await failed;
    assert.equal(auth.session, null);
    await assert.rejects(clock.wait(auth.confirm({ password: PASSWORD })), { status: 401, code: 'login_required' });
});

test('[33] an error of a confirmation that gets no token is the one of the refresh', async () => {
    const { browser, auth, clock, service } = await openLoggedIn();
    service.refuseTokens();
    browser.routes.set('POST /auth/refresh', () => gateway(503, 'Service Unavailable'));

    await assert.rejects(clock.wait(auth.confirm({ password: PASSWORD })), { status: 503, code: 'temporarily_unavailable' });
});

test('[33] a reset and a deletion that is undone take a second factor', async () => {
    const { browser, tab, clock, service } = open();
    const account = tab.createAccount();
    const [recoveryCode] = service.factors.addTotp(ADA);
    const bodies = bodiesOf(browser, 'POST /auth/reset');
    const newPassword = 'a sentence of this test';
    await clock.wait(account.forgot(ADA));
    const [{ token }] = service.mails;

    const reset = (second) => clock.wait(account.reset({ token }, { newPassword, second }));
    await assert.rejects(reset(), { status: 401, code: 'mfa_required' });
    await assert.rejects(reset({ code: '000000' }), { code: 'invalid_grant' });
    await reset({ code: CODE });

    assert.deepEqual(bodies.at(-1), { token, new_password: newPassword, second_code: CODE });
    const kept = bodiesOf(browser, 'POST /auth/account/keep');
    await clock.wait(account.keepAccount('x', newPassword, { second: { recoveryCode } })).catch(() => {});
    assert.deepEqual(kept, [{ token: 'x', password: newPassword, recovery_code: recoveryCode }]);
});

test('[33] a recovery code that is used with a link is replaced, and a code of the app is not', async () => {
    const { tab, clock, service } = open();
    const account = tab.createAccount();
    await tab.login();
    await clock.wait(account.deleteAccount(PASSWORD, { fetch: tab.auth.fetch }));
    const [first] = service.factors.addTotp(ADA);
    const newPassword = 'a sentence of this test';

    const kept = await clock.wait(account.keepAccount(service.mails[0].token, PASSWORD, { second: { recoveryCode: first } }));
    await clock.wait(account.forgot(ADA));
    const second = { recoveryCode: kept.recoveryCode };
    const reset = await clock.wait(account.reset({ token: service.mails[1].token }, { newPassword, second }));
    await clock.wait(account.forgot(ADA));
    const byApp = { newPassword, second: { code: CODE } };
    const none = await clock.wait(account.reset({ token: service.mails[2].token }, byApp));

    assert.deepEqual(Object.keys(kept), ['recoveryCode']);
    for (const { recoveryCode } of [kept, reset]) assert.match(recoveryCode, /^0-NEWONE-/);
    assert.notEqual(reset.recoveryCode, kept.recoveryCode);
    assert.deepEqual(none, { recoveryCode: undefined });
    assert.ok(service.factors.spend(ADA, { recovery_code: reset.recoveryCode }));
});

/* ---- Passkeys ---- */

test('[34] a passkey is the whole login, in every browser', async () => {
    const given = await openWithPasskey();
    const { browser, auth, clock, second, authenticator, id } = given;
    const bodies = bodiesOf(browser, 'POST /auth/passkey');

    const session = await clock.wait(second.logInWithPasskey({ label: 'laptop' }));

    assert.deepEqual(session, auth.session);
    const [{ credential, delivery, label }] = bodies;
    assert.deepEqual([delivery, label], ['cookie', 'laptop']);
    const { response, ...rest } = credential;
    const expected = { id, rawId: id, type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {} };
    assert.deepEqual(rest, expected);
    assert.deepEqual(Object.keys(response).sort(), ['authenticatorData', 'clientDataJSON', 'signature', 'userHandle']);
    for (const text of Object.values(response)) assert.match(text, /^[\w-]+$/);
    const { kind, publicKey } = authenticator.asked.at(-1);
    assert.equal(kind, 'get');
    assert.deepEqual([publicKey.rpId, publicKey.userVerification], ['example.com', 'required']);
    assert.deepEqual([publicKey.timeout, publicKey.allowCredentials], [300_000, []]);
    assert.ok(publicKey.challenge instanceof Uint8Array);
});

test('[34] a passkey is the second step of a login', async () => {
    const given = await openWithPasskey();
    const { browser, auth, clock, second, authenticator } = given;
    const failed = await takeFirstStep(given);
    assert.deepEqual(failed.factors, ['passkey', 'recovery']);
    const bodies = bodiesOf(browser, 'POST /auth/login/second');
    const asked = bodiesOf(browser, 'POST /auth/login/second/options');

    await clock.wait(second.logInWithPasskey({ mfaToken: failed.mfaToken }));

    assert.ok(auth.session);
    assert.deepEqual(asked, [{ mfa_token: failed.mfaToken }]);
    assert.equal(browser.count('POST /auth/passkey/options'), 0);
    assert.deepEqual(Object.keys(bodies[0]).sort(), ['delivery', 'mfa_token', 'passkey']);
    // Only after the password does the service say which passkeys there are.
    assert.equal(authenticator.asked.at(-1).publicKey.allowCredentials.length, 1);
});

test('[34] a device is remembered after a passkey too', async () => {
    const given = await openWithPasskey();
    const { browser, auth, clock, second, service } = given;
    service.rememberDays = 30;
    const { mfaToken } = await takeFirstStep(given);
    const bodies = bodiesOf(browser, 'POST /auth/login/second');

    await clock.wait(second.logInWithPasskey({ mfaToken, remember: true }));

    assert.equal(bodies[0].remember, true);
    await clock.wait(auth.logout());
    await clock.wait(auth.login({ email: ADA, password: PASSWORD }));
    assert.ok(auth.session);
});

test('[34] a passkey confirms who the user is', async () => {
    const { browser, auth, clock, second, authenticator } = await openWithPasskey();
    await clock.wait(second.logInWithPasskey());
    await clock.pass(11 * MINUTE);
    assert.equal((await clock.wait(auth.fetch(PAYOUT))).status, 401);

    const bodies = bodiesOf(browser, 'POST /auth/confirm');

    await clock.wait(second.confirmWithPasskey());

    assert.equal((await clock.wait(auth.fetch(PAYOUT))).status, 200);
    assert.deepEqual(Object.keys(bodies[0]), ['passkey']);
    assert.equal(authenticator.asked.at(-1).publicKey.allowCredentials.length, 1);
});

test('[34] a user without a passkey cannot confirm with one, and the browser is not asked', async () => {
    const { clock, second, authenticator } = await openAda();

    await assert.rejects(clock.wait(second.confirmWithPasskey()), { code: 'not_found', status: 404 });

    assert.deepEqual(authenticator.asked, []);
});

test('[34] a second step that is over asks for no passkey', async () => {
    const { clock, second, authenticator } = await openWithPasskey();
    const before = authenticator.asked.length;

    const login = second.logInWithPasskey({ mfaToken: 'over' });

    await assert.rejects(clock.wait(login), { code: 'invalid_grant' });
    assert.equal(authenticator.asked.length, before);
});

test('[34] what the browser refuses is its own error, and what the service refuses is an AuthError', async () => {
    const { browser, clock, second, authenticator } = await openWithPasskey();
    authenticator.refusal = 'NotAllowedError';
    await assert.rejects(clock.wait(second.logInWithPasskey()), { name: 'NotAllowedError' });
    authenticator.refusal = undefined;

    browser.routes.set('POST /auth/passkey', () => error(401, 'invalid_grant'));
    await assert.rejects(clock.wait(second.logInWithPasskey()), { name: 'AuthError', code: 'invalid_grant' });

    // Nothing says which of its causes it was, so the passkey is not called unknown.
    assert.deepEqual(authenticator.signals.filter(([what]) => what === 'unknown'), []);
});

test('[35] a field offers passkeys, until the person picks one', async () => {
    const { auth, clock, second, authenticator } = await openWithPasskey();
    const waiting = second.logInWithPasskey({ mediation: 'conditional' });
    await clock.pass(2 * MINUTE);
    assert.equal(authenticator.asked.at(-1).kind, 'conditional');
    assert.equal(auth.session, null);

    authenticator.pick();

    const session = await clock.wait(waiting);
    assert.deepEqual(session, auth.session);
    await clock.pass(100);
    assert.equal(clock.pending, 1, 'only the timer of the token');
});

test('[35] a browser that cannot offer passkeys in a field is not asked to', async () => {
    for (const missing of [[], ['isConditionalMediationAvailable']]) {
        const { browser, clock, second, authenticator } = open({ missing });
        authenticator.hasConditional = false;

        assert.equal(await clock.wait(second.logInWithPasskey({ mediation: 'conditional' })), undefined);
        assert.deepEqual([browser.requests, authenticator.asked], [[], []]);
    }
    const { browser, clock, second } = open({ authenticator: undefined });
    assert.equal(await clock.wait(second.logInWithPasskey({ mediation: 'conditional' })), undefined);
    assert.deepEqual(browser.requests, []);
});

test('[35] options that are over are replaced while a field waits, but not in a hidden tab', async () => {
    const { browser, tab, auth, clock, second, authenticator } = await openWithPasskey();
    const waiting = second.logInWithPasskey({ mediation: 'conditional' });
    await clock.pass(11 * MINUTE);
    const before = browser.count('POST /auth/passkey/options');
    assert.equal(before, 3);
    tab.hide();
    await clock.pass(60 * MINUTE);
    assert.equal(browser.count('POST /auth/passkey/options'), before);
    tab.show();
    await clock.pass(2_000);

    authenticator.pick();

    await clock.wait(waiting);
    assert.ok(auth.session);
});

for (const [when, wait, kinds] of [
    ['that waits', (clock) => clock.pass(1_000), ['conditional', 'get']],
    ['that still waits for its options', (clock) => clock.pass(5), ['get']],
    ['that does not know yet whether the browser can do it', undefined, ['get']],
]) {
    test(`[35] a button ends the request of a field ${when}`, async () => {
        const { auth, clock, second, authenticator } = await openWithPasskey();
        const waiting = second.logInWithPasskey({ mediation: 'conditional' });
        const ended = assert.rejects(waiting, { name: 'AbortError' });
        if (wait) await wait(clock);

        await clock.wait(second.logInWithPasskey());

        await ended;
        assert.ok(auth.session);
        assert.deepEqual(
            authenticator.asked.slice(1).map(({ kind }) => kind),
            kinds,
        );
    });
}

test('[35] a request that waits can be ended', async () => {
    const { clock, second } = await openWithPasskey();
    const ended = assert.rejects(second.logInWithPasskey({ mediation: 'conditional' }), { name: 'AbortError' });
    await clock.pass(1_000);

    second.stop();

    await ended;
    assert.equal(clock.pending, 0);
});

/* ---- Factors ---- */

test('[36] an app is added with its first code, and the next token says so', async () => {
    const { browser, auth, clock, second } = await openAda();
    assert.deepEqual(await clock.wait(second.listFactors()), { totp: null, recoveryCodes: 0, passkeys: [] });

    const enrolment = await clock.wait(second.beginTotp());
    const expected = { secret: 'A'.repeat(32), uri: 'otpauth://totp/x', enrolment: 'enrolment', expiresIn: 600 };
    assert.deepEqual(enrolment, expected);
    await assert.rejects(clock.wait(second.confirmTotp('enrolment', '000000')), { code: 'invalid_grant' });
    const { recoveryCodes } = await clock.wait(second.confirmTotp('enrolment', CODE));

    assert.equal(recoveryCodes.length, 10);
    const { totp, recoveryCodes: left } = await clock.wait(second.listFactors());
    assert.deepEqual([totp, left], [{ addedAt: 1_764_034_234 }, 10]);
    assert.equal((await clock.wait(auth.fetch(PAYOUT))).status, 200);
    assert.equal(browser.count('POST /auth/refresh'), 1);
    await assert.rejects(clock.wait(second.confirmTotp('enrolment', CODE)), { code: 'conflict' });
});

test('[36] an app that was added stays added if the token cannot be replaced', async () => {
    const { browser, clock, second } = await openAda();
    browser.routes.set('POST /auth/refresh', () => gateway(503, 'Service Unavailable'));

    const { recoveryCodes } = await clock.wait(second.confirmTotp('enrolment', CODE));

    assert.equal(recoveryCodes.length, 10);
});

test('[36] recovery codes are replaced, and an app is removed', async () => {
    const { clock, second, service, auth } = await openAda();
    const [old] = service.factors.addTotp(ADA);
    await assert.rejects(clock.wait(second.renewRecoveryCodes()), { code: 'insufficient_user_authentication' });
    await clock.wait(auth.confirm({ password: PASSWORD, code: CODE }));

    const { recoveryCodes } = await clock.wait(second.renewRecoveryCodes());
    await clock.wait(second.removeTotp());

    assert.ok(recoveryCodes.length === 10 && !recoveryCodes.includes(old));
    assert.equal((await clock.wait(second.listFactors())).totp, null);
});

test('[36] a passkey is added, renamed and removed, and the password manager learns of it', async () => {
    const { browser, clock, second, authenticator } = await openAda();
    const bodies = bodiesOf(browser, 'POST /auth/factors/passkeys');

    const first = await clock.wait(second.addPasskey({ label: 'laptop' }));
    authenticator.passkeys.clear();
    const other = await clock.wait(second.addPasskey());

    assert.deepEqual([first.recoveryCodes.length, other.recoveryCodes.length], [10, 0]);
    assert.equal(bodies[0].label, 'laptop');
    const { response } = bodies[0].credential;
    const names = ['attestationObject', 'authenticatorData', 'clientDataJSON', 'publicKey', 'publicKeyAlgorithm', 'transports'];
    assert.deepEqual(Object.keys(response).sort(), names);
    assert.deepEqual([response.publicKeyAlgorithm, response.transports], [-7, ['internal']]);
    const { publicKey } = authenticator.asked.at(-1);
    assert.deepEqual(Buffer.from(publicKey.user.id).toString(), ADA);
    assert.deepEqual(Buffer.from(publicKey.excludeCredentials[0].id).toString('base64url'), first.id);

    await clock.wait(second.renamePasskey(first.id, 'the old laptop'));
    const { passkeys } = await clock.wait(second.listFactors());
    const times = { addedAt: 1_764_034_234, lastUsedAt: undefined };
    assert.deepEqual(passkeys[0], { id: first.id, label: 'the old laptop', ...times, synced: true });
    await clock.wait(second.removePasskey(first.id));

    assert.deepEqual((await clock.wait(second.listFactors())).passkeys.map(({ id }) => id), [other.id]);
    const known = authenticator.signals.map(([kind, what]) => [kind, what.allAcceptedCredentialIds]);
    assert.deepEqual(known, [
        ['all', [first.id]],
        ['all', [first.id, other.id]],
        ['all', [other.id]],
    ]);
    const [, { rpId, userId }] = authenticator.signals[0];
    assert.deepEqual([rpId, Buffer.from(userId, 'base64url').toString()], ['example.com', ADA]);
});

test('[36] a passkey that the service refuses is called unknown, and one whose answer is lost is not', async () => {
    const { browser, clock, second, authenticator } = await openAda();
    for (const [answer, isUnknown] of [
        [() => error(400, 'invalid_request'), true],
        [() => error(503, 'temporarily_unavailable'), false],
        [() => Promise.reject(new TypeError('Failed to fetch')), false],
    ]) {
        authenticator.signals.length = 0;
        browser.routes.set('POST /auth/factors/passkeys', answer);

        await assert.rejects(clock.wait(second.addPasskey()), { name: 'AuthError' });

        const told = authenticator.signals.map(([kind, { rpId, credentialId }]) => [kind, rpId, credentialId]);
        const id = [...authenticator.passkeys.keys()].at(-1);
        assert.deepEqual(told, isUnknown ? [['unknown', 'example.com', id]] : []);
    }
});

test('[36] an eleventh passkey is refused, and called unknown if it has been made', async () => {
    const { clock, browser, second, authenticator } = await openAda();
    for (let count = 0; count < 10; count++) {
        await clock.wait(second.addPasskey());
        authenticator.passkeys.clear();
    }
    const before = authenticator.asked.length;
    await assert.rejects(clock.wait(second.addPasskey()), { code: 'conflict', status: 409 });
    assert.equal(authenticator.asked.length, before);

    // Another device was faster.
    await clock.wait(second.removePasskey((await clock.wait(second.listFactors())).passkeys[0].id));
    authenticator.signals.length = 0;
    browser.routes.set('POST /auth/factors/passkeys', () => error(409, 'conflict'));
    await assert.rejects(clock.wait(second.addPasskey()), { code: 'conflict', status: 409 });

    const id = [...authenticator.passkeys.keys()].at(-1);
    assert.deepEqual(authenticator.signals.map(([kind, { credentialId }]) => [kind, credentialId]), [['unknown', id]]);
});

test('[36] a passkey that is not there is neither renamed nor removed', async () => {
    const { clock, second } = await openAda();

    await assert.rejects(clock.wait(second.renamePasskey('gone', 'x')), { code: 'not_found' });
    await assert.rejects(clock.wait(second.removePasskey('gone')), { code: 'not_found' });
});

for (const [what, lose] of [
    ['is lost', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['is an outage', () => gateway(503, 'Service Unavailable')],
]) {
    test(`[36] a passkey is sent again if the answer ${what}, and its recovery codes arrive`, async () => {
        const { browser, clock, second, service } = await openAda();
        let count = 0;
        browser.routes.set('POST /auth/factors/passkeys', async (usual) => {
            const answer = await usual();
            return ++count === 1 ? lose() : answer;
        });

        const { id, recoveryCodes } = await clock.wait(second.addPasskey());

        assert.equal(count, 2);
        assert.equal(recoveryCodes.length, 10);
        assert.ok(service.factors.spend(ADA, { recovery_code: recoveryCodes[0] }));
        assert.deepEqual((await clock.wait(second.listFactors())).passkeys.map((one) => one.id), [id]);
    });
}

test('[36] a passkey that may have been added before is not called unknown', async () => {
    const { browser, clock, second, authenticator } = await openAda();
    let count = 0;
    const answers = [() => error(503, 'temporarily_unavailable'), () => error(429, 'throttled')];
    browser.routes.set('POST /auth/factors/passkeys', () => answers[count++]());

    await assert.rejects(clock.wait(second.addPasskey()), { code: 'throttled' });

    assert.deepEqual(authenticator.signals, []);
});

test('[36] a passkey that is refused is not sent again', async () => {
    const { browser, clock, second } = await openAda();
    browser.routes.set('POST /auth/factors/passkeys', () => error(429, 'throttled'));

    await assert.rejects(clock.wait(second.addPasskey()), { code: 'throttled' });

    assert.equal(browser.count('POST /auth/factors/passkeys'), 1);
});

test('[36] a browser without signals works too, and makes no request for them', async () => {
    const missing = ['signalAllAcceptedCredentials', 'signalUnknownCredential'];
    const { browser, clock, second } = await openAda({ missing });
    const { id } = await clock.wait(second.addPasskey());

    await clock.wait(second.removePasskey(id));

    assert.equal(browser.count('POST /auth/factors/passkeys/options'), 1);
    browser.routes.set('POST /auth/factors/passkeys', () => error(400, 'invalid_request'));
    await assert.rejects(clock.wait(second.addPasskey()), { code: 'invalid_request' });
});

test('[36] a device that has a passkey of the user gets no second one', async () => {
    const { clock, second } = await openAda();
    await clock.wait(second.addPasskey());

    await assert.rejects(clock.wait(second.addPasskey()), { name: 'InvalidStateError' });
});

test('[36] a page that is no answer is none, and nobody is logged out by it', async () => {
    const { browser, auth, clock, second } = await openAda();
    for (const [method, path, act] of [
        ['GET', 'factors', () => second.listFactors()],
        ['POST', 'factors/totp', () => second.beginTotp()],
        ['POST', 'factors/recovery', () => second.renewRecoveryCodes()],
        ['POST', 'passkey/options', () => second.logInWithPasskey()],
        ['POST', 'login/second/options', () => second.logInWithPasskey({ mfaToken: 'x' })],
        ['POST', 'confirm/options', () => second.confirmWithPasskey()],
        ['POST', 'factors/passkeys/options', () => second.addPasskey()],
        ['DELETE', 'factors/totp', () => second.removeTotp()],
    ]) {
        browser.routes.set(`${method} /auth/${path}`, () => new Response('{"hello":"hotel"}', { status: 200 }));
        await assert.rejects(clock.wait(act()), { code: 'unexpected_answer' }, path);
        browser.routes.set(`${method} /auth/${path}`, () => gateway(429, 'Too Many Requests'));
        await assert.rejects(clock.wait(act()), { code: 'throttled', status: 429 }, path);
    }
    assert.ok(auth.session);
});
