// The types as a user of the module sees them. `tsc` checks this file; nothing runs it.
import { AuthError, createAuth, type Session } from 'gatehouse-browser';
import { AuthError as AccountError, createAccount, type Proof } from 'gatehouse-browser/account';
import { createAccount as createMinifiedAccount } from 'gatehouse-browser/account.min.js';
import { createAuth as createMinified } from 'gatehouse-browser/auth.min.js';
import { createSecondFactor, readChallenge } from 'gatehouse-browser/second-factor';
import { createSecondFactor as createMinifiedSecondFactor } from 'gatehouse-browser/second-factor.min.js';

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
const secondStep: Promise<Session & { recoveryCode?: string }> = auth.login({ mfaToken: 'x', recoveryCode: 'x' });
const remembered: typeof secondStep = auth.login({ mfaToken: 'x', code: '123456', remember: true });
// @ts-expect-error The service knows for how many days.
auth.login({ mfaToken: 'x', code: '123456', remember: 30 });
// @ts-expect-error The second step needs the token of the first.
auth.login({ code: '123456' });
const stepUp: Promise<{ recoveryCode: string | undefined }> = auth.confirm({ password: 'x', code: '123456' });
// @ts-expect-error A code alone confirms nobody.
auth.confirm({ code: '123456' });
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
        const { mfaToken, maxAge }: { mfaToken: string | undefined; maxAge: number | undefined } = error;
        const rememberDays: number | undefined = error.rememberDays;
        void [status, code, retryAfter, requestId, seconds, mfaToken, maxAge, rememberDays];
    }
}
void [minified, known, ready, loggedIn, secondStep, remembered, stepUp, loggedOut, answer, token, stop];

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
const reset: Promise<{ recoveryCode: string | undefined }> = account.reset(byCode, { newPassword: 'x', second: { code: '123456' } });
const kept: typeof reset = account.keepAccount('x', 'x', { second: { recoveryCode: 'x' } });
// @ts-expect-error There is none if no recovery code was used.
const replacement: string = (await kept).recoveryCode;
// @ts-expect-error A second factor is a code or a recovery code.
account.keepAccount('x', 'x', { second: { code: 'x', recoveryCode: 'x' } });
const changed: Promise<{ expiresIn: number }> = account.changeAddress('a@example.com', 'x', { fetch: auth.fetch });
// @ts-expect-error It needs an access token.
account.changeAddress('a@example.com', 'x', {});
const confirmed: Promise<{ next: 'new' | undefined }> = account.confirmAddress('x', 'x');
const fromAuth: AccountError = new AuthError(401, 'invalid_grant', 'x');
void [minifiedAccount, kept, replacement, forgotten, alone, both, registered, reset, changed, confirmed, fromAuth];

const second = createSecondFactor(auth);
const minifiedSecond: typeof second = createMinifiedSecondFactor(auth);
const withPasskey: Promise<Session | undefined> = second.logInWithPasskey({ mediation: 'conditional' });
// @ts-expect-error The session is `undefined` if the browser offers no passkeys in fields.
const always: Promise<Session> = second.logInWithPasskey({ mediation: 'conditional' });
const byPasskey: Promise<Session | undefined> = second.logInWithPasskey({ mfaToken: 'x', remember: true });
const { totp, passkeys } = await second.listFactors();
// @ts-expect-error There may be no app.
totp.addedAt;
const used: number | undefined = passkeys[0]?.lastUsedAt;
const synced: boolean | undefined = passkeys[0]?.synced;
const demand: { maxAge: number | undefined } | undefined = readChallenge(await auth.fetch('/payouts'));
void [minifiedSecond, withPasskey, byPasskey, always, used, synced, demand];
