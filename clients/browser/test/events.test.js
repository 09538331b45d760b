// Tests of events, and of the session that they report: the properties [2] and [12].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, openLoggedIn } from './browser.js';

const API = 'https://auth.example.com/things/1';
const REFRESH = 'POST /auth/refresh';

test('[2] an event comes after the promise of the call that caused it, and outside of every lock', async () => {
    const browser = new Browser();
    const tab = browser.open();
    const order = [];
    await browser.clock.wait(tab.auth.ready);
    await browser.clock.pass(100);
    tab.auth.onChange(() => order.push('event'));

    await browser.clock.wait(
        tab.auth.login({ email: 'ada@example.com', password: 'correct horse' }).then(() => order.push('promise')),
    );
    await browser.clock.pass(100);

    assert.deepEqual(order, ['promise', 'event']);
});

test('[2] a callback may call the client and wait for it', async () => {
    const browser = new Browser();
    const tab = browser.open();
    const seen = [];
    tab.auth.onChange(async (session) => {
        if (!session) return;
        seen.push((await tab.auth.fetch(API)).status);
        seen.push(typeof (await tab.auth.getToken(await tab.auth.getToken())));
        await tab.auth.logout();
        seen.push('out');
    });

    await tab.login();
    await browser.clock.pass(5_000);

    assert.deepEqual(seen, [200, 'string', 'out']);
});

test('[2] a callback that fails harms neither the others nor the client', async () => {
    const browser = new Browser();
    const tab = browser.open();
    tab.auth.onChange(() => {
        throw new Error('of the page');
    });
    tab.watch();

    await tab.login();
    await browser.clock.pass(100);

    assert.deepEqual(tab.changes, [null, 'session-1']);
    assert.deepEqual(browser.uncaught, ['of the page', 'of the page']);
});

test('[12] nothing but another session is an event', async () => {
    const { browser, tab, auth, clock, service } = await openLoggedIn();
    for (let round = 0; round < 3; round++) {
        tab.hide();
        await clock.pass(1_000_000);
        tab.show();
        tab.fire('online');
        tab.fire('pageshow', { persisted: false });
        await clock.pass(1_000);
        service.refuseTokens();
        await clock.wait(auth.fetch(API));
    }

    assert.ok(browser.count(REFRESH) >= 6);
    assert.deepEqual(tab.changes, []);
});

test('[12] the session is the same object until it changes', async () => {
    const { tab, auth, clock, service } = await openLoggedIn();
    const before = auth.session;
    await clock.wait(auth.getToken(await clock.wait(auth.getToken())));
    assert.equal(auth.session, before);
    service.scope = 'reports:write';
    await clock.pass(40_000);

    await clock.wait(auth.getToken(await clock.wait(auth.getToken())));
    await clock.pass(100);

    assert.deepEqual(auth.session, { sid: before.sid, scope: 'reports:write' });
    assert.deepEqual(tab.changes, [before.sid]);
    assert.ok(Object.isFrozen(auth.session));
});
