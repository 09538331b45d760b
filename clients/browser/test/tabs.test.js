// Tests of several tabs in one browser: the properties [1], [3], [17] and [18].
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.js';

const API = 'https://auth.example.com/things/1';

/** Opens five tabs of a logged-in user, and then makes the service refuse their tokens. */
const openFive = async (options) => {
    const browser = new Browser();
    const first = browser.open(options);
    await first.login();
    const tabs = [first, ...Array.from({ length: 4 }, () => browser.open(options))];
    for (const tab of tabs) await browser.clock.wait(tab.auth.ready);
    await browser.clock.pass(1_000);
    browser.service.refuseTokens();
    browser.requests.length = 0;
    return { browser, tabs };
};

/** Makes ten calls in each tab at the same time. Returns their statuses, and how long they took. */
const callTenTimes = async (browser, tabs) => {
    const start = browser.clock.now;
    const calls = tabs.flatMap((tab) => Array.from({ length: 10 }, () => tab.auth.fetch(API)));
    const answers = await browser.clock.wait(Promise.all(calls));
    return { statuses: answers.map(({ status }) => status), elapsed: browser.clock.now - start };
};

const ALL_GOOD = Array(50).fill(200);

test('[3] five tabs with ten refused calls each make one refresh', async () => {
    const { browser, tabs } = await openFive();

    const { statuses } = await callTenTimes(browser, tabs);

    assert.deepEqual(statuses, ALL_GOOD);
    assert.equal(browser.count('POST /auth/refresh'), 1);
});

test('[3] five tabs that open at the same time make one refresh', async () => {
    const browser = new Browser();
    await browser.open().login();
    browser.requests.length = 0;
    const tabs = Array.from({ length: 5 }, () => browser.open());

    const sessions = await browser.clock.wait(Promise.all(tabs.map((tab) => tab.auth.ready)));

    assert.deepEqual(new Set(sessions.map(({ sid }) => sid)).size, 1);
    assert.equal(browser.count('POST /auth/refresh'), 1);
});

test('[3] a refresh that failed does not stand in the way of the next one', async () => {
    const { browser, tabs } = await openFive();
    browser.routes.set('POST /auth/refresh', () => new Response('{}', { status: 503 }));
    await assert.rejects(callTenTimes(browser, tabs.slice(0, 1)), { status: 503 });
    browser.routes.clear();
    await browser.clock.pass(2_000);

    const { statuses } = await callTenTimes(browser, tabs.slice(0, 1));

    assert.deepEqual(statuses, ALL_GOOD.slice(0, 10));
    assert.equal(browser.count('POST /auth/refresh'), 2);
});

for (const [what, options] of [
    ['without Web Locks', { locks: false }],
    ['without BroadcastChannel', { channel: false }],
    ['without both', { locks: false, channel: false }],
]) {
    test(`[18] ${what}, each tab makes one refresh and nobody is logged out`, async () => {
        const { browser, tabs } = await openFive(options);

        const { statuses, elapsed } = await callTenTimes(browser, tabs);

        assert.deepEqual(statuses, ALL_GOOD);
        assert.equal(browser.count('POST /auth/refresh'), 5);
        assert.ok(elapsed < 200, `${elapsed} ms`);
    });
}

test('[18] a browser that refuses locks and channels is like one without them', async () => {
    const browser = new Browser();
    const tab = browser.open();
    tab.page.navigator.locks.request = () => Promise.reject(new DOMException('no', 'SecurityError'));
    await tab.login();
    browser.service.refuseTokens();

    const response = await browser.clock.wait(tab.auth.fetch(API), 1_000);

    assert.equal(response.status, 200);
});

test('[18] without BroadcastChannel, a logout elsewhere is learned at the next call', async () => {
    const {
        browser,
        tabs: [one, other],
    } = await openFive({ channel: false });
    await browser.clock.wait(one.auth.logout());
    assert.equal(other.auth.session?.sid, 'session-1');

    const response = await browser.clock.wait(other.auth.fetch(API));

    assert.equal(response.status, 403);
    assert.equal(other.auth.session, null);
});

