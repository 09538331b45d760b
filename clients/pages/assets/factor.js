/** The field for a second factor: a code of the app, or a recovery code in its place. @module */
import { blame, make, makeButton, makeField, showProblem } from './page.js';

const KINDS = {
    totp: {
        label: 'Code from your app',
        hint: 'Six digits. Each code works once.',
        other: 'Use a recovery code instead',
        attributes: { inputmode: 'numeric', autocomplete: 'one-time-code', autocapitalize: 'none' },
    },
    recovery: {
        label: 'Recovery code',
        hint: 'One of the codes that you kept when you added the second factor. Each works once.',
        other: 'Use a code of your app instead',
        attributes: { inputmode: 'text', autocomplete: 'off', autocapitalize: 'characters' },
    },
};

/** Makes the field, which is hidden at first. `report` shows what is wrong with it. */
export const makeFactor = (report = showProblem) => {
    const hint = make('p', 'hint');
    hint.id = 'factor-hint';
    const attributes = { type: 'text', spellcheck: 'false', 'aria-describedby': hint.id };
    const { field, label, input } = makeField('factor', '', attributes, hint);
    let kind;
    const other = makeButton('text', '', () => {
        change(kind === 'totp' ? 'recovery' : 'totp');
        input.focus();
    });
    const fieldset = make('fieldset', '', field, other);

    const change = (next) => {
        kind = next;
        label.textContent = KINDS[kind].label;
        hint.textContent = KINDS[kind].hint;
        other.textContent = KINDS[kind].other;
        for (const [name, value] of Object.entries(KINDS[kind].attributes)) input.setAttribute(name, value);
        input.value = '';
        input.removeAttribute('aria-invalid');
    };

    const setVisible = (isVisible) => {
        fieldset.hidden = fieldset.disabled = !isVisible;
    };
    change('totp');
    setVisible(false);

    return {
        fieldset,
        input,
        get isShown() {
            return !fieldset.hidden;
        },
        /** Shows the field to a user who has these factors. A passkey has no code. */
        show(factors = Object.keys(KINDS)) {
            const codes = Object.keys(KINDS).filter((one) => factors.includes(one));
            setVisible(codes.length > 0);
            other.hidden = codes.length < 2;
            if (codes.length > 0) change(codes[0]);
        },
        hide: () => setVisible(false),
        /** Returns what was typed, or nothing if it cannot be right, which it then reports. */
        read() {
            if (fieldset.hidden) return undefined;
            const text = input.value.normalize('NFKC').trim();
            if (kind === 'recovery') return { recoveryCode: text };
            const code = text.replace(/[\s-]/g, '');
            if (/^\d{6}$/.test(code)) return { code };
            report('The code has six digits.');
            blame(input);
            return undefined;
        },
    };
};
