/** What all pages share: the client, the messages, the forms and the way to log out. @module */
import { createAuth } from './auth.js';
import { errorOf, explain, OFFLINE } from './errors.js';

/** How long an answer to `call` may take, in ms. */
const TIMEOUT = 10_000;

/** What the service's clock shows at the start of the page, in ms. The clock of the computer may be wrong. */
let origin;

/** The address of the service. To host these pages elsewhere, write for instance `https://auth.example.com`. */
export const baseUrl = '/';

/** The client. */
export const auth = createAuth({
    baseUrl,
    async fetch(request, init) {
        const response = await fetch(request, init);
        const date = Date.parse(response.headers.get('date'));
        if (date) origin = date - performance.now();
        return response;
    },
});

/** Returns the time at the service in ms, or on this computer if the service does not say. */
export const serviceTime = () => (origin === undefined ? Date.now() : origin + performance.now());

/** Calls a protected route. */
export const call = (path, init) => auth.fetch(path, { signal: AbortSignal.timeout(TIMEOUT), ...init });

/** Returns the claims of the user who is logged in. */
export const loadCaller = async () => {
    const response = await call('/auth/me');
    const error = await errorOf(response.clone());
    if (error) throw error;
    return response.json();
};

export const element = (id) => document.getElementById(id);

/** Makes an element with text or other elements in it. */
export const make = (name, className, ...children) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
};

/** Makes a button that submits nothing. */
export const makeButton = (className, text, onClick) => {
    const button = make('button', className, text);
    button.type = 'button';
    if (onClick) button.addEventListener('click', onClick);
    return button;
};

/** Makes a field with its label, as those in the files of the pages. */
export const makeField = (id, text, attributes, ...hints) => {
    const [label, input] = [make('label', '', text), make('input', '')];
    label.htmlFor = input.id = input.name = id;
    for (const [name, value] of Object.entries({ required: '', ...attributes })) input.setAttribute(name, value);
    return { field: make('div', 'field', label, input, ...hints), label, input };
};

/** Formats a time in ms for people. */
export const formatTime = (time) =>
    new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(time);

/** Formats a duration in s as minutes and seconds. */
export const formatClock = (seconds) => {
    const whole = Math.max(0, Math.ceil(seconds));
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    const parts = hours ? [hours, pad(minutes), pad(whole % 60)] : [minutes, pad(whole % 60)];
    return parts.join(':');
};

const pad = (number) => String(number).padStart(2, '0');

/* ---- Messages ---- */

/** When the next attempt is possible, by `performance.now()`. */
let waitUntil = 0;
let ticking;

/** Returns whether an attempt has to wait. */
export const isWaiting = () => performance.now() < waitUntil;

/** Shows a success, and removes the last error. */
export const showStatus = (text) => {
    clearMessages();
    element('status').textContent = text;
};

/** Shows what is wrong, in words. */
export const showProblem = (text) => {
    clearMessages();
    element('alert').textContent = text;
};

/** Shows an error, with a countdown if its cause passes. Screen readers read the error and not the countdown. */
export const showError = (error, words) => {
    const { text, wait } = explain(error, words);
    showProblem(text);
    if (wait) startCountdown(wait);
};

export const clearMessages = () => {
    clearInterval(ticking);
    waitUntil = 0;
    for (const id of ['alert', 'timer', 'status']) element(id).textContent = '';
    for (const button of document.querySelectorAll('[type=submit]')) button.removeAttribute('aria-disabled');
};

const startCountdown = (seconds) => {
    waitUntil = performance.now() + seconds * 1_000;
    for (const button of document.querySelectorAll('[type=submit]')) button.setAttribute('aria-disabled', 'true');
    const tick = () => {
        if (isWaiting()) {
            element('timer').textContent = `Try again in ${formatClock((waitUntil - performance.now()) / 1_000)}.`;
        } else {
            showStatus('You can try again now.');
        }
    };
    tick();
    ticking = setInterval(tick, 1_000);
};

addEventListener('offline', () => showProblem(OFFLINE));
addEventListener('online', () => {
    if (element('alert').textContent === OFFLINE) showStatus('You are online again.');
});

/* ---- Forms ---- */

/**
 * Calls `send` for each attempt, one at a time. `busy` is the text of the button meanwhile. A form with an empty field
 * is not sent, not even if a script submits it.
 */
