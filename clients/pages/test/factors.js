// An app that makes codes (RFC 6238), the authenticator of Chromium's DevTools, and what tests do on the page about both.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import jsQR from 'jsqr';
import { sleep } from './browsers.js';
import { newAddress, register, SENTENCE } from './mails.js';

export const PAGE = '/account/second-factor';
/** What the service answers if a session is not fresh. A test cannot wait for that. */
export const STALE = {
    status: 401,
    body: { error: 'insufficient_user_authentication', error_description: 'x', acr_values: 'aal2', max_age: 600 },
    headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="600"' },
};

const CODE = /^[0-9](-[A-Z2-7]{6}){4}$/;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** How long a code is shown, in s. */
const PERIOD = 30;

const fromBase32 = (text) => {
    const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
    return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
};

/** Returns the code of a seed in a step (RFC 4226 s5.3, RFC 6238 s4). */
const codeOf = (seed, step) => {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const hash = createHmac('sha1', fromBase32(seed)).update(counter).digest();
    const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
};

/** An app with the seed of one account. */
export class App {
    #seed;
    #last = -Infinity;

    constructor(seed) {
        this.#seed = seed.replace(/\s/g, '');
    }

    /**
     * Returns a code that has not been used. The service takes that of the step before or after the present one too, so
     * three codes need no wait.
     */
    async next() {
        const step = () => Math.floor(Date.now() / 1_000 / PERIOD);
        // A step that ends now may be over when the service gets its code.
        const first = step() - (Date.now() / 1_000 % PERIOD < PERIOD - 5 ? 1 : 0);
        const next = Math.max(first, this.#last + 1);
        while (next > step() + 1) await sleep(500);
        this.#last = next;
        return codeOf(this.#seed, next);
    }

    /** Returns the last code again. */
    again() {
        return codeOf(this.#seed, this.#last);
    }
}

/** Reads the QR code that a page shows, as the camera of a phone does. */
export const readPicture = async (tab) => {
    const { size, squares } = await tab.run(() => {
        const svg = document.querySelector('svg.qr');
        return { size: svg.viewBox.baseVal.width, squares: svg.querySelector('path').getAttribute('d') };
    });
    const scale = 4;
    const width = size * scale;
    const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
    for (const [, x, y] of squares.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
        for (let row = 0; row < scale; row++) {
            const at = ((Number(y) * scale + row) * width + Number(x) * scale) * 4;
            for (let pixel = 0; pixel < scale; pixel++) pixels.fill(0, at + pixel * 4, at + pixel * 4 + 3);
        }
    }
    return jsQR(pixels, width, width)?.data;
};

/** The authenticator of a tab in Chromium, which asks nobody. */
export class Authenticator {
    #devTools;
    #id;

    /** Attaches one. `isSynced`: it copies its passkeys to other devices. */
    static async attach(tab, { isSynced = false } = {}) {
        const authenticator = new Authenticator();
        authenticator.#devTools = await tab.page.createCDPSession();
        await authenticator.#devTools.send('WebAuthn.enable', { enableUI: false });
        const options = {
            protocol: 'ctap2',
            ctap2Version: 'ctap2_1',
            transport: 'internal',
            hasResidentKey: true,
            hasUserVerification: true,
            isUserVerified: true,
            automaticPresenceSimulation: true,
            defaultBackupEligibility: isSynced,
            defaultBackupState: isSynced,
        };
        const { authenticatorId } = await authenticator.#devTools.send('WebAuthn.addVirtualAuthenticator', { options });
        authenticator.#id = authenticatorId;
        return authenticator;
    }

    #send(command, more) {
        return this.#devTools.send(`WebAuthn.${command}`, { authenticatorId: this.#id, ...more });
    }

    /** Returns the passkeys with their private keys. */
    async list() {
        return (await this.#send('getCredentials')).credentials;
    }

    add(credential) {
        return this.#send('addCredential', { credential });
    }

    clear() {
        return this.#send('clearCredentials');
    }

    /** Sets whether the person can show who they are, with a finger or a PIN. */
    setUserVerified(isUserVerified) {
        return this.#send('setUserVerified', { isUserVerified });
    }

    /** Sets whether the person is there at all. */
    setPresent(enabled) {
        return this.#send('setAutomaticPresenceSimulation', { enabled });
    }
}

/* ---- The page ---- */

/**
 * Has the service offer to remember this device, for so many days, in the answers to the first step of a login on the
 * present page. `readSecondStep` returns what the second step then sends. A test's stack remembers no devices.
 */
export const offerToRemember = (tab, days) =>
    tab.run((days) => {
        const { fetch } = globalThis;
        globalThis.fetch = async (request, init) => {
            const { pathname } = new URL(request.url);
            if (pathname === '/auth/login/second') sessionStorage.setItem('sent', await request.clone().text());
            const response = await fetch(request, init);
            if (pathname !== '/auth/login') return response;
            return new Response(JSON.stringify({ ...(await response.json()), remember_days: days }), response);
        };
    }, days);

export const readSecondStep = async (tab) => JSON.parse(await tab.run(() => sessionStorage.getItem('sent')));

/** Opens the page about second factors as a new user, who has none. Returns the address. */
export const openAsNewUser = async (browser, tab, name) => {
    const email = newAddress(browser, name);
    await register(email);
    await tab.open(PAGE);
    await tab.waitForPath('/');
    await tab.submit({ email, password: SENTENCE });
    await tab.waitForPath(PAGE);
    await tab.waitForVisible('#add-app');
    return email;
};

export const logOut = async (tab) => {
    await tab.click('#logout');
    await tab.waitForPath('/');
    await tab.waitForText('#status', /logged out/);
};

/** Returns the requests to a path that are no `GET`. */
export const requestsTo = (tab, path) =>
    tab.requests.filter(({ url, method }) => method !== 'GET' && new URL(url).pathname === path);

export const focused = (tab) => tab.run(() => document.activeElement.id || document.activeElement.textContent);

/** Waits until there is no dialog. */
export const waitForNoDialog = async (tab) => {
    const end = Date.now() + 15_000;
    while (await tab.run(() => Boolean(document.querySelector('dialog')))) {
        if (Date.now() > end) throw new Error(`a dialog is still open: ${await tab.text('dialog')}`);
        await sleep(50);
    }
};

export const clickInDialog = (tab, text) =>
    tab.run((text) => {
        const buttons = [...document.querySelectorAll('dialog:last-of-type button')];
        buttons.find((one) => one.textContent === text).click();
    }, text);

/** Reads the recovery codes of the dialog, and closes it. */
export const takeCodes = async (tab, title = /^Your recovery codes$/) => {
    await tab.waitForText('dialog:last-of-type h2', title);
    const codes = await tab.run(() => {
        const items = [...document.querySelectorAll('dialog:last-of-type .codes li')];
        return items.map((one) => one.textContent);
    });
    for (const code of codes) assert.match(code, CODE);
    await tab.click('dialog:last-of-type .actions .primary');
    return codes;
};

/** Adds an app to the account of the user who is logged in, by its key. Returns the app and the recovery codes. */
export const addApp = async (tab) => {
    await tab.click('#add-app');
    await tab.waitForVisible('#secret');
    const app = new App(await tab.text('#secret'));
    await tab.type('code', await app.next());
    await tab.click('#form [type=submit]');
    const codes = await takeCodes(tab);
    await tab.waitForText('#status', /^The app is added\. Your other sessions have ended\.$/);
    return { app, codes };
};
