/** The page at `/reset`, to which the link in an email leads. @module */
import { token } from './link.js';
import { account, onLink } from './mail.js';
import { element } from './page.js';

onLink(token, element('new'), async (newPassword, second) => {
    await account.reset({ token }, { newPassword, second });
    location.replace('/#reset');
});
