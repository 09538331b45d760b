// Tests of who is logged in, from the start of a client to its end: the properties [13], [14], [15] and [21].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, openLoggedIn } from './browser.js';
import { error } from './service.js';

const API = 'https://auth.example.com/things/1';
const REFRESH = 'POST /auth/refresh';

test('[13] a page from the back/forward cache asks before it shows who was logged in', async () => {
    const { browser, tab, auth, clock } = await openLoggedIn();
    const shown = [];
    auth.onChange((session) => shown.push(session === undefined ? 'nothing' : session));
    browser.cookies.delete('__Host-refresh');
    browser.service.end('session-1');

    tab.fire('pageshow', { persisted: true });

    assert.equal(auth.session, undefined);
    await clock.pass(100);
    assert.deepEqual(shown.at(-1), null);
    assert.equal(browser.count(REFRESH), 1);
});

test('[13] a page from the back/forward cache shows the same user again', async () => {
    const { browser, tab, auth, clock } = await openLoggedIn();

    tab.fire('pageshow', { persisted: true });
    const response = await clock.wait(auth.fetch(API));

    assert.equal(response.status, 200);
    assert.equal(auth.session.sid, 'session-1');
    assert.deepEqual(tab.changes, [undefined, 'session-1']);
    assert.ok(!browser.touched.some((name) => /unload/.test(name)));
});

test('[13] a page of nobody from the back/forward cache learns who logged in meanwhile', async () => {
    const browser = new Browser();
    const options = { channel: false };
    const [tab, other] = [browser.open(options), browser.open(options)];
    assert.equal(await browser.clock.wait(tab.auth.ready), null);
    await other.login();

    tab.fire('pageshow', { persisted: true });
    await browser.clock.pass(100);

    assert.equal(tab.auth.session.sid, 'session-1');
});

test('[14] the session is unknown, then nobody or somebody, and ready waits for it', async () => {
    const browser = new Browser();
    const first = browser.open();
    const { ready } = first.auth;
    assert.equal(first.auth.session, undefined);
    assert.equal(await browser.clock.wait(ready), null);
    assert.equal(first.auth.session, null);
    await first.login();

    const second = browser.open();

    assert.equal(second.auth.session, undefined);
    assert.deepEqual(await browser.clock.wait(second.auth.ready), { sid: 'session-1', scope: 'reports:read' });
});

test('[14] a service that cannot be asked leaves it unknown, and onChange has it later', async () => {
    const { browser, clock } = await openLoggedIn();
    browser.routes.set(REFRESH, () => error(503, 'temporarily_unavailable'));
    const tab = browser.open();
    tab.watch();

    assert.equal(await clock.wait(tab.auth.ready), undefined);
    await assert.rejects(clock.wait(tab.auth.fetch(API)), { code: 'temporarily_unavailable' });
    assert.equal(browser.count('GET /things/1'), 0);

    browser.routes.clear();
    await clock.pass(5_000);
    assert.deepEqual(tab.changes, ['session-1']);
});

test('[15] the answer to a refresh that left before a logout does not bring the session back', async () => {
    const { browser, tab, auth, clock } = await openLoggedIn();
    browser.routes.set(REFRESH, async (usual) => {
        const answer = await usual();
        await browser.sleep(3_000);
        return answer;
    });
    const token = auth.getToken().then((current) => auth.getToken(current));
    await clock.pass(500);

    await clock.wait(auth.logout());
    await clock.pass(5_000);

    assert.equal(await token, null);
    assert.equal(auth.session, null);
    assert.deepEqual(tab.changes, [null]);
});

test('[15] the answer to the first refresh, with a logout before it arrives, logs nobody in', async () => {
    const { browser, clock } = await openLoggedIn();
    const tab = browser.open();
    browser.routes.set(REFRESH, async (usual) => {
        const answer = await usual();
        await browser.sleep(1_000);
        return answer;
    });
    const { ready } = tab.auth;
    await clock.pass(100);

    await clock.wait(tab.auth.logout());

    assert.equal(await clock.wait(ready), null);
    assert.equal(tab.auth.session, null);
});