export const onSubmit = (form, busy, send) => {
    const button = form.querySelector('[type=submit]');
    let isBusy = false;
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        if (isBusy || isWaiting() || !form.reportValidity()) return;
        isBusy = true;
        clearMessages();
        const usual = button.textContent;
        button.textContent = busy;
        button.setAttribute('aria-disabled', 'true');
        try {
            await send();
        } finally {
            isBusy = false;
            // `send` may have given the button a new label for the next step.
            if (button.textContent === busy) button.textContent = usual;
            if (!isWaiting()) button.removeAttribute('aria-disabled');
        }
    });
};

/** Marks a field as the cause of the error, and selects its text to be typed again. */
export const blame = (input) => {
    input.setAttribute('aria-invalid', 'true');
    input.addEventListener('input', () => input.removeAttribute('aria-invalid'), { once: true });
    input.focus();
    input.select();
};

for (const button of document.querySelectorAll('.reveal')) {
    const input = element(button.getAttribute('aria-controls'));
    const name = button.getAttribute('aria-label').replace(/^Show /, '');
    const show = (isShown) => {
        input.type = isShown ? 'text' : 'password';
        button.textContent = isShown ? 'Hide' : 'Show';
        button.setAttribute('aria-label', `${button.textContent} ${name}`);
    };
    button.addEventListener('click', () => show(input.type === 'password'));
    // A browser may store the text of a field that is no password field.
    input.form.addEventListener('submit', () => show(false), { capture: true });
}

// A page that is shown again by going back has nothing in its fields.
addEventListener('pagehide', () => document.querySelector('form')?.reset());

/* ---- Who is logged in ---- */

/** The pages that a login can lead to. */
const PAGES = [
    '/account',
    '/account/sessions',
    '/account/address',
    '/account/password',
    '/account/second-factor',
    '/account/delete',
];
/** What the login page says, by the part of its address after `#`. */
const NOTICES = {
    ended: 'Your session has ended. Log in again.',
    everywhere: 'You are logged out everywhere.',
    'logged-out': 'You are logged out.',
    deleted: 'Your account is deleted. The link in an email keeps it, until it is removed.',
    reset: 'Your password is changed. Log in with the new one.',
};

/** Words for errors while the client tries again by itself. */
const WHILE_TRYING = {
    server_error: 'Something went wrong at the service.',
    temporarily_unavailable: 'The service is not available at the moment.',
    throttled: 'The service is busy.',
};

/** Opens the login page, with a notice or with the name of the page to come back to. */
const openLogin = (reason) => location.replace(`/#${reason}`);

/** Reads why the login page was opened: `next` is the page to open after the login, `hasEnded` follows a logout. */
export const readReason = () => {
    const reason = location.hash.slice(1);
    if (reason) history.replaceState(null, '', location.pathname);
    const hasEnded = Object.hasOwn(NOTICES, reason);
    if (hasEnded) showStatus(NOTICES[reason]);
    return { next: PAGES.find((page) => page === reason) ?? '/account', hasEnded };
};

/**
 * Shows a page to its user only. `load` is called for each user who is logged in; its errors are shown.
 * @param {() => Promise<void>} load
 */
export const protect = (load) => {
    let isLeaving = false;
    let wasKnown = false;
    const show = (session) => {
        if (isLeaving) return;
        if (session === null) {
            isLeaving = true;
            openLogin(wasKnown ? 'ended' : location.pathname);
        }
        element('content').hidden = !session;
        if (!session) return;
        wasKnown = true;
        clearMessages();
        load().catch((error) => auth.session && showError(error));
    };
    auth.onChange(show);
    // If the page is restored by going back, it shows nothing until it is known who is logged in by then.
    addEventListener('pagehide', () => show(undefined));
    auth.ready.then(async (session) => {
        if (session !== undefined) return;
        // The client tries again by itself. Its error says what is wrong meanwhile.
        await auth.getToken().catch((error) => {
            if (auth.session !== undefined) return;
            showProblem(`${explain(error, WHILE_TRYING).text} This page keeps trying.`);
        });
    });

    /** Logs out, and opens the login page when the service knows. */
    const leave = async (scope, notice) => {
        isLeaving = true;
        element('content').hidden = true;
        showStatus('Logging out …');
        try {
            await auth.logout({ scope });
            openLogin(notice);
        } catch (error) {
            showError(error);
            const { textContent } = element('alert');
            element('alert').textContent = `${textContent} Your session may still be open: log out again.`;
        }
    };
    element('logout').addEventListener('click', () => leave('session', 'logged-out'));
    return { leave };
};

element('host').textContent = location.host;
