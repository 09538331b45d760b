// Gatehouse as a page sees it, and an API behind its authorizer: the paths, codes and rules of the contract.

import { error, gateway, insufficient, json } from './answers.js';
import { Factors } from './factors.js';

export { error, gateway, insufficient } from './answers.js';

const USERS = { 'ada@example.com': 'correct horse', 'bob@example.com': 'battery staple' };
const REFRESH = '__Host-refresh';
const DEVICE = '__Host-device';
/** How long a session is fresh, in ms. */
const FRESH = 600_000;

const tokenOf = (request) => request.headers.get('authorization').replace('Bearer ', '');

export class Service {
    #clock;
    #sessions = new Map();
    #tokens = new Map();
    #users = new Map(Object.entries(USERS));
    /** The users who have taken the first step of a login, by their token. */
    #half = new Map();
    #count = 0;
    /** Every mail: its address, what it is for, its token, and a code with the request that it is for. */
    mails = [];
    hasRegistration = true;
    origins = ['https://app.example.com'];
    expiresIn = 900;
    scope = 'reports:read';
    /** For how many days a login needs no second factor on a device that its user wants to be remembered. */
    rememberDays = 0;

    constructor(clock) {
        this.#clock = clock;
        this.factors = new Factors(clock);
    }

    /** Ends a session as an operator does. */
    end(sid) {
        this.#sessions.delete(sid);
    }

    isAlive(sid) {
        return this.#sessions.has(sid);
    }

    /** Refuses every access token that was issued so far. */
    refuseTokens() {
        this.#tokens.clear();
    }

    user(token) {
        const found = this.#tokens.get(token);
        return found && found.until > this.#clock.now && this.#sessions.get(found.sid)?.user;
    }

    /** Answers a request. `cookies` has the cookies that the browser sends, and takes those that the answer sets. */
    async answer(request, cookies) {
        const { pathname, host } = new URL(request.url);
        if (host !== 'auth.example.com' || pathname.startsWith('/things')) return this.#api(request, pathname);
        if (pathname === '/auth/password') return this.#protect(request, () => error(401, 'invalid_grant'));
        if (pathname === '/auth/address') return this.#protect(request, () => this.#changeAddress(request));
        if (pathname === '/auth/account/delete') return this.#protect(request, () => this.#deleteAccount(request));
        if (pathname === '/auth/confirm/options') return this.#protect(request, () => this.#offerConfirmation(request));
        if (pathname === '/auth/confirm') return this.#protect(request, () => this.#confirm(request));
        if (pathname.startsWith('/auth/factors')) return this.#protect(request, () => this.#answerFactors(request, pathname));
        if (request.method === 'DELETE') return this.#protect(request, () => this.#delete(pathname));
        if (pathname === '/auth/passkey/options') return this.factors.offer('passkey');
        if (pathname === '/auth/login/second/options') return this.#offerSecond(await request.json());
        if (!request.headers.get('x-requested-with') || !this.origins.includes(request.headers.get('origin'))) {
            return error(403, 'csrf_failed');
        }
        const body = JSON.parse((await request.text()) || '{}');
        if (pathname === '/auth/login') return this.#login(body, cookies);
        if (pathname === '/auth/login/second') return this.#loginSecond(body, cookies);
        if (pathname === '/auth/passkey') return this.#loginWithPasskey(body, cookies);
        if (pathname === '/auth/refresh') return this.#refresh(cookies);
        if (pathname === '/auth/logout') return this.#logout(cookies);
        if (pathname === '/auth/register' && !this.hasRegistration) return error(404, 'not_found');
        if (pathname === '/auth/register' || pathname === '/auth/forgot') return this.#ask(pathname, body);
        if (pathname === '/auth/register/confirm') return this.#register(body, cookies);
        if (pathname === '/auth/reset') return this.#reset(body);
        if (pathname === '/auth/address/confirm') return this.#confirmAddress(body);
        if (pathname === '/auth/account/keep') return this.#keepAccount(body);
        return gateway(404, 'Not Found');
    }

    #login({ email, password, delivery }, cookies) {
        if (delivery !== 'cookie') return error(400, 'invalid_request');
        if (this.#users.get(email) !== password) return error(401, 'invalid_grant');
        const kinds = this.factors.kindsOf(email);
        if (!kinds.length || cookies.get(DEVICE) === email) return this.#start(email, cookies);
        const mfa_token = `half-${++this.#count}`;
        this.#half.set(mfa_token, email);
        const half = { error: 'mfa_required', error_description: 'x', mfa_token, factors: kinds, expires_in: 300 };
        return json(401, { ...half, ...(this.rememberDays && { remember_days: this.rememberDays }) });
    }

