/** The page at `/account`. @module */
import { auth, call, element, formatClock, formatTime, loadCaller, make, protect, serviceTime, showError } from './page.js';

protect(async () => {
    const claims = await loadCaller();
    document.querySelector('h1').textContent = 'You are logged in';
    element('email').textContent = claims.email;
    element('role').textContent = claims.role;
    element('scope').textContent = claims.scope.split(' ').join(', ') || 'none';
    element('since').textContent = formatTime(Number(claims.auth_time) * 1_000);
    await tick();
});

/** Shows how long the access token is valid. Its times are those of the service. */
const tick = async () => {
    const token = auth.session && (await auth.getToken().catch(() => null));
    if (!token) return;
    const { iat, exp } = claimsOf(token);
    const left = Math.min(exp - serviceTime() / 1_000, exp - iat);
    element('left').textContent = formatClock(left);
    element('life').value = Math.max(0, left / (exp - iat));
};
setInterval(tick, 1_000);

/** Returns the claims of a token. Only a verifier can trust them; a page may show them. */
const claimsOf = (token) => JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));

element('call').addEventListener('click', async () => {
    const start = performance.now();
    try {
        const response = await call('/auth/me');
        const text = await response.text();
        const time = Math.round(performance.now() - start);
        const status = make('p', response.ok ? 'result good' : 'result', `${response.status} after ${time} ms`);
        const body = make('pre', '', format(text));
        body.tabIndex = 0;
        body.setAttribute('role', 'region');
        body.setAttribute('aria-label', 'The answer');
        element('answer').replaceChildren(status, body);
    } catch (error) {
        element('answer').replaceChildren();
        showError(error);
    }
});

const format = (text) => {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
};
