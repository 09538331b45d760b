// What a user does with each example that has a page.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EMAIL, inEachBrowser, PASSWORD, sleep } from '../../clients/pages/test/browsers.js';

process.env.BROWSER ??= 'chromium';
const PAGES = JSON.parse(process.env.PAGES);
const { SECOND_EMAIL, SECOND_PASSWORD } = process.env;
/** How long a page may take to send what it should not send, in ms. TanStack Query repeats after 1 s. */
const QUIET = 2_500;

const define = (withPage, name) => {
    it('logs in, and stays logged in after a reload, with one refresh', () =>
        withPage(async (page) => {
            await page.open();
            await page.waitForVisible('#login');
            await page.submit({ email: EMAIL, password: 'wrong' });
            await page.waitForText('#message', /^The email address or the password is wrong\./);
            await page.submit({ email: EMAIL, password: PASSWORD });
            await page.waitForText('#user', /@/);
            assert.equal(await page.text('#user'), EMAIL);
            assert.equal(await page.isShown('#login'), false);

            page.sent.length = 0;
            await page.open();
            await page.waitForText('#user', /@/);
            await sleep(500);

            console.log(`${name}: requests at load: ${page.sent.join(', ')}`);
            assert.deepEqual(page.sent, ['POST /auth/refresh', 'GET /auth/me']);
        }));

    it('asks once at load if nobody is logged in', () =>
        withPage(async (page) => {
            await page.open();
            await page.waitForVisible('#login');
            await sleep(500);

            assert.deepEqual(page.sent, ['POST /auth/refresh']);
        }));

    it('shows nothing of a user who logged out in another tab', () =>
        withPage(async (page) => {
            await page.open();
            await page.logIn();
            const other = await page.another();
            await other.open();
            await other.waitForText('#user', /@/);

            await other.click('#logout');

            await page.waitForVisible('#login');
            assert.doesNotMatch(await page.content(), new RegExp(EMAIL));
            await other.waitForVisible('#login');

            // What is shown after the next login was not kept from the last one.
            await page.answer('/auth/me', ({ request }) => request.respond({ status: 404, body: '{}' }));
            await page.submit({ email: EMAIL, password: PASSWORD });
            await page.waitForText('#message', /404/);
            assert.doesNotMatch(await page.content(), new RegExp(EMAIL));
            await other.waitForText('#user', /@/);
        }));

    it('shows nothing of the last user when another one logs in, in another tab', () =>
        withPage(async (page) => {
            await page.open();
            await page.logIn();
            const other = await page.another();
            await other.open();
            await other.waitForText('#user', /@/);
            let tell;
            const isAsked = new Promise((resolve) => (tell = resolve));
            await page.answer('/auth/me', async ({ request }) => {
                tell();
                await sleep(1_000);
                await request.continue();
            });

            await other.logInWithClient({ email: SECOND_EMAIL, password: SECOND_PASSWORD });
            await isAsked;

            assert.doesNotMatch(await page.content(), new RegExp(EMAIL));
            assert.equal(await page.waitForText('#user', /@/), SECOND_EMAIL);
            assert.equal(await other.waitForText('#user', /second/), SECOND_EMAIL);
        }));

    it('replaces a token that the API refuses, and repeats the request once', () =>
        withPage(async (page) => {
            await page.open();
            await page.logIn();
            await page.answer('/auth/me', ({ request, count }) => (count === 1 ? tamper(request) : request.continue()));

            page.sent.length = 0;
            await page.askAgain();
            await sleep(QUIET);

            assert.equal(await page.text('#user'), EMAIL);
            assert.deepEqual(page.sent.slice(-3), ['GET /auth/me', 'POST /auth/refresh', 'GET /auth/me']);
        }));

    it('does not repeat a request that is forbidden', () =>
        withPage(async (page) => {
            await page.open();
            await page.logIn();
            await page.answer('/auth/me', ({ request }) => tamper(request));

            page.sent.length = 0;
            await page.askAgain();
            await page.waitForText('#message', /403/);
            await sleep(QUIET);

            const sent = page.sent.filter((line) => line === 'GET /auth/me').length;
            assert.equal(sent, 2);
            assert.ok(page.sent.filter((line) => line === 'POST /auth/refresh').length <= 2);
            assert.equal(await page.isShown('#account'), true);
        }));

    it('keeps the session while the service cannot answer', () =>
        withPage(async (page) => {
            await page.open();
            await page.logIn();
            const fail = ({ request }) => request.respond({ status: 503, body: '{"message":"Service Unavailable"}' });
            await page.answer('/auth/refresh', fail);

            await page.open();
            await page.waitForText('[role=alert]', /does not answer/);
            assert.equal(await page.isShown('#login'), false);

            await page.answer('/auth/refresh', ({ request }) => request.continue());
            await page.waitForText('#user', /@/);
        }));
};

/** Sends a request with a token that the authorizer refuses. */
const tamper = (request) => request.continue({ headers: { ...request.headers(), authorization: 'Bearer wrong' } });

/** A tab with an example. */
class Page {
    /** The requests to the service, in order. */
    sent = [];
    /** How requests to a path are answered. */
    answers = new Map();

    constructor(tab, port) {
        this.tab = tab;
        this.origin = `http://localhost:${port}`;
        for (const name of ['text', 'waitForText', 'waitForVisible']) this[name] = (...values) => tab[name](...values);
        for (const name of ['click', 'submit']) {
            this[name] = async (...values) => {
                // Nothing can be clicked in a tab that is behind another one.
                await tab.page.bringToFront();
                await tab[name](...values);
            };
        }
        tab.page.on('request', (request) => {
            const { pathname } = new URL(request.url());
            if (pathname.endsWith('/auth.js')) this.client = pathname;
            if (/^\/auth\//.test(pathname)) this.sent.push(`${request.method()} ${pathname}`);
        });
    }

    /** Returns another tab of the same profile. */
    async another() {
        return new Page(await this.tab.openAnother(), new URL(this.origin).port);
    }

    open() {
        return this.tab.page.goto(this.origin);
    }

    async logIn() {
        await this.waitForVisible('#login');
        await this.submit({ email: EMAIL, password: PASSWORD });
        await this.waitForText('#user', /@/);
    }

    /** Logs in with another client at the same origin, as a page without this example does. */
    async logInWithClient(credentials) {
        const path = this.client;
        await this.tab.page.evaluate(
            async (path, credentials) => {
                const { createAuth } = await import(path);
                await createAuth().login(credentials);
            },
            path,
            credentials,
        );
    }

    /** Makes the page call its protected route again. */
    async askAgain() {
        const again = await this.tab.page.$('#again');
        await (again ? again.click() : this.open());
    }

    isShown(selector) {
        const isShown = (selector) => document.querySelector(selector)?.checkVisibility() ?? false;
        return this.tab.page.evaluate(isShown, selector);
    }

    content() {
        return this.tab.page.evaluate(() => document.body.innerHTML);
    }

    /** Sets how requests to a path are answered. `count` is 1 for the first one. */
    async answer(path, answer) {
        const isFirst = this.answers.size === 0;
        this.answers.set(path, { answer, count: 0 });
        if (!isFirst) return;
        await this.tab.page.setRequestInterception(true);
        this.tab.page.on('request', (request) => {
            const stub = this.answers.get(new URL(request.url()).pathname);
            if (!stub) return request.continue();
            stub.count++;
            return stub.answer({ request, count: stub.count });
        });
    }
}

inEachBrowser((browser) => {
    for (const [name, port] of Object.entries(PAGES)) {
        describe(name, () => define((use) => browser.withTab((tab) => use(new Page(tab, port))), name));
    }
});
