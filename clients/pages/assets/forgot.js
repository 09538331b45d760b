/** The page at `/forgot`. @module */
import { account, onSteps, reset } from './mail.js';

onSteps({
    action: 'Set password',
    words: { not_found: 'This service cannot send email. Ask its operator to reset your password.' },
    announce: (email) => `Check your inbox: if ${email} has an account, an email is on its way.`,
    ask: account.forgot,
    confirm: reset,
});
