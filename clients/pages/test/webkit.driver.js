// WebKitGTK, driven by WebDriver (https://www.w3.org/TR/webdriver2/): a few commands of it, and what the tests do. It
// has the methods of `browsers.js` that the scenarios use.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const { GATEHOUSE_URL: URL_OF_STACK, CERTIFICATE, EMAIL, PASSWORD } = process.env;
/** The name of an element's id in the protocol. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
/** The port of the driver. */
const PORT = 3590;
/** How long a condition may take to hold, in ms. */
const PATIENCE = 30_000;

/** The driver, on a screen of its own unless there is one. */
export class WebKit {
    name = 'webkit';
    /** Settles when the last command has. A driver runs one after the other. */
    tail = Promise.resolve();

    async start() {
        const env = { ...process.env };
        if (!env.DISPLAY && !env.WAYLAND_DISPLAY) env.DISPLAY = await this.#startScreen();
        this.process = spawn('WebKitWebDriver', [`--port=${PORT}`], { stdio: ['ignore', 'ignore', 'inherit'], env });
        process.on('exit', () => this.stop());
        await until('the driver is ready', async () => (await this.call('GET', '/status')).ready);
    }

    /** Returns the display of a new screen without a monitor. */
    async #startScreen() {
        // Without `-noreset`, it starts again when a browser ends, and the next browser may not find it.
        const options = ['-displayfd', '3', '-nolisten', 'tcp', '-noreset', '-screen', '0', '1280x1024x24'];
        this.screen = spawn('Xvfb', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
        const [number] = await once(createInterface(this.screen.stdio[3]), 'line');
        return `:${number}`;
    }

    stop() {
        this.process?.kill();
        this.screen?.kill();
    }

    /** Sends a command, and returns its value. */
    async call(method, path, body) {
        const response = await fetch(`http://127.0.0.1:${PORT}${path}`, {
            method,
            headers: { 'content-type': 'application/json' },
            body: body && JSON.stringify(body),
            signal: AbortSignal.timeout(PATIENCE),
        });
        const { value } = await response.json();
        if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
        return value;
    }

    /**
     * Calls `use` with the window of a new browser without cookies, which accepts the certificate of the stack. `base`
     * is the origin of its pages, `proxy` what is in front of the stack there.
     */
    async withTab(use, { base = URL_OF_STACK, proxy } = {}) {
        const certificates = [{ host: 'localhost', certificateFile: CERTIFICATE }];
        const options = { args: ['--automation'], certificates };
        const wanted = { acceptInsecureCerts: false, 'webkitgtk:browserOptions': options };
        const { sessionId } = await this.call('POST', '/session', { capabilities: { alwaysMatch: wanted } });
        const browser = `/session/${sessionId}`;
        try {
            const handle = await this.call('GET', `${browser}/window`);
            await use(new Tab(this, browser, handle, base, proxy));
        } finally {
            await this.call('DELETE', browser);
        }
    }
}

/** A window of a browser, which takes the place of a tab: WebKit slows down the timers of a tab that nobody sees. */
export class Tab {
    constructor(driver, browser, handle, base, proxy) {
        Object.assign(this, { driver, browser, handle, base, proxy });
    }

    /** Opens another window of the same browser. */
    async openAnother() {
        const { handle } = await this.#call('POST', '/window/new', { type: 'window' });
        return new Tab(this.driver, this.browser, handle, this.base, this.proxy);
    }

