/** The page at `/reset`, to which the link in an email leads. @module */
import { token } from './link.js';
import { onLink, reset } from './mail.js';
import { element } from './page.js';

onLink(token, element('new'), (newPassword, second) => reset({ token }, newPassword, second));
