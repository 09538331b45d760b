/**
 * A client of Gatehouse for pages: login, access tokens and logout, with the refresh token in a cookie that no script
 * can read. `README.md` describes its use, `auth.d.ts` its types.
 * @module
 */

/** @typedef {import('./auth.js').Session} Session */
/** @typedef {{ access_token: string, expires_in: number, sid: string, scope: string, recovery_code?: string }} Tokens */
/**
 * A message to the other tabs. `isDone`: the call of the service has ended.
 * @typedef {{ session: Session, token: string, life: number }} Start
 * @typedef {Start | { ended: string | undefined, isDone?: boolean }} Message
 */

/** The time that an auth endpoint has to answer, in ms. After 10 s, the service no longer forgives a lost answer. */
const TIMEOUT = 9_000;
/**
 * The time to wait for another tab that refreshes, in ms. After that, this tab refreshes too, which does no harm. A
 * browser may delay the timer of a hidden tab by a second, and a call should wait for 4 seconds at most.
 */
const TURN = 2_500;
/** How long a tab keeps its turn after a refresh, in ms, so that the other tabs get its token before their own turn. */
const HANDOVER = 50;
/** How long after a refused token was replaced the refusal of the new one means "forbidden", in ms. */
const FORBIDDEN = 30_000;
/** The longest pause between two failing attempts to refresh, in s, unless the service asks for a longer one. */
const MAX_PAUSE = 60;
/** The longest delay of a timer, in ms. Browsers fire a timer with a longer one at once. */
const MAX_DELAY = 2 ** 31 - 1;

/** The errors of a 401 that another access token would not change. */
const OF_CALLER = /^(invalid_grant|login_required|mfa_required) |insufficient_user_authentication/;

const EVENTS = ['visibilitychange', 'online', 'pageshow'];

/** A call of the service that failed. */
export class AuthError extends Error {
    name = 'AuthError';

    /**
     * @param {number} status
     * @param {string} code
     * @param {string} message
     * @param {number} [retryAfter]
     * @param {string} [requestId]
     * @param {{ [name: string]: any }} [data]
     */
    constructor(status, code, message, retryAfter, requestId, data) {
        super(message);
        this.status = status;
        this.code = code;
        this.retryAfter = retryAfter;
        this.requestId = requestId;
        this.mfaToken = data?.mfa_token;
        this.factors = data?.factors;
        this.expiresIn = data?.expires_in;
        this.rememberDays = data?.remember_days;
        this.acrValues = data?.acr_values;
        this.maxAge = data?.max_age;
    }
}