test('[15] a token of another tab that comes after a logout does not bring the session back', async () => {
    const { browser, tab, auth, clock } = await openLoggedIn();
    const session = { ...auth.session };
    await clock.wait(auth.logout());

    browser.shout({ session, token: 'late', life: 900_000 });
    await clock.pass(100);

    assert.equal(auth.session, null);
    assert.deepEqual(tab.changes, [null]);
});

test('[15] a login and a refresh do not overtake each other', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    browser.routes.set(REFRESH, async (usual) => {
        const answer = await usual();
        await browser.sleep(1_000);
        return answer;
    });
    auth.getToken(await clock.wait(auth.getToken()));
    await clock.pass(100);

    const bob = await clock.wait(auth.login({ email: 'bob@example.com', password: 'battery staple' }));

    await clock.pass(2_000);
    assert.equal(auth.session.sid, bob.sid);
    assert.ok(browser.cookies.get('__Host-refresh').startsWith(bob.sid));
});

test('[15] a login whose answer comes after a logout is ended', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    browser.routes.set('POST /auth/login', async (usual) => {
        const answer = await usual();
        await browser.sleep(1_000);
        return answer;
    });
    const login = auth.login({ email: 'bob@example.com', password: 'battery staple' });
    login.catch(() => {});
    await clock.pass(500);

    await clock.wait(auth.logout());

    await assert.rejects(clock.wait(login), { code: 'logged_out' });
    await clock.pass(100);
    assert.equal(auth.session, null);
    assert.equal(browser.cookies.get('__Host-refresh'), undefined);
});

test('[21] making a client does nothing until its first use', async () => {
    const browser = new Browser();
    const tab = browser.open();
    tab.createAuth();

    await browser.clock.pass(60_000);

    assert.equal(tab.auth.session, undefined);
    assert.deepEqual(
        [browser.requests.length, browser.clock.pending, browser.openChannels, tab.listenerCount],
        [0, 0, 0, 0],
    );
});

test('[21] on a server nothing is asked, started or thrown before a call', async () => {
    const browser = new Browser();
    const tab = browser.open({ server: true });
    const auth = tab.createAuth({ baseUrl: '/' });
    const stop = auth.onChange(() => assert.fail('nobody can log in on a server'));

    assert.equal(await auth.ready, undefined);
    assert.equal(auth.session, undefined);
    await assert.rejects(auth.fetch('/things/1'), { name: 'AuthError', code: 'no_answer' });
    await assert.rejects(auth.getToken(), { name: 'AuthError', code: 'no_answer' });
    await assert.rejects(auth.login({ email: 'a', password: 'b' }), { name: 'AuthError', code: 'no_answer' });
    stop();
    auth.dispose();

    assert.equal(browser.clock.pending, 0);
});

test('[21] dispose ends everything, also while a refresh is running', async () => {
    const { browser, tab, auth, clock, service } = await openLoggedIn();
    service.refuseTokens();
    auth.fetch(API).catch(() => {});
    await clock.pass(30);

    auth.dispose();
    await clock.pass(10_000);
    assert.equal(clock.pending, 0);
    browser.requests.length = 0;
    await clock.pass(3_600_000);
    tab.fire('online');
    tab.show();
    await clock.pass(1_000);

    assert.deepEqual([browser.requests.length, clock.pending, browser.openChannels, tab.listenerCount], [0, 0, 0, 0]);
    assert.deepEqual(tab.changes, []);
});

test('[21] StrictMode: a client that was disposed of starts again', async () => {
    const { browser, clock } = await openLoggedIn();
    const tab = browser.open();
    tab.watch();
    tab.auth.dispose();
    tab.watch();

    await clock.pass(1_000);

    assert.deepEqual(tab.changes, ['session-1']);
    tab.auth.dispose();
    assert.equal(tab.auth.session, undefined);
    assert.equal((await clock.wait(tab.auth.ready)).sid, 'session-1');
    assert.equal((await clock.wait(tab.auth.fetch(API))).status, 200);
});

test('[21] two clients of one page share nothing', async () => {
    const { browser, tab, auth, clock } = await openLoggedIn();
    const other = tab.createAuth({ baseUrl: 'https://other.example.com' });
    browser.routes.set(REFRESH, () => error(401, 'login_required'));

    assert.equal(await clock.wait(other.ready), null);
    await clock.pass(100);

    assert.ok(auth.session);
    assert.equal(browser.requests.at(-1).origin, 'https://other.example.com');
});
