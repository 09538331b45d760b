/** The page at `/register/confirm`, to which the link in an email leads. @module */
import { token } from './link.js';
import { account, onLink } from './mail.js';
import { element } from './page.js';

onLink(token, element('new'), async (password) => {
    await account.confirmRegistration({ token }, { password });
    location.replace('/account');
});
