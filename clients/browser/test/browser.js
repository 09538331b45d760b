// A simulated browser with tabs. Each tab loads the module with globals of its own, as pages do.
import { Clock } from './clock.js';
import { Service } from './service.js';
import { Tab } from './tab.js';

export class Browser {
    clock = new Clock();
    service = new Service(this.clock);
    /** Every request: its tab, its method and path, its answer's status. */
    requests = [];
    /** Handlers instead of the service, by method and path. They get the request and what the service would answer. */
    routes = new Map();
    /** The one-way time of a request or an answer, in ms. */
    latency = 20;
    isOnline = true;
    keepsCookies = true;
    touched = [];
    /** The messages of errors that nobody caught. */
    uncaught = [];
    #cookies = new Map();
    #channels = new Set();
    #locks = new Map();
    /** The time that a message between tabs takes, in ms. */
    messageDelay = 2;
    tabCount = 0;
    stolen = 0;

    /** Returns the number of requests with this method and path, and with this status if one is given. */
    count(route, status) {
        return this.requests.filter((one) => one.route === route && (!status || one.status === status)).length;
    }

    /** Returns the functions that read, set and delete cookies. */
    get #jar() {
        return {
            get: (name) => this.#cookies.get(name)?.value,
            set: (name, value, maxAge) => this.keepsCookies && this.#cookies.set(name, { value, maxAge }),
            delete: (name) => this.#cookies.delete(name),
        };
    }

    /** Removes the cookies without an age, as a restart of a browser does. */
    restart() {
        for (const [name, { maxAge }] of this.#cookies) if (!maxAge) this.#cookies.delete(name);
    }

    get cookies() {
        return this.#jar;
    }

    open(options = {}) {
        return new Tab(this, options);
    }

    async fetch(tab, request, init) {
        const { origin, pathname } = new URL(request.url);
        const entry = { tab, url: request.url, origin, route: `${request.method} ${pathname}`, request, status: 0 };
        this.requests.push(entry);
        request.headers.set('origin', tab.origin);
        // Sending uses up the request's body, so that it cannot be sent twice.
        const body = request.body ? await request.arrayBuffer() : undefined;
        const received = new Request(request.url, {
            method: request.method,
            headers: request.headers,
            body,
            signal: request.signal,
        });
        // Firefox does not look at the request for this.
        const isClosed = () => tab.isClosed && !init?.keepalive;
        const aborted = new Promise((_, reject) => {
            if (request.signal.aborted) reject(request.signal.reason);
            request.signal.addEventListener('abort', () => reject(request.signal.reason));
        });
        aborted.catch(() => {});
        const work = async () => {
            if (!this.isOnline) throw new TypeError('Failed to fetch');
            await this.sleep(this.latency);
            if (isClosed()) return new Promise(() => {});
            const isOfSite = request.credentials === 'include' || origin === tab.origin;
            const none = { get() {}, set() {}, delete() {} };
            const changes = [];
            const cookies = !isOfSite
                ? none
                : {
                      get: this.#jar.get,
                      set: (...args) => changes.push(() => this.#jar.set(...args)),
                      delete: (...args) => changes.push(() => this.#jar.delete(...args)),
                  };
            const usual = () => this.service.answer(received, cookies);
            const route = this.routes.get(entry.route);
            const response = await (route ? route(usual, received, entry) : usual());
            await this.sleep(this.latency);
            // The cookies change when the answer arrives.
            for (const change of changes) change();
            entry.status = response.status;
            if (isClosed()) return new Promise(() => {});
            return response;
        };
        return Promise.race([work(), aborted]);
    }

    sleep(milliseconds) {
        return new Promise((resolve) => this.clock.setTimeout(resolve, milliseconds));
    }

    channel() {
        const browser = this;
        return class {
            constructor(name) {
                this.name = name;
                browser.#channels.add(this);
            }
            postMessage(message) {
                const copy = structuredClone(message);
                const others = [...browser.#channels].filter((one) => one !== this && one.name === this.name);
                browser.clock.setTimeout(() => {
                    for (const other of others)
                        if (browser.#channels.has(other)) other.onmessage?.({ data: structuredClone(copy) });
                }, browser.messageDelay);
            }
            close() {
                browser.#channels.delete(this);
            }
        };
    }

    get openChannels() {
        return this.#channels.size;
    }

    /** Posts a message as another script of the origin can. */
    shout(message) {
        for (const channel of this.#channels) channel.onmessage?.({ data: message });
    }

    /** Returns a lock manager. With `isLate`, it grants a lock even if the wait for it has been given up. */
    locks({ isLate = false } = {}) {
        const request = async (name, options, callback) => {
            if (options.steal) this.stolen++;
            const before = this.#locks.get(name) ?? Promise.resolve();
            let free;
            this.#locks.set(
                name,
                before.then(() => new Promise((resolve) => (free = resolve))),
            );
            const aborted = new Promise((_, reject) => {
                if (!isLate) options.signal?.addEventListener('abort', () => reject(options.signal.reason));
            });
            let isGranted = false;
            const end = () => Promise.resolve().then(() => free());
            try {
                await Promise.race([before, aborted]);
                isGranted = true;
            } finally {
                if (!isGranted) before.then(end);
            }
            try {
                return await callback({ name });
            } finally {
                end();
            }
        };
        return { request };
    }

    /** Takes the lock with this name and keeps it, as another script of the origin can. */
    holdLocks(name) {
        this.#locks.set(name, new Promise(() => {}));
    }
}

/** Opens a tab in which somebody has logged in, and forgets the requests so far. */
export const openLoggedIn = async (options) => {
    const browser = new Browser();
    const tab = browser.open(options);
    await tab.login();
    tab.watch();
    await browser.clock.pass(200);
    tab.changes.length = 0;
    browser.requests.length = 0;
    return { browser, tab, auth: tab.auth, clock: browser.clock, service: browser.service };
};
