/** The page at `/account/password`. @module */
import { withConfirmation } from './confirm.js';
import { blame, call, element, loadCaller, onSubmit, protect, showError, showStatus } from './page.js';
import { errorOf } from './errors.js';

const [form, username, current, next] = ['form', 'username', 'current', 'new'].map(element);
const WORDS = { invalid_grant: 'The current password is wrong.' };

// A password manager stores the new password for this address.
protect(async () => {
    username.defaultValue = (await loadCaller()).email;
});

const changePassword = async () => {
    const response = await call('/auth/password', {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': 'application/json', 'x-requested-with': 'fetch' },
        body: JSON.stringify({
            current_password: current.value,
            new_password: next.value,
            delivery: 'cookie',
        }),
    });
    const error = await errorOf(response);
    if (error) throw error;
};

onSubmit(form, 'Changing …', async () => {
    try {
        await withConfirmation(changePassword, { password: current.value });
        form.reset();
        showStatus('Your password is changed. Your other sessions have ended.');
    } catch (error) {
        showError(error, WORDS);
        if (error.code === 'invalid_grant') blame(current);
        if (error.code === 'weak_password') blame(next);
    }
});
