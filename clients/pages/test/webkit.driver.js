// WebKitGTK, driven by WebDriver (https://www.w3.org/TR/webdriver2/): a few commands of it, and what the tests do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { sleep, URL_OF_STACK } from './browsers.js';

/** The name of an element's id in the protocol. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
/** The port of the driver. */
const PORT = 3590;
/** How long a condition may take to hold, in ms. */
const PATIENCE = 30_000;

/** The driver, on a screen of its own unless there is one. */
export class Driver {
    async start() {
        const env = { ...process.env };
        if (!env.DISPLAY && !env.WAYLAND_DISPLAY) env.DISPLAY = await this.#startScreen();
        this.process = spawn('WebKitWebDriver', [`--port=${PORT}`], { stdio: ['ignore', 'ignore', 'inherit'], env });
        process.on('exit', () => this.stop());
        await until('the driver is ready', async () => (await this.call('GET', '/status')).ready);
    }

    /** Returns the display of a new screen without a monitor. */
    async #startScreen() {
        const size = ['-screen', '0', '1280x1024x24'];
        const stdio = ['ignore', 'ignore', 'ignore', 'pipe'];
        this.screen = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp', ...size], { stdio });
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

    /** Calls `use` with the window of a new browser without cookies, which accepts the certificate in a file. */
    async withBrowser(certificateFile, use) {
        const options = { args: ['--automation'], certificates: [{ host: 'localhost', certificateFile }] };
        const wanted = { acceptInsecureCerts: false, 'webkitgtk:browserOptions': options };
        const { sessionId } = await this.call('POST', '/session', { capabilities: { alwaysMatch: wanted } });
        const browser = `/session/${sessionId}`;
        try {
            const handle = await this.call('GET', `${browser}/window`);
            await use(new Window(this, browser, handle));
        } finally {
            await this.call('DELETE', browser);
        }
    }
}

/** A window of a browser. Its commands select it first. */
export class Window {
    constructor(driver, browser, handle) {
        this.driver = driver;
        this.browser = browser;
        this.handle = handle;
    }

    /** Opens another window of the same browser. */
    async openAnother() {
        const { handle } = await this.#call('POST', '/window/new', { type: 'window' });
        return new Window(this.driver, this.browser, handle);
    }

    async #call(method, path, body = method === 'POST' ? {} : undefined) {
        await this.driver.call('POST', `${this.browser}/window`, { handle: this.handle });
        return this.driver.call(method, this.browser + path, body);
    }

    open(path) {
        return this.#call('POST', '/url', { url: URL_OF_STACK + path });
    }

    reload() {
        return this.#call('POST', '/refresh');
    }

    goBack() {
        return this.#call('POST', '/back');
    }

    cookies() {
        return this.#call('GET', '/cookie');
    }

    /** Runs a function in the page, and returns what it resolves to. The arguments are JSON. */
    async run(job, ...args) {
        const script = `
            const [args, done] = arguments;
            Promise.resolve()
                .then(() => (${job})(...args))
                .then((value) => done({ value }), (error) => done({ error: String(error) }));
        `;
        const { value, error } = await this.#call('POST', '/execute/async', { script, args: [args] });
        if (error) throw new Error(error);
        return value;
    }

    async #find(selector) {
        const found = await this.#call('POST', '/element', { using: 'css selector', value: selector });
        return `/element/${found[ELEMENT]}`;
    }

    async click(selector) {
        await this.#call('POST', `${await this.#find(selector)}/click`);
    }

    async submit(fields) {
        for (const [id, text] of Object.entries(fields)) {
            const field = await this.#find(`#${id}`);
            await this.#call('POST', `${field}/clear`);
            await this.#call('POST', `${field}/value`, { text });
        }
        await this.click('[type=submit]');
    }

    text(selector) {
        return this.run((selector) => document.querySelector(selector)?.textContent.trim(), selector);
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

    waitForPath(path) {
        return until(`the page is ${path}`, async () => (await this.path()) === path);
    }

    /** Logs in on the login page. */
    async logIn(email, password) {
        await this.open('/');
        await this.submit({ email, password });
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
