// Tests of logouts: the property [16].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLoggedIn } from './browser.js';
import { gateway } from './service.js';

const LOGOUT = 'POST /auth/logout';

test('[16] a logout forgets the session at once, whatever the network does', async () => {
    const { browser, tab, auth, clock } = await openLoggedIn();
    browser.isOnline = false;

    const logout = auth.logout();

    assert.equal(auth.session, null);
    await assert.rejects(clock.wait(logout), { name: 'AuthError', status: 0, code: 'no_answer' });
    assert.equal(await auth.getToken(), null);
    await clock.pass(100);
    assert.deepEqual(tab.changes, [null]);
});

test('[16] a logout that did not reach the service is sent again instead of a revival', async () => {
    const { browser, tab, auth, clock, service } = await openLoggedIn();
    browser.isOnline = false;
    await assert.rejects(clock.wait(auth.logout()));
    browser.isOnline = true;

    tab.fire('pageshow', { persisted: true });
    await clock.pass(200);

    assert.equal(auth.session, null);
    assert.ok(!service.isAlive('session-1'));
});

test('[16] a logout of a page that closes reaches the service', async () => {
    const { browser, tab, auth, clock, service } = await openLoggedIn();

    auth.logout().catch(() => {});
    tab.close();
    await clock.pass(200);

    assert.ok(!service.isAlive('session-1'));
    assert.equal(browser.cookies.get('__Host-refresh'), undefined);
});

test('[16] a logout reaches the other tabs, and they ask nobody', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    const other = browser.open();
    await clock.wait(other.auth.ready);
    other.watch();
    browser.requests.length = 0;

    const logout = auth.logout();
    await clock.pass(10);

    assert.equal(other.auth.session, null);
    await clock.wait(logout);
    await clock.pass(100);
    assert.equal(other.auth.session, null);
    assert.deepEqual(other.changes, [null]);
    assert.equal(browser.requests.length, 1);
});

test('[16] a second logout is no error', async () => {
    const { browser, auth, clock } = await openLoggedIn();

    await clock.wait(auth.logout());
    await clock.wait(auth.logout());

    assert.equal(browser.count(LOGOUT, 204), 2);
});

test('[16] a login right after a logout keeps its cookie', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    browser.routes.set(LOGOUT, async (usual) => {
        const answer = await usual();
        await browser.sleep(1_000);
        return answer;
    });

    const logout = auth.logout();
    const bob = await clock.wait(auth.login({ email: 'bob@example.com', password: 'battery staple' }));

    await logout;
    assert.ok(browser.cookies.get('__Host-refresh').startsWith(bob.sid));
});

test('[16] the scope "others" ends no session here, and the scope is sent', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    const scopes = [];
    browser.routes.set(
        LOGOUT,
        async (_, request) => scopes.push((await request.json()).scope) && new Response(null, { status: 204 }),
    );

    const other = browser.open();
    await clock.wait(other.auth.ready);

    await clock.wait(auth.logout({ scope: 'others' }));
    await clock.pass(100);

    assert.ok(auth.session);
    assert.ok(other.auth.session);
    await clock.wait(auth.logout({ scope: 'all' }));
    assert.equal(auth.session, null);
    assert.deepEqual(scopes, ['others', 'all']);
});

test('[16] a tab that opens during a logout ends up logged out, even if the logout fails', async () => {
    for (const isUp of [true, false]) {
        const { browser, auth, clock } = await openLoggedIn();
        browser.routes.set(LOGOUT, async (usual) => {
            await browser.sleep(500);
            return isUp ? usual() : gateway(503, 'Service Unavailable');
        });

        const logout = auth.logout().catch(() => {});
        await clock.pass(100);
        const late = browser.open();
        assert.equal((await clock.wait(late.auth.ready)).sid, 'session-1');
        await clock.wait(logout);
        await clock.pass(100);

        assert.equal(late.auth.session, null);
        assert.equal(await clock.wait(late.auth.getToken()), null);
    }
});

test('[16] an answer that comes to a new tab after the logout does not log it in', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    browser.routes.set(LOGOUT, async (usual) => {
        await browser.sleep(500);
        return usual();
    });
    browser.routes.set('POST /auth/refresh', async (usual) => {
        const answer = await usual();
        await browser.sleep(1_000);
        return answer;
    });

    const logout = auth.logout();
    await clock.pass(100);
    const late = browser.open();
    const ready = late.auth.ready;
    await clock.wait(logout);

    assert.equal(await clock.wait(ready), null);
});

test('[16] a logout of a session that is not known yet reaches a tab that opens meanwhile', async () => {
    const { browser, clock } = await openLoggedIn({ channel: false });
    browser.routes.set(LOGOUT, async (usual) => {
        await browser.sleep(500);
        return usual();
    });

    const logout = browser.open().auth.logout();
    await clock.pass(100);
    const late = browser.open();
    assert.equal((await clock.wait(late.auth.ready)).sid, 'session-1');
    await clock.wait(logout);
    await clock.pass(200);

    assert.equal(late.auth.session, null);
});

test('[16] such a logout does not end the session of a login that came meanwhile', async () => {
    const { browser, auth, clock } = await openLoggedIn();
    // The service has ended the session, and its answer is still on its way.
    browser.routes.set(LOGOUT, async () => {
        browser.service.end('session-1');
        await browser.sleep(500);
        return new Response(null, { status: 204 });
    });

    const logout = browser.open().auth.logout();
    await clock.pass(100);
    const bob = await clock.wait(auth.login({ email: 'bob@example.com', password: 'battery staple' }));
    await clock.wait(logout);
    await clock.pass(200);

    assert.equal(auth.session?.sid, bob.sid);
    assert.equal(browser.count(LOGOUT), 1);
});
