/** The page at `/address/confirm`, to which the links of a change of address lead. @module */
import { token } from './link.js';
import { account, close, onLink } from './mail.js';
import { element, showStatus } from './page.js';

const WORDS = { invalid_grant: 'The password is wrong, or this link has expired or has been used.' };

onLink(
    token,
    element('password'),
    async (password) => {
        const { next } = await account.confirmAddress(token, password);
        close();
        showStatus(
            next === 'new'
                ? 'Confirmed. One step is left: open the link in the email to your new address.'
                : 'Your email address is changed. Log in with the new one from now on.',
        );
        document.querySelector('[href="/account/address"]').hidden = true;
    },
    WORDS,
);
