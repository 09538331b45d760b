/** The page at `/account/second-factor`. @module */
import { second, withConfirmation } from './confirm.js';
import { ask, showCodes } from './dialog.js';
import {
    blame,
    element,
    formatTime,
    make,
    makeButton,
    makeField,
    onSubmit,
    protect,
    showError,
    showProblem,
    showStatus,
} from './page.js';
import { nameProgram } from './program.js';
import { draw } from './qr.js';

const ids = ['form', 'app', 'add-app', 'remove-app', 'code', 'passkeys', 'recovery', 'renew'];
const [form, app, addApp, removeApp, code, passkeys, recovery, renew] = ids.map(element);
const WORDS = {
    conflict: 'Your account has an app already. Load the page again.',
    not_found: 'That is not there any more. Load the page again.',
};
const WITH_PASSKEY = {
    ...WORDS,
    conflict: 'Your account has ten passkeys already. Remove one first.',
    not_found: 'This service has no passkeys.',
};
const WITH_CODE = {
    ...WORDS,
    invalid_grant: 'The code is wrong, or the key is more than 10 minutes old. Try the next code, or start again.',
};
const CODES = {
    title: 'Your recovery codes',
    about:
        'Each of them works once in place of the app or passkey. Print them, or keep them in your password manager. ' +
        'They are not shown again.',
};

/** The seed that is shown, until its first code has been typed. */
let enrolment;

protect(async () => {
    closeForm();
    await load();
});

const load = async () => {
    const factors = await second.listFactors();
    const { totp } = factors;
    app.textContent = totp ? `Added ${formatTime(totp.addedAt * 1_000)}.` : 'It shows a new code every half minute.';
    addApp.hidden = Boolean(totp);
    removeApp.hidden = !totp;
    passkeys.replaceChildren(...factors.passkeys.map(row));
    passkeys.hidden = factors.passkeys.length === 0;
    const has = totp || factors.passkeys.length > 0;
    recovery.textContent = has
        ? `${factors.recoveryCodes} are left. Each works once, in place of the app or passkey.`
        : 'You get them with your first app or passkey.';
    renew.hidden = !has;
};

/** Shows what has happened where the person sees it. */
const announce = (show, ...args) => {
    show(...args);
    document.querySelector('h1').scrollIntoView({ block: 'nearest' });
};

/** Does what a button is for, once at a time. Asks first who the user is, if the service demands that. */
const onClick = (button, act) =>
    button.addEventListener('click', async () => {
        if (button.ariaDisabled === 'true') return;
        button.ariaDisabled = 'true';
        try {
            const said = await act();
            if (said) announce(showStatus, said);
        } catch (error) {
            announce(showError, error, WORDS);
        } finally {
            button.ariaDisabled = 'false';
        }
    });

const closeForm = () => {
    enrolment = undefined;
    form.hidden = true;
    code.value = element('secret').textContent = '';
    element('picture').replaceChildren();
    element('link').href = location.pathname;
};

onClick(addApp, async () => {
    const begun = await withConfirmation(() => second.beginTotp());
    enrolment = begun.enrolment;
    element('secret').textContent = begun.secret.match(/.{1,4}/g).join(' ');
    element('picture').replaceChildren(...[draw(begun.uri, 'QR code with the key for the app')].filter(Boolean));
    element('link').href = begun.uri;
    addApp.hidden = true;
    form.hidden = false;
    code.focus();
});

element('cancel').addEventListener('click', () => {
    closeForm();
    addApp.hidden = false;
    addApp.focus();
});

onSubmit(form, 'One moment …', async () => {
    const digits = code.value.normalize('NFKC').replace(/[\s-]/g, '');
    if (!/^\d{6}$/.test(digits)) {
        showProblem('The code has six digits.');
        return blame(code);
    }
    try {
        const { recoveryCodes } = await withConfirmation(() => second.confirmTotp(enrolment, digits));
        closeForm();
        if (recoveryCodes.length > 0) await showCodes({ ...CODES, codes: recoveryCodes });
        await load();
        announce(showStatus, 'The app is added. Your other sessions have ended.');
    } catch (error) {
        announce(showError, error, WITH_CODE);
        if (error.code === 'invalid_grant') blame(code);
    }
});

