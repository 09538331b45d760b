/** The page at `/account/delete`. @module */
import { account, close } from './mail.js';
import { withConfirmation } from './confirm.js';
import { auth, blame, element, loadCaller, onSubmit, protect, showError } from './page.js';

const [form, username, current] = ['form', 'username', 'current'].map(element);
const WORDS = {
    invalid_grant: 'The current password is wrong.',
    not_found: 'An account cannot be deleted here. Ask the operator of this service.',
};

const { leave } = protect(async () => {
    username.defaultValue = (await loadCaller()).email;
});

onSubmit(form, 'One moment …', async () => {
    try {
        const deletion = () => account.deleteAccount(current.value, { fetch: auth.fetch });
        await withConfirmation(deletion, { password: current.value });
        form.reset();
        await leave('session', 'deleted');
    } catch (error) {
        showError(error, WORDS);
        if (error.code === 'invalid_grant') blame(current);
        if (error.code === 'not_found') close();
    }
});