    /** Sends a command to this window, which has to be selected first. */
    #call(method, path, body = method === 'POST' ? {} : undefined) {
        const answer = this.driver.tail.then(async () => {
            await this.driver.call('POST', `${this.browser}/window`, { handle: this.handle });
            return this.driver.call(method, this.browser + path, body);
        });
        this.driver.tail = answer.catch(() => {});
        return answer;
    }

    /** Opens a path, or the URL of another site. The driver does not always wait until the page has been loaded. */
    async open(path) {
        await this.run(() => void (globalThis.isOld = true));
        await this.#call('POST', '/url', { url: new URL(path, this.base).href });
        const isLoaded = () => !globalThis.isOld && document.readyState === 'complete';
        await until(`${path} is loaded`, () => this.run(isLoaded));
    }

    /** Waits until the page of this URL has been left for another one, and opens it again. */
    async returnTo(url) {
        await until(`${url} is left`, async () => (await this.run(() => location.href)) !== url);
        await this.open(url);
    }

    reload() {
        return this.#call('POST', '/refresh');
    }

    goBack() {
        return this.#call('POST', '/back');
    }

    /** Every window is seen. */
    show() {}

    close() {
        return this.#call('DELETE', '/window');
    }

    cookies() {
        return this.#call('GET', '/cookie');
    }

    /**
     * Imitates being off the network, which the driver cannot do: the proxy answers nothing, and the page gets the event
     * of the browser.
     */
    async setOffline(isOffline) {
        this.proxy.isDown = isOffline;
        await this.run((isOffline) => {
            Object.defineProperty(navigator, 'onLine', { value: !isOffline, configurable: true });
            dispatchEvent(new Event(isOffline ? 'offline' : 'online'));
        }, isOffline);
    }

    /** Runs a function in the page, and returns what it resolves to. Meanwhile other windows can run theirs. */
    async run(job, ...args) {
        const id = randomUUID();
        const script = `
            const [args, id, isNew, done] = arguments;
            globalThis.jobs ??= new Map();
            if (isNew) jobs.set(id, Promise.resolve().then(() => (${job})(...args)));
            const job = jobs.get(id) ?? Promise.reject(new Error('the page was left'));
            const end = job.then((value) => ({ value }), (error) => ({ error: String(error) }));
            const later = new Promise((resolve) => setTimeout(resolve, 100, { isRunning: true }));
            Promise.race([end, later]).then(done);
        `;
        for (let isNew = true; ; isNew = false) {
            const { isRunning, value, error } = await this.#call('POST', '/execute/async', {
                script,
                args: [args, id, isNew],
            });
            if (error) throw new Error(error);
            if (!isRunning) return value;
        }
    }

    async #find(selector) {
        const found = await this.#call('POST', '/element', { using: 'css selector', value: selector });
        return `/element/${found[ELEMENT]}`;
    }

    /** Waits until an element can be seen. */
    waitForVisible(selector) {
        const isVisible = () =>
            this.run((selector) => document.querySelector(selector)?.checkVisibility() ?? false, selector);
        return until(`${selector} can be seen`, isVisible);
    }

    async click(selector) {
        await this.waitForVisible(selector);
        await this.#call('POST', `${await this.#find(selector)}/click`);
    }

    async submit(fields) {
        for (const [id, text] of Object.entries(fields)) await this.#type(id, text);
        await this.click('[type=submit]');
    }

    /** Types into an empty field, again if the driver has lost a key, as it does on a busy machine. */
    async #type(id, text) {
        await this.waitForVisible(`#${id}`);
        const field = await this.#find(`#${id}`);
        await until(`#${id} has its text`, async () => {
            await this.#call('POST', `${field}/clear`);
            await this.#call('POST', `${field}/value`, { text });
            return (await this.run((id) => document.getElementById(id).value, id)) === text;
        });
    }

    text(selector) {
        return this.run((selector) => document.querySelector(selector)?.textContent.trim(), selector);
    }

    attribute(selector, name) {
        return this.run((selector, name) => document.querySelector(selector).getAttribute(name), selector, name);
    }

    path() {
        return this.run(() => location.pathname);
    }

    /** Waits until the text of an element matches a pattern, and returns it. */
    waitForText(selector, pattern) {
        return until(`${selector} shows ${pattern}`, async () => {
            const text = await this.text(selector);
            return pattern.test(text) ? { text } : undefined;
        }).then(({ text }) => text);
    }

    /** Waits until the page at a path has been loaded, with its scripts. */
    waitForPath(path) {
        const loaded = () => document.readyState === 'complete' && location.pathname;
        return until(`the page is ${path}`, async () => (await this.run(loaded)) === path);
    }

    async logIn() {
        await this.open('/');
        await this.submit({ email: EMAIL, password: PASSWORD });
        await this.waitForPath('/account');
        await this.waitForText('#email', /@/);
    }
}

/** Waits until a condition holds. A page that loads meanwhile ends a question about it, which is then asked again. */
export const until = async (what, isTrue) => {
    const end = Date.now() + PATIENCE;
    let last;
    do {
        try {
            const answer = await isTrue();
            if (answer) return answer;
        } catch (error) {
            last = error;
        }
        await sleep(50);
    } while (Date.now() < end);
    throw new Error(`it did not happen that ${what}`, { cause: last });
};
