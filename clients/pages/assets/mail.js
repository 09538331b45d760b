/** What the pages with emails share: the client, the form with two steps, and the form behind a link. @module */
import { createAccount } from './account.min.js';
import { showReplacement } from './dialog.js';
import { makeFactor } from './factor.js';
import { baseUrl, blame, clearMessages, element, onSubmit, showError, showProblem, showStatus } from './page.js';

const BUSY = 'One moment …';

export const account = createAccount({ baseUrl });

/** The language of the emails. The service has a default for a language that it does not have. */
export const { language } = navigator;

/** The words for errors when an email is asked for. */
export const WHEN_ASKING = {
    invalid_request: 'The service does not accept this email address. Check it.',
    throttled: 'Too many emails were asked for. Check your inbox first.',
};
const WITH_CODE = {
    cookie_not_kept:
        'Your account is ready, but your browser did not keep the cookie of the login. ' +
        'Allow cookies for this site, or open it by https, and log in.',
    invalid_grant: 'The code is wrong, or it has expired or has been used. Check it, or start again.',
    throttled: 'There were too many attempts. The link in the email still works.',
};
const WITH_LINK = {
    ...WITH_CODE,
    invalid_grant: 'This link has expired, or it has been used. If you have chosen a password with it, log in.',
    invalid_request: 'This link is not complete. Open it from the email again.',
    throttled: 'There were too many attempts.',
};
/** The errors after which a link cannot succeed any more. */
const FINAL = ['cookie_not_kept', 'invalid_grant', 'invalid_request', 'not_found'];
/** The words for errors once a second factor is part of the form. */
const WITH_FACTOR = {
    invalid_grant: 'The code of your second factor is wrong or has been used, or the email has expired. Try the next code.',
    throttled: 'There were too many attempts.',
};
const NO_LINK = 'This page needs the link in your email. Open it there, or ask for a new one.';

/** Replaces a forgotten password, and opens the login page. */
export const reset = async (proof, newPassword, second) => {
    const { recoveryCode } = await account.reset(proof, { newPassword, second });
    if (recoveryCode) await showReplacement(recoveryCode);
    location.replace('/#reset');
};

/** Takes the form away: it cannot succeed any more. */
export const close = () => {
    element('form').hidden = true;
    document.querySelector('h1').focus();
};

/**
 * Makes one form of two steps: it asks for an email, and then for its code and a password.
 * @param {object} steps
 * @param {string} steps.action the text of the button in the second step
 * @param {Record<string, string>} steps.words the words for errors of the first step
 * @param {(email: string) => string} steps.announce says who gets an email
 * @param {(email: string, options: object) => Promise<{ request: string, expiresIn: number }>} steps.ask
 * @param {(proof: object, password: string, second?: object) => Promise<void>} steps.confirm
 */
export const onSteps = ({ action, words, announce, ask, confirm }) => {
    const ids = ['form', 'email', 'second', 'code', 'new', 'back'];
    const [form, email, second, code, password, back] = ids.map(element);
    const button = form.querySelector('[type=submit]');
    const first = button.textContent;
    const factor = makeFactor();
    second.after(factor.fieldset);
    let request;

    /** Shows the second step of a request, or else the first step. */
    const show = (next) => {
        request = next;
        email.readOnly = Boolean(request);
        second.hidden = second.disabled = back.hidden = !request;
        button.textContent = request ? action : first;
        code.value = password.value = '';
        factor.hide();
    };

    const askForMail = async () => {
        try {
            const asked = await ask(email.value, { language });
            show(asked.request);
            const minutes = Math.round(asked.expiresIn / 60);
            const rest = `If it also has a code, you can type that here instead, within ${minutes} minutes.`;
            showStatus(`${announce(email.value)} Open the link in it. ${rest}`);
            code.focus();
        } catch (error) {
            showError(error, { ...WHEN_ASKING, ...words });
            if (error.code === 'invalid_request') blame(email);
            if (error.code === 'not_found') close();
        }
    };

    const finish = async () => {
        if (code.value.normalize('NFKC').replace(/\D/g, '').length !== 8) {
            showProblem('The code has eight digits.');
            return blame(code);
        }
        const proof = factor.read();
        if (factor.isShown && !proof) return;
        try {
            await confirm({ request, code: code.value }, password.value, proof);
        } catch (error) {
            if (error.code === 'mfa_required') return askForFactor(factor);
            showError(error, factor.isShown ? { ...WITH_CODE, ...WITH_FACTOR } : WITH_CODE);
            if (error.code === 'invalid_grant') blame(factor.isShown ? factor.input : code);
            if (error.code === 'weak_password') blame(password);
            if (error.code === 'cookie_not_kept') close();
        }
    };

    onSubmit(form, BUSY, () => (request ? finish() : askForMail()));
    const restart = () => {
        clearMessages();
        show();
    };
    back.addEventListener('click', () => {
        restart();
        email.focus();
    });
    // A page that is shown again by going back has forgotten the address.
    addEventListener('pagehide', restart);
};

/** Asks for the second factor of a user who has one. Everything else that they typed was right. */
const askForFactor = (factor) => {
    factor.show();
    showStatus('Your account has a second factor. Type a code of it too.');
    factor.input.focus();
};

/**
 * Makes the form behind a link. Only a secret that a person types makes it act.
 * @param {string | null} token
 * @param {HTMLInputElement} input the field for the secret
 * @param {(secret: string, second?: object) => Promise<void>} send
 * @param {Record<string, string>} [words] the words for errors after which the person can try again
 */
export const onLink = (token, input, send, words = {}) => {
    if (!token) {
        element('form').hidden = true;
        return showProblem(NO_LINK);
    }
    const factor = makeFactor();
    input.closest('.field').after(factor.fieldset);
    onSubmit(element('form'), BUSY, async () => {
        // A script can submit a form that a person has not filled in.
        if (!input.value) return;
        const proof = factor.read();
        if (factor.isShown && !proof) return;
        try {
            await send(input.value, proof);
        } catch (error) {
            if (error.code === 'mfa_required') return askForFactor(factor);
            const isOfFactor = factor.isShown && error.code === 'invalid_grant';
            showError(error, { ...WITH_LINK, ...words, ...(factor.isShown && WITH_FACTOR) });
            if (isOfFactor) blame(factor.input);
            else if (error.code === 'weak_password' || words[error.code]) blame(input);
            else if (FINAL.includes(error.code)) close();
        }
    });
};