/** @type {typeof import('./auth.js').createAuth} */
export const createAuth = ({ baseUrl = '/', origins = [], fetch: given } = {}) => {
    /** The session. `null`: nobody is logged in. `undefined`: not known yet. @type {Session | null | undefined} */
    let session;
    /** The session that the listeners were last called with. @type {Session | null | undefined} */
    let told;
    /** The access token. @type {string | undefined} */
    let token;
    /** The time at which the token should be replaced. */
    let due = 0;
    /** Until when a refusal of the token means "forbidden". */
    let forbiddenUntil = 0;
    /**
     * Goes up when the session or its token changes, so that the answer to a refresh from before is dropped: its token
     * may be from before the user confirmed who they are.
     */
    let epoch = 0;
    /** Goes up when the user logs out. */
    let logouts = 0;
    /** The sessions that this tab has left. None of them comes back. @type {Set<string>} */
    const left = new Set();
    /** Whether this browser has sent the cookie back. */
    let isCookieKept = false;
    /** Settles when the last call that changes the cookie has. The next one waits for it. @type {Promise<unknown>} */
    let tail = Promise.resolve();
    /** Why the last refresh failed. @type {AuthError | undefined} */
    let failure;
    let failures = 0;
    /** The time at which a refresh may be tried again. */
    let retryAt = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** @type {BroadcastChannel | undefined} */
    let channel;
    /** Ends the wait for other tabs. */
    let stopWaiting = () => {};
    let isStarted = false;
    /** @type {Promise<Session | null | undefined>} */
    let ready = Promise.resolve(undefined);
    /** @type {Set<(session: Session | null | undefined) => void>} */
    const listeners = new Set();

    /**
     * Sends a request. Firefox forgets that it has to outlive a tab that closes, unless `fetch` is told so.
     * @param {Request} request
     */
    const send = (request) => (given ?? fetch)(request, request.keepalive ? { keepalive: true } : undefined);
    const now = () => performance.now();
    /** Returns the address of the service. Throws on a server, where there is no page that could be logged in. */
    const base = () => {
        if (!isStarted) throw new AuthError(0, 'no_answer', 'there is no page');
        return new URL(baseUrl, location.href);
    };
    const name = () => `gatehouse ${base()}`;
    /** @param {string} url */
    const isListed = (url) => [base(), ...origins].some((listed) => new URL(listed).origin === new URL(url).origin);

    /** Starts at the first use, and not on a server. */
    const start = () => {
        if (isStarted || typeof document === 'undefined') return;
        isStarted = true;
        try {
            channel = new BroadcastChannel(name());
            channel.onmessage = ({ data }) => receive(data);
        } catch {
            // Some browsers have no channels, or none for pages that may not store anything. Each tab then refreshes.
        }
        for (const event of EVENTS) addEventListener(event, check);
        ready = refresh()
            .catch(() => {})
            .then(() => session);
    };

    /**
     * Changes who is logged in.
     * @param {Session | null | undefined} next
     * @param {string} [nextToken]
     * @param {number} [life] in ms
     */
    const become = (next, nextToken, life = 0) => {
        const isSame = next && session?.sid === next.sid;
        if (!isSame && session && next !== undefined) left.add(session.sid);
        epoch++;
        if (!isSame || session?.scope !== next.scope) session = next && Object.freeze(next);
        token = nextToken;
        due = now() + life;
        forbiddenUntil = failures = retryAt = 0;
        failure = undefined;
        stopWaiting();
        arm();
        // This is a separate task, so that the promise of the call that caused the change settles before any callback.
        setTimeout(() => {
            if (!isStarted || told === session) return;
            told = session;
            for (const listener of listeners) queueMicrotask(() => listener(session));
        });
    };

    /**
     * Takes an answer with tokens, and passes it on to the other tabs.
     * @param {Tokens} tokens
     */
    const accept = ({ access_token, expires_in, sid, scope }) => {
        if (left.has(sid)) {
            // The logout from this session has not reached the service, so it is sent again.
            become(null);
            end().catch(() => {});
            return;
        }
        // The token is replaced when a tenth of its life is left.
        become({ sid, scope }, access_token, Math.max(expires_in * 900 || 0, 10_000));
        post({ session: { sid, scope }, token: access_token, life: due - now() });
    };

    /** @param {Message} message */
    const post = (message) => channel?.postMessage(message);

    /** @param {Message} message */
    const receive = (message) => {
        if ('ended' in message) {
            if (message.ended || !message.isDone) return leave(message.ended);
            // Nobody knows which session has ended, and another user may be logged in by now, so the service is asked.
            if (session !== null) become(undefined);
            check();
        } else if (!left.has(message.session.sid)) become(message.session, message.token, message.life);
    };

    /**
     * Forgets a session that has ended. Without an id, forgets the current one, even if it is not known yet.
     * @param {string | undefined} sid
     */
    const leave = (sid) => {
        if (sid) left.add(sid);
        if (sid && sid !== session?.sid) return;
        logouts++;
        become(null);
    };

    /** Sets the timer. It is only a hint: browsers delay timers, and stop them while the computer sleeps. */
    const arm = () => {
        clearTimeout(timer);
        const delay = Math.max(due, retryAt) - now();
        if (isStarted && session !== null) timer = setTimeout(check, Math.min(delay, MAX_DELAY));
    };

    const isDue = () => session === undefined || (session && now() >= due);

    /** Refreshes if it is time to. @param {Event} [event] */
    const check = (event) => {
        // The page was in the back/forward cache, so someone else may be logged in by now.
        if (event && 'persisted' in event && event.persisted) become(undefined);
        if (event?.type === 'online' && failure?.status === 0) retryAt = 0;
        if (document.visibilityState === 'hidden') return;
        if (isDue() && now() >= retryAt) refresh().catch(() => {});
        else arm();
    };

    /**
     * Runs a call that sets the cookie, after earlier such calls have ended.
     * @template T
     * @param {() => Promise<T>} job
     * @returns {Promise<T>}
     */
    const queue = (job) => {
        const result = tail.then(job);
        tail = result.catch(() => {});
        return result;
    };

    /** Replaces the access token. Of calls at the same time, the first one replaces it for all. */
    const refresh = () => {
        const old = token;
        return queue(() => renew(old));
    };

    /** @param {string | undefined} old */
    const renew = async (old) => {
        // An earlier call, a login, a logout or another tab can make this refresh unnecessary.
        while (isStarted && (session === undefined || (session && token === old))) {
            if (failure && now() < retryAt) {
                failure.retryAfter = Math.ceil((retryAt - now()) / 1_000);
                throw failure;
            }
            const before = epoch;
            const release = await takeTurn();
            try {
                if (before !== epoch) continue;
                const tokens = await call('refresh');
                isCookieKept = true;
                if (before === epoch && isStarted) return accept(tokens);
            } catch (error) {
                if (before === epoch && isStarted) return fail(/** @type {AuthError} */ (error));
            } finally {
                setTimeout(release, HANDOVER);
            }
        }
    };

    /** Handles a refresh that failed. Only two answers mean that nobody is logged in. @param {AuthError} error */
    const fail = (error) => {
        if (isGone(error.status, error.code)) return become(null);
        failure = error;
        const pause = Math.max(error.retryAfter ?? 0, Math.min(2 ** failures++, MAX_PAUSE));
        retryAt = now() + pause * 1_000 * (1 + Math.random() / 4);
        arm();
        throw error;
    };

    /**
     * Waits until no other tab refreshes, but not for long: this only saves requests.
     * @returns {Promise<() => void>} ends the turn
     */
    const takeTurn = () =>
        new Promise((go) => {
            const { locks } = navigator;
            if (!channel || !locks) return go(() => {});
            const waiting = new AbortController();
            stopWaiting = () => {
                waiting.abort();
                go(() => {});
            };
            const patience = setTimeout(stopWaiting, TURN);
            /** @returns {Promise<void>} */
            const hold = () =>
                new Promise((release) => {
                    clearTimeout(patience);
                    if (waiting.signal.aborted) release();
                    else go(release);
                });
            locks.request(name(), { signal: waiting.signal }, hold).catch(stopWaiting);
        });

    /**
     * Calls an endpoint of the service.
     * @param {string} path
     * @param {object} [body]
     * @param {RequestInit} [init]
     * @param {(request: Request) => Promise<Response>} [sendBy]
     * @param {string} [expected] the member of an answer that is not empty
     * @returns {Promise<any>}
     */
    const call = async (path, body, init, sendBy = send, expected = 'access_token') => {
        const giveUp = new AbortController();
        const patience = setTimeout(() => giveUp.abort(), TIMEOUT);
        let response, data;
        try {
            const request = new Request(base().href.replace(/\/*$/, '/auth/') + path, {
                method: 'POST',
                credentials: 'include',
                headers: { 'content-type': 'application/json', 'x-requested-with': 'fetch' },
                body: body && JSON.stringify(body),
                signal: giveUp.signal,
                ...init,
            });
            response = await sendBy(request);
            data = await response.json();
        } catch (error) {
            if (error instanceof AuthError) throw error;
            // There is no answer, or it is not JSON.
        } finally {
            clearTimeout(patience);
        }
        if (response?.status === 204 || (response?.ok && data?.[expected] != null)) return data;
        const status = response?.status ?? 0;
        // The gateway's own answers have no code.
        const refused = sendBy !== send && status === 401 ? 'login_required' : 'unexpected_answer';
        const other = status === 429 ? 'throttled' : status >= 500 ? 'temporarily_unavailable' : refused;
        const code = data?.error ?? (status ? other : 'no_answer');
        const wait = Number(response?.headers.get('retry-after')) || undefined;
        const id = response?.headers.get('apigw-requestid') ?? undefined;
        throw new AuthError(status, code, data?.error_description ?? code, wait, id, data);
    };

    /**
     * @param {number} status
     * @param {string} code
     */
    const isGone = (status, code) => status === 401 && /^(invalid_grant|login_required)$/.test(code);

    /**
     * Ends the session at the service. A login waits for this call, because its answer deletes the cookie.
     * @param {string} [scope]
     */
    const end = (scope = 'session') => {
        const ended = call('logout', { scope }, { keepalive: true });
        tail = Promise.allSettled([tail, ended]);
        return ended;
    };

    /** Returns members with the names that the service expects. @param {any} members */
    const toBody = ({ mfaToken, recoveryCode, ...rest }) => ({ ...rest, mfa_token: mfaToken, recovery_code: recoveryCode });

    /**
     * Logs in. The first login is followed by a refresh, which shows whether the browser sends the cookie back. Fails
     * if it does not, but not if the refresh fails for another reason.
     * @param {any} credentials
     */
    const logIn = async (credentials) => {
        const before = logouts;
        const path = credentials.mfaToken ? 'login/second' : credentials.credential ? 'passkey' : 'login';
        let tokens = await call(path, { ...toBody(credentials), delivery: 'cookie' });
        const { recovery_code } = tokens;
        if (!isCookieKept) {
            const kept = await call('refresh').catch(({ status, code }) => (isGone(status, code) ? null : undefined));
            if (kept === null || (kept && kept.sid !== tokens.sid)) {
                // Without a cookie, nothing else could end this session.
                const headers = { authorization: `Bearer ${tokens.access_token}` };
                call(`sessions/${tokens.sid}`, undefined, { method: 'DELETE', headers }).catch(() => {});
                throw new AuthError(401, 'cookie_not_kept', 'the browser did not keep the cookie');
            }
            isCookieKept = kept !== undefined;
            tokens = kept ?? tokens;
        }
        if (before !== logouts) {
            end().catch(() => {});
            throw new AuthError(0, 'logged_out', 'logged out during the login');
        }
        accept(tokens);
        const started = /** @type {Session} */ (session);
        return recovery_code ? { ...started, recoveryCode: recovery_code } : started;
    };

    /**
     * Returns the current access token. A token that was refused is replaced first.
     * @param {string} [refused]
     */
    const current = async (refused) => {
        base();
        const isRefused = refused && refused === token && now() >= forbiddenUntil;
        if (isRefused || isDue()) {
            try {
                await refresh();
            } catch (error) {
                // A token that is only due may still be good: the API decides, not the clock.
                if (isRefused || !token) throw error;
            }
            if (isRefused && token !== refused) forbiddenUntil = now() + FORBIDDEN;
        }
        return token ?? null;
    };

    /**
     * Returns whether an answer refuses the access token. A function's own error shows that the token was accepted.
     * @param {Response} response
     */
    const isRefusal = async (response) => {
        const { status, url } = response;
        if ((status !== 401 && status !== 403) || (url && !isListed(url))) return false;
        const data = await response
            .clone()
            .json()
            .catch(() => {});
        const error = data?.error;
        if (status === 403) return !error || error === 'invalid_token';
        // An API may send the challenge of RFC 9470 with another body, or none.
        return !OF_CALLER.test(`${error} ${response.headers.get('www-authenticate')}`);
    };

    /**
     * Sends a request with a token.
     * @param {Request} request
     * @param {string | null} bearer
     */
    const sendWith = (request, bearer) => {
        if (bearer) request.headers.set('authorization', `Bearer ${bearer}`);
        return send(request);
    };

    /**
     * Waits for a promise until the caller's signal aborts. The promise goes on for other callers.
     * @template T
     * @param {AbortSignal} signal
     * @param {Promise<T>} promise
     * @returns {Promise<T>}
     */
    const within = (signal, promise) =>
        new Promise((resolve, reject) => {
            const stop = () => reject(signal.reason);
            if (signal.aborted) stop();
            signal.addEventListener('abort', stop);
            promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
        });

    /**
     * Does what `fetch` does, with the access token.
     * @param {RequestInfo | URL} input
     * @param {RequestInit} [init]
     */
    const fetchWithToken = async (input, init) => {
        start();
        const request = new Request(input instanceof Request ? input : new URL(input, base()), init);
        if (!isListed(request.url) || request.headers.has('authorization')) return send(request);
        const { signal } = request;
        const before = session?.sid;
        const sent = await within(signal, current());
        const sender = session?.sid;
        if (before && sender && before !== sender) {
            throw new AuthError(0, 'session_changed', 'someone else is logged in');
        }
        // A copy of a stream would keep all of it in memory.
        const copy = init?.body instanceof ReadableStream ? undefined : request.clone();
        const response = await sendWith(request, sent);
        if (!sent || !isStarted || !(await isRefusal(response))) return response;
        const next = await within(signal, current(sent));
        // What one user asked for is never sent with another user's token.
        if (!next || next === sent || session?.sid !== sender) return response;
        if (!copy) {
            throw new AuthError(response.status, 'not_sent_again', 'send the stream again');
        }
        return sendWith(copy, next);
    };

    return {
        get ready() {
            start();
            return ready;
        },
        get session() {
            return session;
        },
        getToken(refused) {
            start();
            return current(refused);
        },
        login(credentials) {
            start();
            return queue(() => logIn(credentials));
        },
        async confirm(proof) {
            start();
            await current();
            const sid = session?.sid;
            const tokens = await call('confirm', toBody(proof), {}, fetchWithToken);
            if (session?.sid !== sid) throw new AuthError(0, 'session_changed', 'someone else is logged in');
            accept({ ...session, ...tokens });
            return { recoveryCode: tokens.recovery_code };
        },
        async logout({ scope } = {}) {
            start();
            const ended = session?.sid;
            if (scope !== 'others') {
                post({ ended });
                leave(ended);
            }
            // A tab that opened in the meantime has missed the first message, and may have a token from before.
            await end(scope).finally(() => scope !== 'others' && post({ ended, isDone: true }));
        },
        call(path, { method = 'POST', body, expects } = {}) {
            start();
            return call(path, body, { method }, fetchWithToken, expects);
        },
        fetch: fetchWithToken,
        onChange(listener) {
            start();
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
        dispose() {
            isStarted = false;
            clearTimeout(timer);
            channel?.close();
            channel = undefined;
            for (const event of EVENTS) removeEventListener(event, check);
            listeners.clear();
            if (session !== undefined) become(undefined);
            told = undefined;
        },
    };
};
