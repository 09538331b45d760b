/** The page at `/account/keep`, to which the link in the email about a deletion leads. @module */
import { showReplacement } from './dialog.js';
import { token } from './link.js';
import { account, close, onLink } from './mail.js';
import { element, showStatus } from './page.js';

const WORDS = { invalid_grant: 'The password is wrong, or this link has expired.' };

onLink(
    token,
    element('password'),
    async (password, second) => {
        const { recoveryCode } = await account.keepAccount(token, password, { second });
        if (recoveryCode) await showReplacement(recoveryCode);
        close();
        showStatus('Your account is kept. You can log in again.');
    },
    WORDS,
);
