/**
 * Shows the requests of the pages as they happen. Only `cargo dev` serves this file. It must be loaded before the
 * page's own script. Passwords, codes and tokens are masked before anything is kept.
 * @module
 */

/** The key of the list in the storage of this tab. */
const KEY = 'requests';
/** How many requests are kept. */
const MAX = 30;

/** Names of members whose values are secrets. */
const SECRET = /password|token|secret|code|cookie|authorization|challenge|^(request|uri|enrolment)$/i;
/** Names that only look like those of secrets. */
const PUBLIC = new Set(['token_type']);
/** A JWT, wherever it is. */
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** What an endpoint does, by method and path. The first pattern that fits counts. */
const LESSONS = [
    [/^POST \/auth\/login$/, 'Starts a session. The refresh token is in a cookie that no script can read.'],
    [/^POST \/auth\/login\/second$/, 'Takes the second step with a code or a passkey, and starts the session.'],
    [/^POST \/auth\/(passkey|login\/second|confirm)\/options$/, 'Asks for a challenge that a passkey signs. Nothing is stored.'],
    [/^POST \/auth\/passkey$/, 'Logs in with a passkey alone. No password is sent, and no fake page can use it.'],
    [/^POST \/auth\/confirm$/, 'Confirms who the user is. The access token in the answer has the time of it.'],
    [/^GET \/auth\/factors$/, 'Lists the second factors of the user.'],
    [/^POST \/auth\/factors\/totp$/, 'Makes a key for an app. Nothing is stored until its first code arrives.'],
    [/^POST \/auth\/factors\/totp\/confirm$/, 'Adds the app. The recovery codes are in this answer and in no other.'],
    [/^POST \/auth\/factors\/recovery$/, 'Replaces the recovery codes. The old ones are void.'],
    [/^POST \/auth\/factors\/passkeys\/options$/, 'Asks for what a device needs to make a passkey.'],
    [/^POST \/auth\/factors\/passkeys$/, 'Adds a passkey: its public key, which is no secret.'],
    [/^(PATCH|DELETE) \/auth\/factors\//, 'Changes the second factors of the user.'],
    [/^POST \/auth\/refresh$/, 'Exchanges the cookie for the next one and an access token. 401: nobody is logged in.'],
    [/^POST \/auth\/logout$/, 'Ends the session and deletes the cookie.'],
    [/^POST \/auth\/password$/, 'Changes the password and ends the other sessions.'],
    [/^POST \/auth\/register$/, 'Asks for an email. The answer is the same for every address.'],
    [/^POST \/auth\/register\/confirm$/, 'Creates the account with the password, and starts a session.'],
    [/^POST \/auth\/forgot$/, 'Asks for an email. The answer is the same for every address.'],
    [/^POST \/auth\/reset$/, 'Replaces the password and ends the sessions. Nobody is logged in by it.'],
    [/^POST \/auth\/address$/, 'Asks for an email to the present address. Nothing has changed yet.'],
    [/^POST \/auth\/account\/delete$/, 'Deletes the account. All sessions end, and an email has a link that undoes it.'],
    [/^POST \/auth\/account\/keep$/, 'Keeps a deleted account. The link in the email needs the password too.'],
    [/^POST \/auth\/address\/confirm$/, 'Confirms a link, with the password. The account moves after the last one.'],
    [/^GET \/auth\/sessions/, 'Lists the sessions of the user.'],
    [/^DELETE \/auth\/sessions\//, 'Ends one session. Its access token works for 5 more seconds at most.'],
    [/^GET \/auth\/me$/, 'A protected route. The authorizer checks the access token first.'],
];

/** Returns a value without its secrets. */
export const mask = (value, name = '') => {
    if (typeof value === 'string' && isSecret(name)) return '••••••';
    if (typeof value === 'string') return value.replace(JWT, '••••••');
    if (Array.isArray(value)) return value.map((one) => mask(one, name));
    if (value && typeof value === 'object') {
        return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mask(one, key)]));
    }
    return isSecret(name) && value != null ? '••••••' : value;
};

const isSecret = (name) => SECRET.test(name) && !PUBLIC.has(name);

const maskHeader = (name, value) =>
    name === 'authorization' ? value.replace(/ .*/, ' ••••••') : mask(value, name);

