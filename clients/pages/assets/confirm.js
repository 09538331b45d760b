/** Asks who the user is where the service demands it (step-up), and does then what the user wanted. @module */
import { AuthError } from './auth.js';
import { ask, showReplacement } from './dialog.js';
import { makeFactor } from './factor.js';
import { auth, makeField } from './page.js';
import { createSecondFactor } from './second-factor.min.js';

export const second = createSecondFactor(auth);

const WORDS = {
    invalid_grant: 'The password or the code is wrong, or the code has been used.',
    not_found: 'Your account has no passkey any more. Type your password.',
    passkey_refused: 'No passkey was used. Try again, or type your password.',
};

/**
 * Calls a function, and once more after the user has confirmed who they are, if the service demands that.
 * @template T
 * @param {() => Promise<T>} act throws an `AuthError`
 * @param {{ password?: string }} [typed] what the user has typed already
 * @returns {Promise<T>}
 */
export const withConfirmation = async (act, typed) => {
    try {
        return await act();
    } catch (error) {
        if (error.code !== 'insufficient_user_authentication') throw error;
        await confirm(error, typed);
        return act();
    }
};

/** Returns what the user can confirm with. If it cannot be asked, the demand says whether they have a second factor. */
const listKinds = async ({ acrValues }) => {
    try {
        const { totp, recoveryCodes, passkeys } = await second.listFactors();
        return [totp && 'totp', passkeys.length && 'passkey', recoveryCodes && 'recovery'].filter(Boolean);
    } catch {
        return acrValues ? ['totp', 'recovery'] : [];
    }
};

const confirm = async (demand, { password = '' } = {}) => {
    const kinds = await listKinds(demand);
    let field, factor;
    const fields = (report) => {
        const attributes = { type: 'password', autocomplete: 'current-password', value: password };
        field = makeField('confirm-password', 'Your password', attributes);
        factor = makeFactor(report);
        factor.show(kinds);
        return [field.field, factor.fieldset];
    };
    const byPassword = async () => {
        const proof = factor.read();
        if (factor.isShown && !proof) return undefined;
        try {
            return await auth.confirm({ password: field.input.value, ...proof });
        } catch (error) {
            // The user has added a factor in the meantime.
            if (error.code === 'mfa_required') factor.show();
            throw error;
        }
    };
    const byPasskey = async () => {
        await second.confirmWithPasskey();
        return {};
    };
    const asked = ask({
        title: 'Confirm that it is you',
        about: 'This changes who can use your account.',
        fields,
        action: 'Confirm',
        send: byPassword,
        others: kinds.includes('passkey') ? [['Use a passkey', byPasskey]] : [],
        words: WORDS,
    });
    if (password) (factor.isShown ? factor.input : field.input).focus();
    const result = await asked;
    if (!result) throw new AuthError(0, 'cancelled', 'the user did not confirm');
    if (result.recoveryCode) await showReplacement(result.recoveryCode);
};
