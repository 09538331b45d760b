/** The page at `/`. @module */
import { second } from './confirm.js';
import { showReplacement } from './dialog.js';
import { makeFactor } from './factor.js';
import {
    auth,
    blame,
    clearMessages,
    element,
    isWaiting,
    make,
    onSubmit,
    readReason,
    showError,
    showProblem,
} from './page.js';

const ids = ['form', 'first', 'email', 'password', 'passkey', 'back'];
const [form, first, email, password, passkey, back] = ids.map(element);
const { next, hasEnded } = readReason();
const factor = makeFactor();
/** Whether the next logins on this device are to take the password alone. The service may not offer that. */
const remember = make('input', '');
Object.assign(remember, { type: 'checkbox', id: 'remember', name: 'remember' });
const days = make('span', '');
const choice = make('label', 'choice', remember, days);
choice.htmlFor = remember.id;
first.after(factor.fieldset, choice);

const WITH_CODE = { invalid_grant: 'The code is wrong, or it has been used. Wait for the next one.' };
const WITH_PASSKEY = {
    invalid_grant:
        'The service does not accept this passkey. If you have removed it from your account, remove it here too.',
    passkey_refused: 'No passkey was used. Try again, or log in with your password.',
};

/** The token of the second step, if the password was right and more is needed. */
let mfaToken;
let patience;
/** Whether the page still shows something that the person must see. */
let isHeld = false;
/** Whether the button for passkeys was pressed, and the browser asks for one. */
let isAsking = false;

let isKnown = false;
auth.onChange((session) => {
    // Another tab tells of its logout before the service does, so the session that just ended may still answer.
    const isOver = hasEnded && !isKnown;
    isKnown = true;
    if (session && !isOver && !isHeld) open();
    if (session === null) offerPasskeys();
});

// Going back does not lead to this page any more.
const open = () => location.replace(next);

/** Shows a new recovery code before the next page opens. */
const finish = async ({ recoveryCode } = {}) => {
    if (!recoveryCode) return;
    isHeld = true;
    await showReplacement(recoveryCode);
    open();
};

/** Shows the second step to a user with these factors, or else the first step. */
const show = (factors, rememberDays) => {
    clearTimeout(patience);
    first.hidden = first.disabled = Boolean(factors);
    back.hidden = !factors;
    passkey.hidden = !globalThis.PublicKeyCredential || (factors && !factors.includes('passkey'));
    factor.show(factors ?? []);
    choice.hidden = !rememberDays;
    remember.checked = false;
    days.textContent = `Do not ask again on this device for ${rememberDays === 1 ? 'a day' : `${rememberDays} days`}`;
    if (!factors) mfaToken = undefined;
};

/** Shows the first step again. */
const restart = () => {
    clearMessages();
    show();
    offerPasskeys();
};

/** Returns what the second step brings back, besides the factor. */
const secondStep = () => ({ mfaToken, remember: remember.checked || undefined });

const askForFactor = (error) => {
    second.stop();
    mfaToken = error.mfaToken;
    password.value = '';
    clearMessages();
    show(error.factors, error.rememberDays);
    if (factor.isShown) factor.input.focus();
    else passkey.focus();
    patience = setTimeout(() => {
        restart();
        showProblem('That took too long. Log in again.');
    }, error.expiresIn * 1_000);
};

onSubmit(form, 'Logging in …', async () => {
    const proof = factor.read();
    if (mfaToken && !proof) return;
    try {
        const login = mfaToken ? { ...secondStep(), ...proof } : { email: email.value, password: password.value };
        await finish(await auth.login(login));
    } catch (error) {
        if (error.code === 'mfa_required') return askForFactor(error);
        showError(error, mfaToken ? WITH_CODE : {});
        if (error.code === 'invalid_grant') blame(mfaToken ? factor.input : password);
        if (error.code === 'invalid_request') blame(mfaToken ? factor.input : email);
    }
});

passkey.addEventListener('click', async () => {
    if (isAsking) return;
    isAsking = true;
    clearMessages();
    try {
        await finish(await second.logInWithPasskey(secondStep()));
    } catch (error) {
        // The person has started again.
        if (error.name !== 'AbortError') showError(error, WITH_PASSKEY);
    } finally {
        isAsking = false;
    }
});

back.addEventListener('click', () => {
    restart();
    email.focus();
});

/** Offers passkeys in the field for the address, in browsers that can do that. */
const offerPasskeys = async () => {
    // A request of the field would end that of the button.
    if (mfaToken || isAsking) return;
    try {
        await finish(await second.logInWithPasskey({ mediation: 'conditional' }));
    } catch (error) {
        // The service has no passkeys.
        if (error.status === 404) passkey.hidden = true;
        // A password manager might use the refused passkey again by itself, so the field offers no more. Nobody has asked
        // for what other errors stop.
        if (error.code === 'invalid_grant') showError(error, WITH_PASSKEY);
    }
};

show();
// A page that is shown again by going back has forgotten the first step.
addEventListener('pagehide', () => show());

// Only this address has to wait.
email.addEventListener('input', () => isWaiting() && clearMessages());