    #start(email, cookies, acr = 'aal1', more = {}) {
        const sid = `session-${++this.#count}`;
        this.#sessions.set(sid, { user: email, generation: 1, acr, at: this.#clock.now });
        cookies.set(REFRESH, `${sid}.1`, 604_800);
        return this.#issue(sid, more);
    }

    /* ---- Second factors ---- */

    #loginSecond({ mfa_token, remember, ...proof }, cookies) {
        const email = this.#half.get(mfa_token);
        const spent = email && this.factors.spend(email, proof, mfa_token);
        if (!spent) return error(401, 'invalid_grant');
        this.#half.delete(mfa_token);
        if (remember && this.rememberDays) cookies.set(DEVICE, email, this.rememberDays * 86_400);
        return this.#start(email, cookies, proof.passkey ? 'phr' : 'aal2', spent);
    }

    #offerSecond({ mfa_token }) {
        const user = this.#half.get(mfa_token);
        return user ? this.factors.offer(mfa_token, user) : error(401, 'invalid_grant');
    }

    #offerConfirmation(request) {
        const { sid, session } = this.#sessionOf(request);
        const hasPasskey = this.factors.kindsOf(session.user).includes('passkey');
        return hasPasskey ? this.factors.offer(sid, session.user) : error(404, 'not_found');
    }

    #loginWithPasskey({ credential, delivery }, cookies) {
        if (delivery !== 'cookie') return error(400, 'invalid_request');
        const email = this.factors.verify(credential, 'passkey');
        return email ? this.#start(email, cookies, 'phr') : error(401, 'invalid_grant');
    }

    #sessionOf(request) {
        const { sid } = this.#tokens.get(tokenOf(request));
        return { sid, session: this.#sessions.get(sid) };
    }

    async #confirm(request) {
        const { sid, session } = this.#sessionOf(request);
        const { password, ...proof } = await request.json();
        const isSent = proof.code || proof.recovery_code || proof.passkey;
        if (!proof.passkey && this.#users.get(session.user) !== password) return error(401, 'invalid_grant');
        if (this.factors.kindsOf(session.user).length && !isSent) return error(401, 'mfa_required');
        const spent = isSent ? this.factors.spend(session.user, proof, sid) : {};
        if (!spent) return error(401, 'invalid_grant');
        Object.assign(session, { at: this.#clock.now, ...(isSent && { acr: proof.passkey ? 'phr' : 'aal2' }) });
        const { access_token, token_type, expires_in } = await this.#issue(sid).json();
        return json(200, { access_token, token_type, expires_in, ...spent });
    }

    /** Returns the refusal of a session that is not fresh, or not strong enough for what its user has. */
    demand(token) {
        const { sid, acr, at } = this.#tokens.get(token);
        const isWeak = acr === 'aal1' && this.factors.kindsOf(this.#sessions.get(sid).user).length > 0;
        return !isWeak && this.#clock.now - at < FRESH ? undefined : insufficient();
    }

    async #answerFactors(request, pathname) {
        const { session } = this.#sessionOf(request);
        const path = pathname.replace(/^\/auth\/factors\/?/, '');
        if (`${request.method} ${path}` === 'GET ') return this.factors.list(session.user);
        const body = JSON.parse((await request.text()) || '{}');
        // What is sent again was allowed before.
        const isRepeated = this.factors.hasPasskey(session.user, body.credential?.id);
        const refusal = isRepeated ? undefined : this.demand(tokenOf(request));
        return refusal ?? this.factors.change(session, request.method, path, body);
    }

    #refresh(cookies) {
        const cookie = cookies.get(REFRESH);
        if (!cookie) return error(401, 'login_required');
        const [sid, generation] = cookie.split('.');
        const session = this.#sessions.get(sid);
        if (!session) return error(401, 'invalid_grant');
        // Two tabs with the same token get the same next one, as from the real service within 10 seconds.
        if (Number(generation) === session.generation) session.generation++;
        cookies.set(REFRESH, `${sid}.${session.generation}`, 604_800);
        return this.#issue(sid);
    }

    #logout(cookies) {
        const cookie = cookies.get(REFRESH);
        if (cookie) {
            this.#sessions.delete(cookie.split('.')[0]);
            cookies.delete(REFRESH);
        }
        return new Response(null, { status: 204 });
    }

    /** Sends a mail, and returns the request that its code is for. */
    #mail(to, purpose, more) {
        const count = ++this.#count;
        const request = `request-${count}`;
        this.mails.push({ to, purpose, token: `link-${count}`, request, code: `${10_000_000 + count}`, ...more });
        return request;
    }

    #ask(pathname, { email, language }) {
        if (!/.@./.test(email)) return error(400, 'invalid_request');
        const purpose = pathname === '/auth/register' ? 'register' : 'reset';
        return json(202, { request: this.#mail(email, purpose, { language }), expires_in: 600 });
    }

    /** Returns the mail that a token or a code proves, and forgets it. */
    #prove(purposes, { token, request, code }) {
        const found = this.mails.find(
            (mail) =>
                purposes.includes(mail.purpose) &&
                !mail.isUsed &&
                (token ? mail.token === token : mail.request === request && mail.code === code),
        );
        if (found) found.isUsed = true;
        return found;
    }

    #register({ password, delivery, ...proof }, cookies) {
        if (delivery !== 'cookie') return error(400, 'invalid_request');
        if (password.length < 15) return error(400, 'weak_password');
        const mail = this.#prove(['register'], proof);
        if (!mail || this.#users.has(mail.to)) return error(401, 'invalid_grant');
        this.#users.set(mail.to, password);
        return this.#start(mail.to, cookies);
    }

    #reset({ new_password, second_code, recovery_code, ...proof }) {
        if (new_password.length < 15) return error(400, 'weak_password');
        const mail = this.#prove(['reset'], proof);
        if (!this.#users.has(mail?.to)) return error(401, 'invalid_grant');
        const { refusal, ...replacement } = this.#spendWithLink(mail.to, { code: second_code, recovery_code });
        if (refusal) {
            mail.isUsed = false;
            return refusal;
        }
        this.#users.set(mail.to, new_password);
        return this.#finish(replacement);
    }

    async #changeAddress(request) {
        const { email, password } = await request.json();
        const user = this.user(tokenOf(request));
        if (this.#users.get(user) !== password) return error(401, 'invalid_grant');
        this.#mail(user, 'address_old', { email });
        return json(202, { expires_in: 3_600 });
    }

    #confirmAddress({ token, password }) {
        const { to, user = to } = this.mails.find((mail) => mail.token === token) ?? {};
        if (!token || this.#users.get(user) !== password) return error(401, 'invalid_grant');
        const mail = this.#prove(['address_old', 'address_new'], { token });
        if (!mail) return error(401, 'invalid_grant');
        if (mail.purpose === 'address_old') {
            this.#mail(mail.email, 'address_new', { user });
            return json(200, { next: 'new' });
        }
        this.#users.delete(user);
        this.#users.set(mail.to, password);
        return new Response(null, { status: 204 });
    }

    async #deleteAccount(request) {
        const { password } = await request.json();
        const user = this.user(tokenOf(request));
        if (this.#users.get(user) !== password) return error(401, 'invalid_grant');
        const refusal = this.factors.kindsOf(user).length && this.demand(tokenOf(request));
        if (refusal) return refusal;
        this.#users.delete(user);
        this.#sessions.clear();
        this.#mail(user, 'account_deleted', { password });
        return json(202, { delete_at: 1_764_034_234 });
    }

    /** Uses up the second factor of a request with a link. Returns what the answer says more, or the refusal. */
    #spendWithLink(email, proof) {
        if (!this.factors.kindsOf(email).length) return {};
        if (!proof.code && !proof.recovery_code) return { refusal: error(401, 'mfa_required') };
        return this.factors.spend(email, proof) ?? { refusal: error(401, 'invalid_grant') };
    }

    /** Answers without content, unless a recovery code was used. */
    #finish(replacement) {
        return replacement.recovery_code ? json(200, replacement) : new Response(null, { status: 204 });
    }

    #keepAccount({ token, password, second_code, recovery_code }) {
        const mail = this.mails.find((mail) => mail.token === token && mail.password === password);
        if (!mail) return error(401, 'invalid_grant');
        const { refusal, ...replacement } = this.#spendWithLink(mail.to, { code: second_code, recovery_code });
        if (refusal) return refusal;
        this.#users.set(mail.to, password);
        return this.#finish(replacement);
    }

    #delete(pathname) {
        return new Response(null, { status: this.#sessions.delete(pathname.split('/').at(-1)) ? 204 : 404 });
    }

    #issue(sid, more = {}) {
        const token = `token-${++this.#count}`;
        const { acr, at } = this.#sessions.get(sid);
        this.#tokens.set(token, { sid, acr, at, until: this.#clock.now + this.expiresIn * 1_000 });
        return json(200, {
            ...more,
            access_token: token,
            token_type: 'Bearer',
            expires_in: this.expiresIn,
            refresh_expires_in: 604_800,
            scope: this.scope,
            sid,
        });
    }

    #protect(request, answer) {
        const bearer = request.headers.get('authorization');
        if (!bearer) return gateway(401, 'Unauthorized');
        return this.user(bearer.replace('Bearer ', '')) ? answer() : gateway(403, 'Forbidden');
    }

    #api(request, pathname) {
        if (pathname === '/things/public') return json(200, { bearer: request.headers.get('authorization') });
        if (pathname === '/things/forbidden') return this.#protect(request, () => gateway(403, 'Forbidden'));
        if (pathname === '/things/refused') return this.#protect(request, () => error(403, 'not_yours'));
        if (pathname === '/things/payout') {
            return this.#protect(request, () => {
                const token = tokenOf(request);
                return this.demand(token) ?? json(200, { user: this.user(token) });
            });
        }
        const user = this.user(request.headers.get('authorization')?.replace('Bearer ', ''));
        return this.#protect(request, async () => json(200, { user, body: await request.text() }));
    }
}