test('[1] a lock that is held for ever delays nobody for longer than 4 s, and nothing is stolen', async () => {
    const { browser, tabs } = await openFive();
    browser.holdLocks('gatehouse https://auth.example.com/');

    const { statuses, elapsed } = await callTenTimes(browser, tabs);

    assert.deepEqual(statuses, ALL_GOOD);
    assert.ok(elapsed > 2_000 && elapsed < 4_000, `${elapsed} ms`);
    assert.equal(browser.stolen, 0);
    assert.ok(tabs.every((tab) => tab.auth.session));
});

test('[1] a tab that closes while it refreshes delays the others by at most 4 s', async () => {
    const { browser, tabs } = await openFive();
    const first = tabs[0].auth.fetch(API);
    first.catch(() => {});
    await browser.clock.pass(50);
    tabs[0].close();

    const { statuses, elapsed } = await callTenTimes(browser, tabs.slice(1));

    assert.deepEqual(statuses, ALL_GOOD.slice(10));
    assert.ok(elapsed < 4_000, `${elapsed} ms`);
});

test('[1] a lock that comes after the wait was given up is let go', async () => {
    const {
        browser,
        tabs: [tab, other],
    } = await openFive();
    const name = 'gatehouse https://auth.example.com/';
    let letGo;
    browser.locks().request(name, {}, () => new Promise((resolve) => (letGo = resolve)));
    tab.page.navigator.locks = browser.locks({ isLate: true });
    await callTenTimes(browser, [tab]);
    letGo();
    await browser.clock.pass(1_000);
    browser.service.refuseTokens();

    const { elapsed } = await callTenTimes(browser, [other]);

    assert.ok(elapsed < 1_000, `${elapsed} ms`);
});

test('[17] a login in one tab reaches the others', async () => {
    const browser = new Browser();
    const [one, other] = [browser.open(), browser.open()];
    other.watch();
    await browser.clock.wait(other.auth.ready);
    await browser.clock.pass(100);

    const { sid } = await one.login();
    await browser.clock.pass(100);

    assert.deepEqual(other.changes, [null, sid]);
    browser.requests.length = 0;
    assert.equal((await browser.clock.wait(other.auth.fetch(API))).status, 200);
    assert.equal(browser.count('POST /auth/refresh'), 0);
});

test('[17] another user in another tab is a change', async () => {
    const browser = new Browser();
    const [one, other] = [browser.open(), browser.open()];
    const ada = await one.login();
    other.watch();
    await browser.clock.wait(other.auth.ready);
    await browser.clock.pass(100);

    const bob = await one.login('bob@example.com');
    await browser.clock.pass(100);

    assert.notEqual(ada.sid, bob.sid);
    assert.deepEqual(other.changes, [ada.sid, bob.sid]);
});

test('[17] without BroadcastChannel, what one user asked for is never sent as another', async () => {
    const browser = new Browser();
    const [one, other] = [browser.open({ channel: false }), browser.open({ channel: false })];
    await one.login();
    await browser.clock.wait(other.auth.ready);
    await one.login('bob@example.com');
    browser.service.end('session-1');
    browser.requests.length = 0;

    const refused = await browser.clock.wait(other.auth.fetch(API, { method: 'POST', body: 'of ada' }));

    assert.equal(refused.status, 403);
    assert.equal(browser.count('POST /things/1'), 1);
    const response = await browser.clock.wait(other.auth.fetch(API));
    assert.equal((await response.json()).user, 'bob@example.com');
});

test('[17] a call that waited while another user logged in is not sent', async () => {
    const browser = new Browser();
    const [one, other] = [browser.open({ channel: false }), browser.open({ channel: false })];
    await one.login();
    await browser.clock.wait(other.auth.ready);
    await one.login('bob@example.com');
    other.drift = 890_000;

    const call = browser.clock.wait(other.auth.fetch(API, { method: 'POST', body: 'of ada' }));

    await assert.rejects(call, { code: 'session_changed' });
    assert.equal(browser.count('POST /things/1'), 0);
});