/** Returns a body without its secrets. A body that is not JSON is not shown. */
const readBody = async (message) => {
    const text = await message.text().catch(() => '');
    if (!text) return undefined;
    try {
        return mask(JSON.parse(text));
    } catch {
        return `${text.length} characters`;
    }
};

const SHOWN_REQUEST = ['authorization', 'content-type', 'x-requested-with'];
const SHOWN_ANSWER = ['retry-after', 'www-authenticate', 'apigw-requestid'];

const readHeaders = (message, names) =>
    names
        .filter((name) => message.headers.has(name))
        .map((name) => `${name}: ${maskHeader(name, message.headers.get(name))}`);

const load = () => {
    try {
        return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
    } catch {
        return [];
    }
};

const save = (entries) => {
    try {
        sessionStorage.setItem(KEY, JSON.stringify(entries));
    } catch {
        // The list then ends with this page.
    }
};

const make = (name, className, ...children) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
};

let entries = load();

/* ---- The list ---- */

const list = make('ol', 'requests-list');
const empty = make('p', 'requests-empty', 'Nothing yet. Log in with the user that ', make('code', '', 'cargo dev'), ' printed.');
const clear = make('button', 'requests-clear', 'Clear');
clear.type = 'button';
const title = make('h2', '', 'Requests');
title.id = 'requests-title';
const panel = make('aside', 'requests', make('div', 'requests-head', title, clear), empty, list);
panel.setAttribute('aria-labelledby', title.id);
document.body.append(panel);

const block = (name, headers, body) => {
    const text = [...headers, ...(body === undefined ? [] : ['', JSON.stringify(body, null, 2)])].join('\n').trim();
    return text ? [make('h3', '', name), make('pre', '', text)] : [];
};

const item = (entry) => {
    const { method, path, status, time, request, answer } = entry;
    const state = status === undefined ? '…' : status || 'no answer';
    const kind = !status ? 'none' : status < 400 ? 'good' : 'bad';
    const lesson = LESSONS.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1];
    const summary = make(
        'summary',
        '',
        make('span', 'requests-method', method),
        ' ',
        make('span', 'requests-path', path),
        ' ',
        make('span', `requests-status ${kind}`, String(state)),
        ' ',
        make('span', 'requests-time', time === undefined ? '' : `${time} ms`),
        ...(lesson ? [' ', make('span', 'requests-lesson', lesson)] : []),
    );
    const details = make(
        'details',
        '',
        summary,
        ...block('Request', request.headers, request.body),
        ...(answer ? block('Answer', answer.headers, answer.body) : []),
    );
    details.open = Boolean(entry.isOpen);
    details.addEventListener('toggle', () => {
        entry.isOpen = details.open;
        save(entries);
    });
    return make('li', '', details);
};

/** Shows the newest request first. */
const render = () => {
    empty.hidden = entries.length > 0;
    clear.hidden = entries.length === 0;
    list.replaceChildren(...[...entries].reverse().map(item));
    save(entries);
};

clear.addEventListener('click', () => {
    entries = [];
    render();
});

/* ---- The requests ---- */

const send = globalThis.fetch;

globalThis.fetch = async (input, init) => {
    const isRequest = input instanceof Request;
    const request = isRequest ? input : new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const entry = {
        method: request.method,
        path: mask(pathname + search),
        request: { headers: readHeaders(request, SHOWN_REQUEST) },
    };
    // The body is read aside, so that the request is sent at once: a page that ends does not wait. Firefox does not send a
    // request with a copy when a tab closes, so the body of one that has to outlive its page is not read.
    if (!request.keepalive) {
        readBody(request.clone()).then((body) => {
            entry.request.body = body;
            render();
        });
    }
    const start = performance.now();
    const sent = send(request, isRequest ? init : undefined);
    entries = [...entries, entry].slice(-MAX);
    render();
    try {
        const response = await sent;
        entry.status = response.status;
        // The answer is read aside, so that the page does not wait for the panel.
        readBody(response.clone()).then((body) => {
            entry.answer = { headers: readHeaders(response, SHOWN_ANSWER), body };
            render();
        });
        return response;
    } catch (error) {
        entry.status = 0;
        throw error;
    } finally {
        entry.time = Math.round(performance.now() - start);
        render();
    }
};

render();
