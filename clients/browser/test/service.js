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
    #count = 0;
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
        if (request.method === 'DELETE') return this.#protect(request, () => this.#delete(pathname));
        if (!request.headers.get('x-requested-with') || !this.origins.includes(request.headers.get('origin'))) {
            return error(403, 'csrf_failed');
        }
        const body = JSON.parse((await request.text()) || '{}');
        if (pathname === '/auth/login') return this.#login(body, cookies);
        if (pathname === '/auth/refresh') return this.#refresh(cookies);
        if (pathname === '/auth/logout') return this.#logout(cookies);
        return gateway(404, 'Not Found');
    }

    #login({ email, password, delivery }, cookies) {
        if (delivery !== 'cookie') return error(400, 'invalid_request');
        if (USERS[email] !== password) return error(401, 'invalid_grant');
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
