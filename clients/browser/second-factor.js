/**
 * A client of Gatehouse for pages with which a person logs in with a passkey, and for those with which they add and
 * remove second factors. `README.md` describes its use, `second-factor.d.ts` its types.
 * @module
 */

const CODES = 'recovery_codes';
const PASSKEYS = 'factors/passkeys';

/** @type {typeof import('./second-factor.js').createSecondFactor} */
export const createSecondFactor = (auth) => {
    /** Belongs to the latest request for a passkey. A browser can have one at a time. */
    let latest = {};
    /** Ends the browser's part of it. */
    let abort = () => {};

    /** Begins a request for a passkey, and ends the one before, even if that still waits for its options. */
    const begin = () => {
        abort();
        abort = () => {};
        latest = {};
        return latest;
    };

    /**
     * Asks the browser for a passkey. Returns nothing if none was used within `life`: the options are over then.
     * @param {object} request
     * @param {'create' | 'get'} kind
     * @param {any} options
     * @param {number} [life] in ms
     * @returns {Promise<any>}
     */
    const ask = async (request, kind, options, life) => {
        if (request !== latest) throw replaced();
        const controller = new AbortController();
        abort = () => controller.abort();
        let isOver = false;
        const end = () => {
            // Nobody looks at a hidden page, so it asks for nothing.
            if (document.visibilityState === 'hidden') timer = setTimeout(end, 1_000);
            else {
                isOver = true;
                abort();
            }
        };
        let timer = life ? setTimeout(end, life) : undefined;
        try {
            return encode(await navigator.credentials[kind]({ ...options, signal: controller.signal }));
        } catch (error) {
            if (!isOver) throw error;
        } finally {
            clearTimeout(timer);
        }
    };

    /**
     * Returns the options of a request for a passkey. Each endpoint that takes a passkey has its own.
     * @param {string} path of the endpoint
     * @param {object} [body]
     */
    const load = async (path, body = {}) => {
        const { publicKey } = await auth.call(`${path}/options`, { expects: 'publicKey', body });
        return publicKey;
    };

    /**
     * Returns the answer of a passkey for an endpoint.
     * @param {string} path
     * @param {object} [body] of the request for its options
     * @param {'conditional'} [mediation]
     */
    const prove = async (path, body, mediation) => {
        const request = begin();
        for (;;) {
            const publicKey = await load(path, body);
            const life = mediation ? publicKey.timeout * 0.8 : undefined;
            const passkey = await ask(request, 'get', { publicKey: decode(publicKey), mediation }, life);
            if (passkey) return passkey;
        }
    };

    /**
     * Tells the password manager which passkeys of the user are valid, so that it offers no others.
     * @param {any} options of a registration: it excludes those that there are
     * @param {string[]} added
     */
    const signal = ({ rp, user, excludeCredentials }, ...added) => {
        const present = excludeCredentials.map((/** @type {{ id: string }} */ { id }) => id);
        const allAcceptedCredentialIds = [...present, ...added];
        const all = { rpId: rp.id, userId: user.id, allAcceptedCredentialIds };
        tell('signalAllAcceptedCredentials', all);
    };

    /** Has the session's next token say what the user has just proven. */
    const renew = async () => {
        const token = await auth.getToken();
        if (token) await auth.getToken(token);
    };

    return {
        async logInWithPasskey({ mfaToken, label, mediation, remember } = {}) {
            if (mediation) {
                const before = latest;
                if (!(await api()?.isConditionalMediationAvailable?.())) return undefined;
                // A button has been pressed meanwhile.
                if (latest !== before) throw replaced();
            }
            const path = mfaToken ? 'login/second' : 'passkey';
            const passkey = await prove(path, { mfa_token: mfaToken }, mediation);
            return auth.login(mfaToken ? { mfaToken, passkey, remember } : { credential: passkey, label });
        },
        async confirmWithPasskey() {
            await auth.confirm({ passkey: await prove('confirm') });
        },
        stop() {
            begin();
        },
        async listFactors() {
            const { totp, recovery_codes, passkeys } = await auth.call('factors', { method: 'GET', expects: CODES });
            return {
                totp: totp && { addedAt: totp.added_at },
                recoveryCodes: recovery_codes,
                passkeys: passkeys.map((/** @type {any} */ { id, label, added_at, last_used_at, synced }) => ({
                    id,
                    label,
                    addedAt: added_at,
                    lastUsedAt: last_used_at ?? undefined,
                    synced,
                })),
            };
        },
        async beginTotp() {
            const options = { expects: 'enrolment', body: {} };
            const { secret, uri, enrolment, expires_in } = await auth.call('factors/totp', options);
            return { secret, uri, enrolment, expiresIn: expires_in };
        },
        async confirmTotp(enrolment, code) {
            const options = { expects: CODES, body: { enrolment, code } };
            const { recovery_codes } = await auth.call('factors/totp/confirm', options);
            await renew().catch(() => {});
            return { recoveryCodes: recovery_codes };
        },
        async removeTotp() {
            await auth.call('factors/totp', { method: 'DELETE' });
        },
        async renewRecoveryCodes() {
            const { recovery_codes } = await auth.call('factors/recovery', { expects: CODES, body: {} });
            return { recoveryCodes: recovery_codes };
        },
        async addPasskey({ label } = {}) {
            const request = begin();
            const publicKey = await load(PASSKEYS);
            const credential = await ask(request, 'create', { publicKey: decode(publicKey) });
            const add = () => auth.call(PASSKEYS, { expects: 'id', body: { credential, label } });
            const unknown = { rpId: publicKey.rp.id, credentialId: credential.id };
            const { id, recovery_codes } = await add().catch((error) => {
                const { status, code } = error;
                // The service may have added it, and the device makes no second one. It gets the answer that was lost.
                if (status >= 500 || code === 'no_answer') return add();
                // The service has refused it.
                if (status >= 400) tell('signalUnknownCredential', unknown);
                throw error;
            });
            signal(publicKey, credential.id);
            await renew().catch(() => {});
            return { id, recoveryCodes: recovery_codes };
        },
        async renamePasskey(id, label) {
            await auth.call(`${PASSKEYS}/${encodeURIComponent(id)}`, { method: 'PATCH', body: { label } });
        },
        async removePasskey(id) {
            await auth.call(`${PASSKEYS}/${encodeURIComponent(id)}`, { method: 'DELETE' });
            if (api()?.signalAllAcceptedCredentials) await load(PASSKEYS).then(signal, () => {});
        },
    };
};

