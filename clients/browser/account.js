/**
 * A client of Gatehouse for pages with which a person registers, replaces a forgotten password, changes the address or
 * deletes the account.
 * `README.md` describes its use, `account.d.ts` its types.
 * @module
 */

/** @typedef {import('./account.js').Proof} Proof */
/** @typedef {{ [name: string]: any } | null | undefined} Data */

/** The time that an endpoint has to answer, in ms. The service's functions take less. */
const TIMEOUT = 9_000;

/** A call of the service that failed. An `AuthError` of `auth.js` is an instance of this class too. */
export class AuthError extends Error {
    name = 'AuthError';

    /**
     * @param {number} status
     * @param {string} code
     * @param {string} message
     * @param {number} [retryAfter]
     * @param {string} [requestId]
     * @param {Data} [data]
     */
    constructor(status, code, message, retryAfter, requestId, data) {
        super(message);
        this.status = status;
        this.code = code;
        this.retryAfter = retryAfter;
        this.requestId = requestId;
        this.acrValues = data?.acr_values;
        this.maxAge = data?.max_age;
    }

    /** @param {any} error */
    static [Symbol.hasInstance](error) {
        return error?.name === 'AuthError' && 'requestId' in error;
    }
}

/** @type {typeof import('./account.js').createAccount} */
export const createAccount = ({ baseUrl = '/', fetch: given } = {}) => {
    /**
     * Calls an endpoint of the service once. Nothing is sent again: the service may have acted although its answer is
     * lost.
     * @param {string} path
     * @param {object | undefined} body
     * @param {(data: Data, status: number) => unknown} isAnswer
     * @param {RequestInit} [init]
     * @param {(request: Request) => Promise<Response>} [send]
     * @returns {Promise<any>}
     */
    const call = async (path, body, isAnswer, init, send = (request) => (given ?? fetch)(request)) => {
        const giveUp = new AbortController();
        const patience = setTimeout(() => giveUp.abort(), TIMEOUT);
        let response;
        /** @type {Data} */
        let data;
        try {
            const base = new URL(baseUrl, location.href).href.replace(/\/*$/, '/auth/');
            const request = new Request(base + path, {
                method: 'POST',
                credentials: 'include',
                headers: { 'content-type': 'application/json', 'x-requested-with': 'fetch' },
                body: body && JSON.stringify(body),
                signal: giveUp.signal,
                ...init,
            });
            response = await send(request);
            data = await response.json();
        } catch (error) {
            if (error instanceof AuthError) throw error;
            // There is no answer, or it is not JSON. On a server, there is no `location` either.
        } finally {
            clearTimeout(patience);
        }
        const status = response?.status ?? 0;
        if (response?.ok && isAnswer(data, status)) return data;
        const code = data?.error ?? codeOf(status);
        const wait = Number(response?.headers.get('retry-after')) || undefined;
        const id = response?.headers.get('apigw-requestid') ?? undefined;
        throw new AuthError(status, code, data?.error_description ?? code, wait, id, data);
    };

    /**
     * Asks for a mail.
     * @param {string} path
     * @param {string} email
     * @param {string} [language]
     */
    const ask = async (path, email, language) => {
        const { request, expires_in } = await call(path, { email, language }, (data) => data?.request);
        return { request, expiresIn: expires_in };
    };

    return {
        register: (email, { language } = {}) => ask('register', email, language),
        forgot: (email, { language } = {}) => ask('forgot', email, language),
        async confirmRegistration(proof, { password, label }) {
            const body = { ...clean(proof), password, label, delivery: 'cookie' };
            const { access_token, sid, scope } = await call('register/confirm', body, hasToken);
            // A browser that refuses a cookie reports nothing. Only a refresh shows it.
            const kept = await call('refresh', undefined, hasToken).catch(({ status, code }) =>
                status === 401 && /^(invalid_grant|login_required)$/.test(code) ? null : undefined,
            );
            if (kept === null || (kept && kept.sid !== sid)) {
                // Without a cookie, nothing else could end this session.
                const headers = { authorization: `Bearer ${access_token}` };
                call(`sessions/${sid}`, undefined, () => true, { method: 'DELETE', headers }).catch(() => {});
                throw new AuthError(401, 'cookie_not_kept', 'the browser did not keep the cookie of the login');
            }
            return { sid, scope };
        },
        async reset(proof, { newPassword, second }) {
            const body = { ...clean(proof), new_password: newPassword, ...name(second) };
            return toReplacement(await call('reset', body, isDone));
        },
        async changeAddress(email, password, { fetch: send, language }) {
            const body = { email, password, language };
            const data = await call('address', body, (data) => data?.expires_in, {}, (request) => send(request));
            return { expiresIn: data.expires_in };
        },
        async confirmAddress(token, password) {
            const isAnswer = (/** @type {Data} */ data, /** @type {number} */ status) =>
                data?.next === 'new' || isEmpty(data, status);
            const data = await call('address/confirm', { token, password }, isAnswer);
            return { next: data?.next };
        },
        async deleteAccount(password, { fetch: send }) {
            const isAnswer = (/** @type {Data} */ data) => data?.delete_at;
            const data = await call('account/delete', { password }, isAnswer, {}, (request) => send(request));
            return { deleteAt: data.delete_at };
        },
        async keepAccount(token, password, { second } = {}) {
            return toReplacement(await call('account/keep', { token, password, ...name(second) }, isDone));
        },
    };
};

/** @param {Data} data */
const hasToken = (data) => data?.access_token;

/** @param {Data} _ @param {number} status */
const isEmpty = (_, status) => status === 204;

/** @param {Data} data @param {number} status */
const isDone = (data, status) => data?.recovery_code || status === 204;

/** Returns the recovery code that takes the place of a used one. @param {Data} data */
const toReplacement = (data) => ({ recoveryCode: data?.recovery_code });

/**
 * Returns a proof as the service expects it: a code consists of digits alone.
 * @param {any} proof
 */
const clean = ({ token, request, code }) => ({ token, request, code: code?.normalize('NFKC').replace(/\D/g, '') });

/**
 * Returns a second factor with the names that it has where the mail has a code too.
 * @param {import('./account.js').Second} [second]
 */
const name = (second) => ({ second_code: second?.code, recovery_code: second?.recoveryCode });

/** Returns the code for an answer of the gateway, which has none. @param {number} status */
const codeOf = (status) => {
    if (status >= 500) return 'temporarily_unavailable';
    const codes = { 0: 'no_answer', 401: 'login_required', 404: 'not_found', 429: 'throttled' };
    return codes[/** @type {0} */ (status)] ?? 'unexpected_answer';
};
