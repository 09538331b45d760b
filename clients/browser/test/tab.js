// A tab of the simulated browser. It loads the module with globals of its own, as a page does.
import { readFileSync } from 'node:fs';
import { mutate } from './mutations.js';

/** `CLIENT=min` tests the minified files. */
const END = process.env.CLIENT === 'min' ? '.min.js' : '.js';
const GLOBALS = [
    'globalThis',
    'window',
    'self',
    'document',
    'location',
    'navigator',
    'performance',
    'fetch',
    'BroadcastChannel',
    'setTimeout',
    'clearTimeout',
    'addEventListener',
    'removeEventListener',
    'Date',
    'localStorage',
    'sessionStorage',
    'indexedDB',
    'caches',
    'Math',
    'queueMicrotask',
    'PublicKeyCredential',
];

/** Returns a module as a function of its globals. Only its exports are rewritten. */
const compile = (name, ...exported) => {
    const text = readFileSync(new URL(`../${name}${END}`, import.meta.url), 'utf8');
    const names = exported.map((one) => `(\\w+) as ${one}`).join(',');
    const source = mutate(text, process.env.MUTANT, `${name}.js`)
        .replace(new RegExp(`export\\s*\\{${names}\\};?`), (_, ...found) => {
            const members = exported.map((one, index) => `${one}:${found[index]}`);
            return `return {${members}}`;
        })
        .replaceAll(/^export /gm, '');
    return new Function(...GLOBALS, `'use strict';${source}\n;return { ${exported} };`);
};
const authModule = compile('auth', 'AuthError', 'createAuth');
const accountModule = compile('account', 'AuthError', 'createAccount');
const secondFactorModule = compile('second-factor', 'createSecondFactor', 'readChallenge');

/** Stands for something that the module must never touch, and records each use in `touched`. */
const trap = (name, touched) =>
    new Proxy(function () {}, {
        get: (_, member) => touched.push(`${name}.${String(member)}`) && (() => {}),
        set: (_, member) => touched.push(`${name}.${String(member)}`) > 0,
        construct: () => touched.push(name) && {},
    });

export class Tab {
    isClosed = false;
    #events = new EventTarget();
    listenerCount = 0;

    constructor(
        browser,
        {
            origin = 'https://app.example.com',
            locks = true,
            channel = true,
            server = false,
            hidden = false,
            authenticator,
            ...options
        },
    ) {
        this.browser = browser;
        this.origin = origin;
        this.number = ++browser.tabCount;
        const { clock } = browser;
        const touched = browser.touched;
        const document = { visibilityState: hidden ? 'hidden' : 'visible' };
        Object.defineProperty(document, 'cookie', {
            get: () => touched.push('document.cookie') && '',
            set: () => touched.push('document.cookie'),
        });
        this.document = document;
        const navigator = { locks: locks ? browser.locks() : undefined, credentials: authenticator?.credentials };
        Object.defineProperty(navigator, 'serviceWorker', { get: () => trap('serviceWorker', touched) });
        const page = {
            document,
            location: new URL('/page', origin),
            navigator,
            performance: { now: () => clock.now + (this.drift ?? 0) },
            fetch: (request, init) => browser.fetch(this, request, init),
            BroadcastChannel: channel ? browser.channel() : undefined,
            setTimeout: clock.setTimeout,
            clearTimeout: clock.clearTimeout,
            addEventListener: (type, listener) => {
                this.listenerCount++;
                touched.push(...(/unload/.test(type) ? [type] : []));
                this.#events.addEventListener(type, listener);
            },
            removeEventListener: (type, listener) => {
                this.listenerCount--;
                this.#events.removeEventListener(type, listener);
            },
            // The computer's clock is off by an hour and jumps.
            Date: class extends Date {
                static now() {
                    touched.push('Date.now');
                    return clock.now + 3_600_000 * (1 + (clock.now % 2));
                }
            },
            localStorage: trap('localStorage', touched),
            sessionStorage: trap('sessionStorage', touched),
            indexedDB: trap('indexedDB', touched),
            caches: trap('caches', touched),
            queueMicrotask: (job) =>
                queueMicrotask(() => {
                    try {
                        job();
                    } catch (problem) {
                        browser.uncaught.push(problem.message);
                    }
                }),
            Math: Object.assign(Object.create(Math), { random: () => 0 }),
            PublicKeyCredential: authenticator?.api,
        };
        if (server)
            for (const name of ['document', 'location', 'navigator', 'BroadcastChannel', 'addEventListener', 'fetch'])
                page[name] = undefined;
        Object.assign(page, { globalThis: page, window: server ? undefined : page, self: page });
        this.page = page;
        const globals = GLOBALS.map((name) => page[name]);
        const { AuthError, createAuth } = authModule(...globals);
        const account = accountModule(...globals);
        this.AccountError = account.AuthError;
        this.createAccount = (more) =>
            account.createAccount({ baseUrl: 'https://auth.example.com', ...options, ...more });
        const { createSecondFactor, readChallenge } = secondFactorModule(...globals);
        this.createSecondFactor = () => createSecondFactor(this.auth);
        this.readChallenge = readChallenge;
        this.AuthError = AuthError;
        this.createAuth = (more) => createAuth({ baseUrl: 'https://auth.example.com', ...options, ...more });
        this.auth = this.createAuth();
        this.changes = [];
    }

    /** Records the id of the session, or `null` or `undefined`, at each change. */
    watch() {
        return this.auth.onChange((session) => this.changes.push(session && session.sid));
    }

    /** Sends an event of the page. */
    fire(type, members = {}) {
        this.#events.dispatchEvent(Object.assign(new Event(type), members));
    }

    hide() {
        this.document.visibilityState = 'hidden';
        this.fire('visibilitychange');
    }

    show() {
        this.document.visibilityState = 'visible';
        this.fire('visibilitychange');
    }

    close() {
        this.isClosed = true;
    }

    async login(email = 'ada@example.com') {
        const password = email.startsWith('ada') ? 'correct horse' : 'battery staple';
        return this.browser.clock.wait(this.auth.login({ email, password }));
    }
}