/** @type {typeof import('./second-factor.js').readChallenge} */
export const readChallenge = (response) => {
    const challenge = response.headers.get('www-authenticate') ?? '';
    if (!/error="insufficient_user_authentication"/.test(challenge)) return undefined;
    const [, acrValues] = /acr_values="([^"]*)"/.exec(challenge) ?? [];
    const [, maxAge] = /max_age="?(\d+)/.exec(challenge) ?? [];
    return { acrValues, maxAge: maxAge ? Number(maxAge) : undefined };
};

/** Returns the error of a request that another one has ended. */
const replaced = () => new DOMException('another request took its place', 'AbortError');

/** Returns the browser's class for passkeys. Not every browser has it, or all of its methods. @returns {any} */
const api = () => globalThis.PublicKeyCredential;

/** @param {string} method @param {object} what */
const tell = (method, what) => {
    // Not every password manager takes it, and nothing depends on it.
    Promise.resolve(api()?.[method]?.(what)).catch(() => {});
};

/** @param {string} text */
const toBytes = (text) =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (byte) => byte.charCodeAt(0));

/** @param {ArrayBuffer} buffer */
const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replace(/=+$/, '');

/**
 * Returns options with bytes in place of text, as `PublicKeyCredential.parseRequestOptionsFromJSON` does. Safari has
 * that since 18.4 only.
 * @param {any} options
 */
const decode = ({ challenge, user, excludeCredentials, allowCredentials, ...rest }) => {
    const list = (/** @type {any[] | undefined} */ found) => found?.map((one) => ({ ...one, id: toBytes(one.id) }));
    return {
        ...rest,
        challenge: toBytes(challenge),
        user: user && { ...user, id: toBytes(user.id) },
        excludeCredentials: list(excludeCredentials),
        allowCredentials: list(allowCredentials),
    };
};

/**
 * Returns a credential with text in place of bytes, as its `toJSON` does. Some password managers have no such method.
 * @param {any} credential
 */
const encode = (credential) => {
    const { id, type, authenticatorAttachment, response } = credential;
    /** @type {{ [name: string]: unknown }} */
    const found = {};
    for (const name of ['attestationObject', 'authenticatorData', 'clientDataJSON', 'signature', 'userHandle']) {
        if (response[name]) found[name] = toText(response[name]);
    }
    const key = response.getPublicKey?.();
    if (key) {
        found.publicKey = toText(key);
        found.publicKeyAlgorithm = response.getPublicKeyAlgorithm();
        found.authenticatorData = toText(response.getAuthenticatorData());
    }
    if (response.getTransports) found.transports = response.getTransports();
    const clientExtensionResults = credential.getClientExtensionResults();
    return { id, rawId: id, type, authenticatorAttachment, clientExtensionResults, response: found };
};
