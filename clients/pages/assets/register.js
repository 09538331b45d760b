/** The page at `/register`. @module */
import { account, onSteps } from './mail.js';

onSteps({
    action: 'Create account',
    words: {
        invalid_request:
            'The service does not accept this email address. Check it, or use the one of your organisation.',
        not_found: 'This service does not offer registration. Ask its operator for an account.',
    },
    announce: (email) => `Check your inbox: an email is on its way to ${email}.`,
    ask: account.register,
    async confirm(proof, password) {
        await account.confirmRegistration(proof, { password });
        location.replace('/account');
    },
});
