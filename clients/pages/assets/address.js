/** The page at `/account/address`. @module */
import { account, close, language, WHEN_ASKING } from './mail.js';
import { auth, blame, call, element, onSubmit, protect, showError, showStatus } from './page.js';
import { errorOf } from './errors.js';

const [form, username, email, current] = ['form', 'username', 'email', 'current'].map(element);
const WORDS = {
    ...WHEN_ASKING,
    invalid_grant: 'The current password is wrong.',
    not_found: 'This service cannot send email, so an address cannot be changed here. Ask its operator.',
};

protect(async () => {
    const response = await call('/auth/me');
    const error = await errorOf(response.clone());
    if (error) throw error;
    username.defaultValue = (await response.json()).email;
});

onSubmit(form, 'One moment …', async () => {
    try {
        await account.changeAddress(email.value, current.value, { fetch: auth.fetch, language });
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
