// The browsers, and what the tests do in them.
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import puppeteer from 'puppeteer-core';
import { Proxy } from './proxy.js';
import { WebKit } from './webkit.driver.js';

export const { GATEHOUSE_URL: URL_OF_STACK, EMAIL, PASSWORD } = process.env;
const PORT = Number(new URL(URL_OF_STACK).port);
/** The port of the proxy. The stack allows its origin. */
export const PROXY_PORT = PORT + 1;
/** The port of a page of another site. */
export const FOREIGN_PORT = PORT + 2;

/** How each browser is started. `CHROMIUM` and `FIREFOX` name other programs. Firefox needs preferences at its start. */
const BROWSERS = {
    chromium: () => ({
        executablePath: find(process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'),
        args: ['--no-sandbox'],
    }),
    firefox: (extraPrefsFirefox) => ({
        browser: 'firefox',
        executablePath: find(process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'),
        extraPrefsFirefox,
    }),
};

const find = (...paths) => {
    const path = paths.find((one) => one && existsSync(one));
    if (!path) throw new Error(`no browser is at ${paths.filter(Boolean).join(' or ')}`);
    return path;
};

/** Runs tests in each browser, or in the one that `BROWSER` names: only then can it be `webkit`. */
export const inEachBrowser = (define) => {
    for (const name of process.env.BROWSER ? [process.env.BROWSER] : Object.keys(BROWSERS)) {
        describe(name, () => {
            const browser = name === 'webkit' ? new WebKit() : new Browser(name);
            before(() => browser.start());
            after(() => browser.stop());
            define(browser);
        });
    }
};

/** Runs tests in each browser, with a proxy in front of the stack. */
export const throughProxy = (define) =>
    inEachBrowser((browser) => {
        const proxied = {
            browser,
            /** Calls `use` with a tab that opens pages through the proxy. */
            withTab: (use) => {
                proxied.proxy.reset();
                return browser.withTab(use, { base: proxied.proxy.url, proxy: proxied.proxy });
            },
        };
        before(async () => (proxied.proxy = await Proxy.start(URL_OF_STACK, PROXY_PORT)));
        after(() => proxied.proxy?.stop());
        define(proxied);
    });

export class Browser {
    constructor(name) {
        this.name = name;
    }

    async start() {
        this.driver = await puppeteer.launch(BROWSERS[this.name]());
    }

    stop() {
        return this.driver?.close();
    }

    /** Calls `use` with a new tab of a profile without cookies. `base` is the origin of its pages. */
    async withTab(use, { scheme = 'light', hasScripts = true, base = URL_OF_STACK } = {}) {
        const isUsual = scheme === 'light' && hasScripts;
        const preferences = {
            'javascript.enabled': hasScripts,
            'layout.css.prefers-color-scheme.content-override': scheme === 'dark' ? 0 : 1,
        };
        const isFirefox = this.name === 'firefox';
        const driver = isFirefox && !isUsual ? await puppeteer.launch(BROWSERS.firefox(preferences)) : this.driver;
        const context = await driver.createBrowserContext();
        try {
            const tab = await Tab.open(context, base);
            if (!isFirefox) {
                await tab.page.setJavaScriptEnabled(hasScripts);
                await tab.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
            }
            await use(tab);
            // An error that no code handles is a fault of the page.
            if (tab.faults.length) throw new Error(tab.faults.join('\n'));
        } finally {
            await leave(context);
            await context.close();
            if (driver !== this.driver) await driver.close();
        }
    }
}

/** Leaves the pages of a profile. If a page moves on while it is closed, Chromium may never close it. */
const leave = async (context) => {
    for (const page of await context.pages()) await page.goto('about:blank').catch(() => {});
};

/** Ends a test that this browser cannot run. */
class Skipped extends Error {}

/** Defines a test of a tab. A browser that cannot do what it needs skips it, and says why. */
export const itInTab = (what, withTab, run) =>
    it(what, async (test) => {
        try {
            await withTab(run);
        } catch (error) {
            if (!(error instanceof Skipped)) throw error;
            test.skip(error.message);
        }
    });

export class Tab {
    /** Errors of scripts, and what the content security policy blocked. */
    faults = [];
    /** The address, the method and the token of every request. */
    requests = [];

    constructor(page, context, base) {
        this.page = page;
        this.context = context;
        this.base = base;
    }

    static async open(context, base) {
        const tab = new Tab(await context.newPage(), context, base);
        await tab.#prepare();
        return tab;
    }

    /** Opens another tab of the same profile. Its faults count as those of this one. */
    async openAnother() {
        const tab = await Tab.open(this.context, this.base);
        tab.faults = this.faults;
        return tab;
    }

    async #prepare() {
        this.page.setDefaultTimeout(30_000);
        this.page.on('pageerror', (error) => this.faults.push(String(error)));
        this.page.on('console', (message) => {
            if (/content.security.policy/i.test(message.text())) this.faults.push(message.text());
        });
        this.page.on('request', (request) => {
            const { authorization } = request.headers();
            this.requests.push({ url: request.url(), method: request.method(), authorization });
        });
        await this.page.evaluateOnNewDocument(stub);
    }

    /** Opens a path, or the URL of another site. */
    async open(path) {
        await this.page.goto(new URL(path, this.base).href);
    }

    /** Waits until the page of this URL has been left for another one, and opens it again. */
    async returnTo(url) {
        const end = Date.now() + 15_000;
        while (this.page.url() === url) {
            if (Date.now() > end) throw new Error(`still at ${url}`);
            await sleep(20);
        }
        await this.open(url);
    }

    /** Makes this the tab that the user sees. */
    show() {
        return this.page.bringToFront();
    }

    close() {
        return this.page.close();
    }

    /** Takes the tab off the network. Not every driver of Firefox can do that: the test is then skipped. */
    async setOffline(isOffline) {
        await this.page.setOfflineMode(isOffline).catch((error) => {
            if (!/unknown command/.test(error.message)) throw error;
            throw new Skipped('the driver of this Firefox cannot take it off the network');
        });
    }

    /**
     * Runs a function in the page and returns its result. Everything here uses it instead of handles of elements: if a
     * page navigates while puppeteer moves a handle between realms, Firefox's refusal is a rejection that nobody
     * catches.
     */
    run(job, ...args) {
        return this.page.evaluate(job, ...args);
    }

    /** Types into an empty field. */
    async type(id, text) {
        await this.waitForVisible(`#${id}`);
        await this.run((id) => {
            const input = document.getElementById(id);
            input.value = '';
            input.focus();
        }, id);
        await this.page.keyboard.type(text);
    }

    /** Clicks into the middle of an element. */
    async click(selector) {
        await this.waitForVisible(selector);
        const [x, y] = await this.run((selector) => {
            const element = document.querySelector(selector);
            element.scrollIntoView({ block: 'center', behavior: 'instant' });
            const { left, top, width, height } = element.getClientRects()[0];
            return [left + width / 2, top + height / 2];
        }, selector);
        await this.page.mouse.click(x, y);
    }

    async submit(fields) {
        for (const [id, text] of Object.entries(fields)) await this.type(id, text);
        await this.click('[type=submit]');
    }

    text(selector) {
        return this.run((selector) => document.querySelector(selector).textContent.trim(), selector);
    }

    attribute(selector, name) {
        return this.run((selector, name) => document.querySelector(selector).getAttribute(name), selector, name);
    }

    /** Waits until the text of an element matches a pattern. */
    async waitForText(selector, pattern) {
        const end = Date.now() + 30_000;
        let text;
        do {
            text = await this.text(selector).catch((error) => `(${error.message})`);
            if (pattern.test(text)) return text;
            await sleep(50);
        } while (Date.now() < end);
        throw new Error(`${selector} does not show ${pattern}: ${text}`);
    }

    /** Waits until an element can be seen. It asks again and again, since a page that loads meanwhile ends a single question. */
    async waitForVisible(selector) {
        const end = Date.now() + 30_000;
        const isVisible = () =>
            this.run((selector) => document.querySelector(selector)?.checkVisibility() ?? false, selector).catch(
                () => false,
            );
        while (!(await isVisible())) {
            if (Date.now() > end) throw new Error(`${selector} cannot be seen`);
            await sleep(50);
        }
    }

    /** Waits until the page at a path has been loaded, with its scripts. */
    async waitForPath(path) {
        const end = Date.now() + 30_000;
        const loaded = () => document.readyState === 'complete' && location.pathname;
        while ((await this.run(loaded).catch(() => '')) !== path) {
            if (Date.now() > end) throw new Error(`not at ${path} but at ${this.page.url()}`);
            await sleep(50);
        }
    }

    async logIn() {
        await this.open('/');
        await this.submit({ email: EMAIL, password: PASSWORD });
        await this.waitForPath('/account');
        await this.waitForText('#email', /@/);
    }

    /** Makes requests to a path fail from now on, in this document and in later ones: `{ status, body, headers }`. */
    async fail(path, answer) {
        await this.page.evaluate(
            (path, answer) => sessionStorage.setItem('stub', JSON.stringify({ path, answer })),
            path,
            answer,
        );
    }

    async mend() {
        await this.page.evaluate(() => sessionStorage.removeItem('stub'));
    }
}

/** Runs in each page before its scripts. A stub is an answer, or `null` for no answer. */
const stub = () => {
    const send = globalThis.fetch;
    globalThis.fetch = (input, init) => {
        const stub = JSON.parse(sessionStorage.getItem('stub') ?? 'null');
        if (!stub || !new URL(input.url ?? input, location.href).pathname.startsWith(stub.path)) return send(input, init);
        if (!stub.answer) return Promise.reject(new TypeError('Failed to fetch'));
        const { status, body, headers } = stub.answer;
        return Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
    };
};

export const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** Calls the API as another program of the user does. */
export const callApi = async (method, path, body, headers = {}) => {
    const response = await fetch(URL_OF_STACK + path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, ...(text && JSON.parse(text)) };
};

/** Starts another session of the user. */
export const logInElsewhere = (userAgent, label, password = PASSWORD) =>
    callApi('POST', '/auth/login', { email: EMAIL, password, label }, { 'user-agent': userAgent });
