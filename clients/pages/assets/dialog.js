/** Dialogs: one with a form, and one that shows recovery codes. @module */
import { explain } from './errors.js';
import { formatClock, make, makeButton } from './page.js';

let count = 0;

/** Opens a dialog with a title. Returns it, and a function that closes it. */
const open = (title, ...children) => {
    const heading = make('h2', '', title);
    heading.id = `dialog-${++count}`;
    const dialog = make('dialog', 'card', heading, ...children.filter(Boolean));
    dialog.setAttribute('aria-labelledby', heading.id);
    document.body.append(dialog);
    dialog.showModal();
    const close = () => {
        dialog.close();
        dialog.remove();
    };
    return { dialog, close };
};

/**
 * Asks a person in a dialog. Returns what `send` returns, or nothing if they cancel. The dialog stays open if `send`
 * returns nothing, or throws an error, which is then shown.
 * @param {object} question
 * @param {string} question.title
 * @param {string} [question.about] what it is for
 * @param {(report: (text: string) => void) => Element[]} [question.fields]
 * @param {string} question.action the text of the button
 * @param {() => Promise<unknown>} question.send
 * @param {[string, () => Promise<unknown>][]} [question.others] the labels of other buttons, and what each does
 * @param {Record<string, string>} [question.words] the words for errors
 */
export const ask = ({ title, about, fields = () => [], action, send, others = [], words }) =>
    new Promise((resolve) => {
        const alert = make('p', '');
        alert.setAttribute('role', 'alert');
        const report = (text) => (alert.textContent = text);
        let isBusy = false;
        const attempt = async (job) => {
            if (isBusy) return;
            isBusy = true;
            report('');
            try {
                const result = await job();
                if (result === undefined) return;
                close();
                resolve(result);
            } catch (error) {
                const { text, wait } = explain(error, words);
                report(wait ? `${text} Try again in ${formatClock(wait)}.` : text);
            } finally {
                isBusy = false;
            }
        };
        const submit = make('button', 'primary', action);
        submit.type = 'submit';
        const buttons = others.map(([text, job]) => makeButton('secondary', text, () => attempt(job)));
        const cancel = makeButton('secondary', 'Cancel', () => dialog.close());
        const form = make('form', '', ...fields(report), submit, ...buttons, cancel);
        form.method = 'post';
        const hint = about && make('p', 'hint', about);
        const { dialog, close } = open(title, hint, make('div', 'messages', alert), form);
        // The person has cancelled, perhaps with a key. After an answer, this has no effect.
        dialog.addEventListener('close', () => {
            dialog.remove();
            resolve(undefined);
        });
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            if (form.reportValidity()) attempt(send);
        });
    });

/** Shows codes that no other answer has, until the person says that they have kept them. */
export const showCodes = ({ title, about, codes }) =>
    new Promise((resolve) => {
        const list = make('ul', 'codes', ...codes.map((code) => make('li', '', make('code', '', code))));
        const status = make('p', '');
        status.setAttribute('role', 'status');
        const copy = makeButton('secondary', 'Copy', async () => {
            const copied = navigator.clipboard.writeText(codes.join('\n'));
            const isDone = await copied.then(
                () => true,
                () => false,
            );
            status.textContent = isDone ? 'Copied.' : 'Your browser does not allow that. Select the text, and copy it.';
        });
        const print = makeButton('secondary', 'Print', () => globalThis.print());
        const done = makeButton('primary', codes.length > 1 ? 'I have kept them' : 'I have kept it', () => {
            close();
            resolve();
        });
        const actions = make('div', 'actions', done, copy, print);
        const { dialog, close } = open(title, make('p', 'hint', about), list, make('div', 'messages', status), actions);
        // They are shown once, so a key does not close them.
        dialog.addEventListener('cancel', (event) => event.preventDefault());
        dialog.setAttribute('closedby', 'none');
    });

/** Shows the recovery code that takes the place of a used one. */
export const showReplacement = (code) =>
    showCodes({
        title: 'Your new recovery code',
        about: 'It takes the place of the one that you have just used, which does not work any more.',
        codes: [code],
    });
