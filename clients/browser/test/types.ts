// The types as a user of the module sees them. `tsc` checks this file; nothing runs it.
import { AuthError, createAuth, type Session } from 'gatehouse-browser';
import { AuthError as AccountError, createAccount, type Proof } from 'gatehouse-browser/account';
import { createAccount as createMinifiedAccount } from 'gatehouse-browser/account.min.js';
import { createAuth as createMinified } from 'gatehouse-browser/auth.min.js';

const auth = createAuth({ baseUrl: 'https://auth.example.com', origins: ['https://api.example.com'] });
const minified: typeof auth = createMinified();

const session: Session | null | undefined = auth.session;
// @ts-expect-error `undefined` means that it is not known.
const known: Session | null = auth.session;
// @ts-expect-error Somebody may be logged in, or nobody.
auth.session.sid;
if (session) {
    const sid: string = session.sid;
    // @ts-expect-error A session is not changed by the page.
    session.sid = sid;
}

const ready: Promise<Session | null | undefined> = auth.ready;
const loggedIn: Promise<Session> = auth.login({ email: 'ada@example.com', password: 'x', label: 'laptop' });
// @ts-expect-error The password is missing.
auth.login({ email: 'ada@example.com' });
const loggedOut: Promise<void> = auth.logout({ scope: 'all' });
// @ts-expect-error There is no such scope.
auth.logout({ scope: 'everyone' });
const answer: Promise<Response> = auth.fetch('/reports', { method: 'POST', body: '{}' });
const token: Promise<string | null> = auth.getToken('refused');
const stop: () => void = auth.onChange((changed: Session | null | undefined) => changed?.scope);

try {
    await auth.login({ email: 'ada@example.com', password: 'x' });
} catch (error) {
    if (error instanceof AuthError) {
        const { status, code, retryAfter }: { status: number; code: string; retryAfter: number | undefined } = error;
        const requestId: string | undefined = error.requestId;
        // @ts-expect-error It is `undefined` if there is nothing to wait for.
        const seconds: number = error.retryAfter;
        void [status, code, retryAfter, requestId, seconds];
    }
}
void [minified, known, ready, loggedIn, loggedOut, answer, token, stop];

const account = createAccount({ baseUrl: 'https://auth.example.com' });
const minifiedAccount: typeof account = createMinifiedAccount();
const asked: Promise<{ request: string; expiresIn: number }> = account.register('ada@example.com', { language: 'de' });
const forgotten: typeof asked = account.forgot('ada@example.com');
const byLink: Proof = { token: 'x' };
const byCode: Proof = { request: (await asked).request, code: '1234 5678' };
// @ts-expect-error A code counts only with its request.
const alone: Proof = { code: '12345678' };
// @ts-expect-error A token needs no code.
const both: Proof = { token: 'x', request: 'x', code: '12345678' };
const registered: Promise<Session> = account.confirmRegistration(byLink, { password: 'x', label: 'laptop' });
// @ts-expect-error The password is missing.
account.confirmRegistration(byCode, {});
const reset: Promise<void> = account.reset(byCode, { newPassword: 'x' });
const changed: Promise<{ expiresIn: number }> = account.changeAddress('a@example.com', 'x', { fetch: auth.fetch });
// @ts-expect-error It needs an access token.
account.changeAddress('a@example.com', 'x', {});
const confirmed: Promise<{ next: 'new' | undefined }> = account.confirmAddress('x', 'x');
const sameShape: AuthError = new AccountError(401, 'invalid_grant', 'x');
void [minifiedAccount, forgotten, alone, both, registered, reset, changed, confirmed, sameShape];