onClick(removeApp, async () => {
    const isRemoved = await ask({
        title: 'Remove the app?',
        about: 'Its codes do not work any more. If it is your only factor, the recovery codes go too.',
        action: 'Remove the app',
        send: () => withConfirmation(() => second.removeTotp()).then(() => true),
        words: WORDS,
    });
    if (!isRemoved) return undefined;
    await load();
    return 'The app is removed.';
});

onClick(renew, async () => {
    const renewed = await ask({
        title: 'Replace the recovery codes?',
        about: 'The old ones do not work any more.',
        action: 'Replace them',
        send: () => withConfirmation(() => second.renewRecoveryCodes()),
        words: WORDS,
    });
    if (!renewed) return undefined;
    await showCodes({ ...CODES, codes: renewed.recoveryCodes });
    await load();
    return 'You have new recovery codes.';
});

/** Asks for the name of a passkey, and does something with it. */
const askForName = (title, about, value, action, send, words = WORDS) => {
    let name;
    const fields = () => {
        name = makeField('name', 'Name', { type: 'text', autocomplete: 'off', maxlength: '64', value });
        return [name.field];
    };
    return ask({ title, about, fields, action, send: () => send(name.input.value.trim()), words });
};

onClick(element('add-passkey'), async () => {
    const add = (label) => withConfirmation(() => second.addPasskey({ label }));
    const about = 'Your browser asks next where to keep it.';
    const name = nameProgram(navigator.userAgent);
    const added = await askForName('Add a passkey', about, name, 'Continue', add, WITH_PASSKEY);
    if (!added) return undefined;
    if (added.recoveryCodes.length > 0) await showCodes({ ...CODES, codes: added.recoveryCodes });
    await load();
    return 'The passkey is added.';
});

const row = ({ id, label, addedAt, lastUsedAt, synced }, index) => {
    const title = make('h3', '', label);
    title.id = `passkey-${index}`;
    const used = lastUsedAt ? `Last used ${formatTime(lastUsedAt * 1_000)}` : 'Not used yet';
    const place = synced ? 'Can be copied to your other devices' : 'Stays on one device';
    const facts = [used, `Added ${formatTime(addedAt * 1_000)}`, place].map((fact) => make('span', '', fact));
    const hint = make('p', 'hint', ...facts);
    const rename = makeButton('secondary', 'Rename');
    const remove = makeButton('danger', 'Remove');
    for (const button of [rename, remove]) button.setAttribute('aria-describedby', title.id);
    onClick(rename, async () => {
        const change = (name) => withConfirmation(() => second.renamePasskey(id, name)).then(() => true);
        if (!(await askForName('Rename the passkey', '', label, 'Rename', change))) return undefined;
        await load();
        return 'The passkey has a new name.';
    });
    onClick(remove, async () => {
        const isRemoved = await ask({
            title: `Remove “${label}”?`,
            about: 'You cannot log in with it any more. If it is your only factor, the recovery codes go too.',
            action: 'Remove the passkey',
            send: () => withConfirmation(() => second.removePasskey(id)).then(() => true),
            words: WORDS,
        });
        if (!isRemoved) return undefined;
        await load();
        return 'The passkey is removed. If your device still offers it, delete it there too.';
    });
    return make('li', '', make('div', 'text', title, hint), make('div', 'actions', rename, remove));
};

// A browser without passkeys shows those that there are.
if (!globalThis.PublicKeyCredential) {
    element('add-passkey').hidden = true;
    element('passkeys-hint').textContent = 'This browser has no passkeys.';
}
addEventListener('pagehide', closeForm);
