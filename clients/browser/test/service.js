// Gatehouse as a page sees it, and an API behind its authorizer: the paths, codes and rules of the contract.

const json = (status, body, headers = {}) =>
    new Response(JSON.stringify(body), {
        status,
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    });

export const error = (status, code, headers) =>
    json(status, { error: code, error_description: `it is ${code}` }, headers);
export const gateway = (status, message, headers) => json(status, { message }, headers);

const USERS = { 'ada@example.com': 'correct horse', 'bob@example.com': 'battery staple' };
const REFRESH = '__Host-refresh';

export class Service {
    #clock;
    #sessions = new Map();
    #tokens = new Map();
    #users = new Map(Object.entries(USERS));
    #count = 0;
    /** Every mail: its address, what it is for, its token, and a code with the request that it is for. */
    mails = [];
    hasRegistration = true;
    origins = ['https://app.example.com'];
    expiresIn = 900;
    scope = 'reports:read';

    constructor(clock) {
        this.#clock = clock;
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
        if (request.method === 'DELETE') return this.#protect(request, () => this.#delete(pathname));
        if (!request.headers.get('x-requested-with') || !this.origins.includes(request.headers.get('origin'))) {
            return error(403, 'csrf_failed');
        }
        const body = JSON.parse((await request.text()) || '{}');
        if (pathname === '/auth/login') return this.#login(body, cookies);
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
        return this.#start(email, cookies);
    }

    #start(email, cookies) {
        const sid = `session-${++this.#count}`;
        this.#sessions.set(sid, { user: email, generation: 1 });
        cookies.set(REFRESH, `${sid}.1`, 604_800);
        return this.#issue(sid);
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

    #reset({ new_password, ...proof }) {
        if (new_password.length < 15) return error(400, 'weak_password');
        const mail = this.#prove(['reset'], proof);
        if (!this.#users.has(mail?.to)) return error(401, 'invalid_grant');
        this.#users.set(mail.to, new_password);
        return new Response(null, { status: 204 });
    }

    async #changeAddress(request) {
        const { email, password } = await request.json();
        const user = this.user(request.headers.get('authorization').replace('Bearer ', ''));
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
        const user = this.user(request.headers.get('authorization').replace('Bearer ', ''));
        if (this.#users.get(user) !== password) return error(401, 'invalid_grant');
        this.#users.delete(user);
        this.#sessions.clear();
        this.#mail(user, 'account_deleted', { password });
        return json(202, { delete_at: 1_764_034_234 });
    }

    #keepAccount({ token, password }) {
        const mail = this.mails.find((mail) => mail.token === token && mail.password === password);
        if (!mail) return error(401, 'invalid_grant');
        this.#users.set(mail.to, password);
        return new Response(null, { status: 204 });
    }

    #delete(pathname) {
        return new Response(null, { status: this.#sessions.delete(pathname.split('/').at(-1)) ? 204 : 404 });
    }

    #issue(sid) {
        const token = `token-${++this.#count}`;
        this.#tokens.set(token, { sid, until: this.#clock.now + this.expiresIn * 1_000 });
        return json(200, {
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
        const user = this.user(request.headers.get('authorization')?.replace('Bearer ', ''));
        return this.#protect(request, async () => json(200, { user, body: await request.text() }));
    }
}
