/** The page at `/account/address`. @module */
import { account, close, language, WHEN_ASKING } from './mail.js';
import { withConfirmation } from './confirm.js';
import { auth, blame, element, loadCaller, onSubmit, protect, showError, showStatus } from './page.js';

const [form, username, email, current] = ['form', 'username', 'email', 'current'].map(element);
const WORDS = {
    ...WHEN_ASKING,
    invalid_grant: 'The current password is wrong.',
    not_found: 'This service cannot send email, so an address cannot be changed here. Ask its operator.',
};

protect(async () => {
    username.defaultValue = (await loadCaller()).email;
});

onSubmit(form, 'One moment …', async () => {
    try {
        const change = () => account.changeAddress(email.value, current.value, { fetch: auth.fetch, language });
        await withConfirmation(change, { password: current.value });
        form.reset();
        const rest = 'Another email then goes to the new address. Nothing has changed yet.';
        showStatus(`Check the inbox of ${username.value}, and open the link in the email. ${rest}`);
    } catch (error) {
        showError(error, WORDS);
        if (error.code === 'invalid_grant') blame(current);
        if (error.code === 'invalid_request') blame(email);
        if (error.code === 'not_found') close();
    }
});
