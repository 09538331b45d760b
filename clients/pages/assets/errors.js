/** What an error means, in words for a person. @module */
import { AuthError } from './auth.js';

/** @typedef {{ text: string, wait?: number }} Explanation `wait` is the time until the next attempt, in s */

/** The words for each code. The last sentence says what to do. @type {Record<string, string>} */
const WORDS = {
    cancelled: 'You have not confirmed who you are, so nothing has changed.',
    cookie_not_kept: 'Your browser did not keep the cookie of the login. Allow cookies for this site, and log in again.',
    forbidden: 'This request did not come through the usual address of the service. Open that address instead.',
    invalid_grant: 'The email address or the password is wrong.',
    invalid_request: 'The service does not accept what you typed. Check it, and try again.',
    insufficient_user_authentication: 'Confirm who you are first.',
    logged_out: 'You logged out before the login was complete. Log in again.',
    login_required: 'You are logged out. Log in again.',
    mfa_required: 'Your account has a second factor, and a code of it is missing.',
    not_found: 'The service does not offer this.',
    passkey_elsewhere: 'The passkeys of this service do not work at this address.',
    passkey_exists: 'This device or password manager has a passkey of your account already.',
    passkey_refused: 'No passkey was used. Try again.',
    server_error: 'Something went wrong at the service. Try again soon.',
    session_changed: 'Another user has logged in, in another tab. Load the page again.',
    temporarily_unavailable: 'The service is not available at the moment. Try again soon.',
    throttled: 'There were too many attempts. Wait a moment before the next one.',
    unexpected_answer: 'The answer did not come from the service. Does your network need a login of its own?',
};
/** What to say before a countdown, which says the rest. @type {Record<string, string>} */
const BEFORE_COUNTDOWN = {
    temporarily_unavailable: 'The service is not available at the moment.',
    throttled: 'There were too many attempts.',
};

/** Explains an error. `words` replaces the words for some codes. @returns {Explanation} */
export const explain = (error, words = {}) => {
    const { status, code, retryAfter, requestId, message } = known(error);
    if (code === 'no_answer') return { text: navigator.onLine ? NO_ANSWER : OFFLINE };
    if (code === 'csrf_failed') return { text: wrongAddress() };
    if (code === 'weak_password') return { text: sentence(message) };
    if (code === 'cookie_not_kept' && !words[code] && location.protocol === 'http:') return { text: NO_COOKIE_ON_HTTP };
    if (retryAfter && BEFORE_COUNTDOWN[code]) return { text: words[code] ?? BEFORE_COUNTDOWN[code], wait: retryAfter };
    const text = words[code] ?? WORDS[code] ?? `Something unexpected happened (${status} ${code}).`;
    const isOurs = status >= 500 || !(code in WORDS);
    return { text: isOurs && requestId ? `${text} The number of the request is ${requestId}.` : text };
};

/** Returns the error of an answer to `auth.fetch`, or nothing if it is a success. */
export const errorOf = async (response) => {
    if (response.ok) return undefined;
    const data = await response.json().catch(() => ({}));
    return new AuthError(
        response.status,
        data.error ?? codeOf(response.status),
        data.error_description ?? '',
        Number(response.headers.get('retry-after')) || undefined,
        response.headers.get('apigw-requestid') ?? undefined,
        data,
    );
};

export const OFFLINE = 'You are offline. Connect to the internet, and try again.';
const NO_ANSWER = 'The service did not answer. Check your connection, and try again.';
const NO_COOKIE_ON_HTTP =
    'Your browser did not keep the cookie of the login. Safari keeps none on http: use another browser, or https.';

/** Returns the code for an answer of the gateway, which has none. */
const codeOf = (status) => {
    if (status === 429) return 'throttled';
    if (status >= 500) return 'temporarily_unavailable';
    return status === 401 || status === 403 ? 'refused' : 'unexpected_answer';
};

/** Each client has an `AuthError` of its own. `fetch` throws other errors if there is no answer, or none in time. */
const known = (error) => {
    if (error?.name === 'AuthError') return error;
    const isFromFetch = error instanceof TypeError || error?.name === 'TimeoutError' || error?.name === 'AbortError';
    const code = isFromFetch ? 'no_answer' : (OF_PASSKEYS[error?.name] ?? 'error');
    return { status: 0, code, message: String(error) };
};

/** What the browser reports of passkeys. It does not tell a person who cancels from a passkey that is not there. */
const OF_PASSKEYS = {
    InvalidStateError: 'passkey_exists',
    NotAllowedError: 'passkey_refused',
    SecurityError: 'passkey_elsewhere',
};

const wrongAddress = () =>
    location.hostname === '127.0.0.1' || location.hostname === '[::1]'
        ? `The service does not accept logins at ${location.host}. Open http://localhost:${location.port} instead.`
        : `The service does not accept logins from ${location.origin}. Its operator can allow this address.`;

/** Makes a sentence of a description. */
const sentence = (description) => {
    const text = description.trim();
    return text && `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
};
