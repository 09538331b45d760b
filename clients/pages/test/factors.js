// An app that makes codes (RFC 6238), and the authenticator of Chromium's DevTools.
import { createHmac } from 'node:crypto';
import jsQR from 'jsqr';
import { sleep } from './browsers.js';

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

    static async attach(tab) {
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
