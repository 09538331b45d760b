/** The page at `/`. @module */
import { auth, blame, clearMessages, element, isWaiting, onSubmit, readReason, showError } from './page.js';

const [form, email, password] = ['form', 'email', 'password'].map(element);
const { next, hasEnded } = readReason();

let isKnown = false;
auth.onChange((session) => {
    // Another tab tells of its logout before the service does, so the session that just ended may still answer.
    const isOver = hasEnded && !isKnown;
    isKnown = true;
    // Going back does not lead to this page any more.
    if (session && !isOver) location.replace(next);
});

onSubmit(form, 'Logging in …', async () => {
    try {
        await auth.login({ email: email.value, password: password.value });
    } catch (error) {
        showError(error);
        if (error.code === 'invalid_grant') blame(password);
        if (error.code === 'invalid_request') blame(email);
    }
});

// Only this address has to wait.
email.addEventListener('input', () => isWaiting() && clearMessages());
