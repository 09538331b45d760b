/** The page at `/account/delete`. @module */
import { account, close } from './mail.js';
import { auth, blame, call, element, onSubmit, protect, showError } from './page.js';
import { errorOf } from './errors.js';

const [form, username, current] = ['form', 'username', 'current'].map(element);
const WORDS = {
    invalid_grant: 'The current password is wrong.',
    not_found: 'An account cannot be deleted here. Ask the operator of this service.',
};

const { leave } = protect(async () => {
    const response = await call('/auth/me');
    const error = await errorOf(response.clone());
    if (error) throw error;
    username.defaultValue = (await response.json()).email;
});

onSubmit(form, 'One moment …', async () => {
    try {
        await account.deleteAccount(current.value, { fetch: auth.fetch });
        form.reset();
        await leave('session', 'deleted');
    } catch (error) {
        showError(error, WORDS);
        if (error.code === 'invalid_grant') blame(current);
        if (error.code === 'not_found') close();
    }
});
