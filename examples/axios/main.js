import { createApi } from './api.js';
import { createAuth } from './auth.js';

const auth = createAuth();
const api = createApi(auth, '/');
const [message, form, account, user, again, logout] = ['message', 'login', 'account', 'user', 'again', 'logout'].map(
    (id) => document.getElementById(id),
);

/** Does something, and shows why it failed. */
const attempt = async (job) => {
    message.textContent = '';
    await job().catch((error) => {
        const isWrong = error.code === 'invalid_grant';
        message.textContent = isWrong ? 'The email address or the password is wrong.' : error.message;
    });
};

// This is called when the page has loaded, and when someone logs in or out in this tab or in another one.
auth.onChange((session) => {
    form.reset();
    form.hidden = session !== null;
    account.hidden = !session;
    user.textContent = '';
    if (session) attempt(() => greet(session));
});

const greet = async (session) => {
    const { data } = await api.get('/auth/me');
    // Someone else may have logged in meanwhile.
    if (auth.session === session) user.textContent = data.email;
};

form.onsubmit = (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(form));
    attempt(() => auth.login({ email, password }));
};
again.onclick = () => attempt(() => greet(auth.session));
logout.onclick = () => attempt(() => auth.logout());

if ((await auth.ready) === undefined) message.textContent = 'The service does not answer. This page keeps trying.';
