// The second factors of the simulated service's users: an app, recovery codes and passkeys.
import { error, gateway, json } from './answers.js';

/** The code that every app shows, until it has been used. */
export const CODE = '123456';
/** How long the options of a request for a passkey are valid, in ms. */
const CHALLENGE_LIFE = 300_000;
/** What gives the options of a new passkey. */
const NEW_PASSKEY = 'passkeys/options';
/** How many passkeys a user can have. */
const MAX_PASSKEYS = 10;
const RP_ID = 'example.com';
const NOBODY_SAYS = 1_764_034_234;

const encode = (text) => Buffer.from(text).toString('base64url');
const decode = (text) => Buffer.from(text, 'base64url').toString();

export class Factors {
    #clock;
    #users = new Map();
    #challenges = new Map();
    #count = 0;

    constructor(clock) {
        this.#clock = clock;
    }

    #of(user) {
        if (!this.#users.has(user)) this.#users.set(user, { totp: undefined, recovery: [], passkeys: new Map() });
        return this.#users.get(user);
    }

    /** Returns what a user can take the second step with. */
    kindsOf(user) {
        const { totp, recovery, passkeys } = this.#of(user);
        return [totp && 'totp', passkeys.size && 'passkey', recovery.length && 'recovery'].filter(Boolean);
    }

    hasPasskey(user, id) {
        return this.#of(user).passkeys.has(id);
    }

    /** Gives a user an app and recovery codes. Returns the codes. */
    addTotp(user) {
        this.#of(user).totp = { added_at: NOBODY_SAYS, code: CODE };
        return this.#giveCodes(user);
    }

    /** Returns ten recovery codes, or none if there are some. */
    #giveCodes(user) {
        const found = this.#of(user);
        if (found.recovery.length) return [];
        found.recovery = Array.from({ length: 10 }, (_, slot) => `${slot}-ABCDEF-${++this.#count}`);
        return [...found.recovery];
    }

    /** Uses up a second factor. Returns what the answer says more, or nothing if it is wrong. */
    spend(user, { code, recovery_code, passkey }, ceremony) {
        const found = this.#of(user);
        if (passkey) return this.verify(passkey, ceremony) === user ? {} : undefined;
        if (code && found.totp?.code === code) {
            found.totp.code = undefined;
            return {};
        }
        const slot = found.recovery.indexOf(recovery_code);
        if (slot < 0) return undefined;
        found.recovery[slot] = `${slot}-NEWONE-${++this.#count}`;
        return { recovery_code: found.recovery[slot] };
    }

    /** Returns the options of a request for a passkey, of a user who is known or of anybody. */
    offer(ceremony, user) {
        const allowCredentials = user ? this.#idsOf(user) : [];
        const publicKey = { ...this.#begin(ceremony), rpId: RP_ID, allowCredentials, userVerification: 'required' };
        return json(200, { publicKey });
    }

    #idsOf(user) {
        return [...this.#of(user).passkeys.keys()].map((id) => ({ type: 'public-key', id }));
    }

    /** Returns a new challenge, which is valid for one ceremony alone. */
    #begin(ceremony) {
        // Its base64 has characters that base64url has not.
        const challenge = encode(`?>${'?'.repeat(++this.#count)}>`);
        this.#challenges.set(challenge, { ceremony, until: this.#clock.now + CHALLENGE_LIFE });
        return { challenge, timeout: CHALLENGE_LIFE };
    }

    /** Returns whether a challenge was given for a ceremony, is not over, and was not used up. */
    #isChallenge({ response }, ceremony) {
        const { challenge } = JSON.parse(decode(response.clientDataJSON));
        const given = this.#challenges.get(challenge);
        // The answer to a registration can be sent again.
        if (ceremony !== NEW_PASSKEY) this.#challenges.delete(challenge);
        return given?.ceremony === ceremony && given.until > this.#clock.now;
    }

    /** Returns the user of a passkey, if its answer is right. */
    verify(credential, ceremony) {
        const isSigned = decode(credential.response.signature) === 'signed';
        if (!this.#isChallenge(credential, ceremony) || !isSigned) return undefined;
        const user = decode(credential.response.userHandle);
        return this.#of(user).passkeys.has(credential.id) ? user : undefined;
    }

    /** Returns the answer to `GET /auth/factors`. */
    list(user) {
        const { totp, recovery, passkeys } = this.#of(user);
        const app = totp ? { added_at: totp.added_at } : null;
        return json(200, { totp: app, recovery_codes: recovery.length, passkeys: [...passkeys.values()] });
    }

    /** Answers a request that changes the factors of the user of a session. */
    change(session, method, path, body) {
        const { user } = session;
        const found = this.#of(user);
        const none = () => new Response(null, { status: 204 });
        const [, id] = /^passkeys\/(?!options$)(.+)$/.exec(path) ?? [];
        const routes = {
            'POST totp': () =>
                json(200, { secret: 'A'.repeat(32), uri: 'otpauth://totp/x', enrolment: 'enrolment', expires_in: 600 }),
            'POST totp/confirm': () => {
                if (found.totp) return error(409, 'conflict');
                if (body.code !== CODE || body.enrolment !== 'enrolment') return error(401, 'invalid_grant');
                found.totp = { added_at: NOBODY_SAYS };
                session.acr = 'aal2';
                return json(200, { recovery_codes: this.#giveCodes(user) });
            },
            'DELETE totp': () => {
                found.totp = undefined;
                return none();
            },
            'POST recovery': () => {
                found.recovery = [];
                return json(200, { recovery_codes: this.#giveCodes(user) });
            },
            [`POST ${NEW_PASSKEY}`]: () => {
                if (found.passkeys.size === MAX_PASSKEYS) return error(409, 'conflict');
                const owner = { id: encode(user), name: user, displayName: user };
                const publicKey = {
                    ...this.#begin(NEW_PASSKEY),
                    rp: { id: RP_ID, name: 'x' },
                    user: owner,
                    excludeCredentials: this.#idsOf(user),
                    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
                    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
                    attestation: 'none',
                };
                return json(200, { publicKey });
            },
            'POST passkeys': () => {
                const { credential, label = 'Passkey' } = body;
                const isAttested = decode(credential.response.attestationObject) === 'attested';
                const isRight = this.#isChallenge(credential, NEW_PASSKEY) && isAttested;
                if (!isRight) return error(401, 'invalid_grant');
                if (this.hasPasskey(user, credential.id)) {
                    // Nobody has seen the codes of the first answer.
                    found.recovery = [];
                    return json(200, { id: credential.id, recovery_codes: this.#giveCodes(user) });
                }
                const isKnown = [...this.#users.values()].some(({ passkeys }) => passkeys.has(credential.id));
                if (isKnown || found.passkeys.size === MAX_PASSKEYS) return error(409, 'conflict');
                const passkey = { id: credential.id, label, added_at: NOBODY_SAYS, last_used_at: null, synced: true };
                found.passkeys.set(credential.id, passkey);
                session.acr = 'aal2';
                return json(200, { id: credential.id, recovery_codes: this.#giveCodes(user) });
            },
            'PATCH passkeys': () => {
                if (!found.passkeys.has(id)) return error(404, 'not_found');
                found.passkeys.get(id).label = body.label;
                return none();
            },
            'DELETE passkeys': () => (found.passkeys.delete(id) ? none() : error(404, 'not_found')),
        };
        const route = `${method} ${id ? 'passkeys' : path}`;
        return routes[route]?.() ?? gateway(404, 'Not Found');
    }
}
