// What every browser has to show, whatever drives it. A scenario gets a `tab`, as `Tab` in `browsers.js` is one, and the
// `proxy` through which it opens the pages. What runs in a page is a function of its own, without anything around it.
import assert from 'node:assert/strict';

const { EMAIL, PASSWORD } = process.env;
const REFRESH = 'POST /auth/refresh';
const LOGOUT = 'POST /auth/logout';

const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** Runs in each page before its own scripts. `removed` are features that the browser then does not have. */
const before = ({ removed = [], shift = 0, isWatched = false, isHeard = false, early }) => {
    /** Returns the client that the script of the page made. */
    globalThis.client = async () => {
        const script = document.querySelector('script[type=module]:not([src$="/panel.js"])');
        const { auth } = await import(script.src.replace(/[^/]+$/, 'page.js'));
        return auth;
    };
    if (removed.includes('lock')) delete Navigator.prototype.locks;
    if (removed.includes('channel')) delete globalThis.BroadcastChannel;
    if (shift) {
        const Real = Date;
        globalThis.Date = class extends Real {
            constructor(...args) {
                super(...(args.length ? args : [Real.now() + shift]));
            }
            static now() {
                return Real.now() + shift;
            }
        };
    }
    if (isWatched) {
        addEventListener('pageshow', ({ persisted }) => {
            if (!persisted) return;
            const shown = [];
            const look = () => {
                shown.push(document.getElementById('content').checkVisibility());
                requestAnimationFrame(look);
            };
            look();
            // A driver may lose a page that is restored, so the page reports by itself.
            const report = () => navigator.sendBeacon('/shown', JSON.stringify(shown));
            addEventListener('pagehide', report);
            setTimeout(report, 2_000);
        });
    }
    if (early) {
        // Modules run when all of the page has been read.
        new MutationObserver((_, observer) => {
            const input = document.getElementById('password');
            if (!input) return;
            observer.disconnect();
            input.value = early;
        }).observe(document, { childList: true, subtree: true });
    }
    if (isHeard) {
        const send = fetch;
        globalThis.fetch = async (...args) => {
            const response = await send(...args);
            const text = await response.clone().text();
            const heard = `${sessionStorage.getItem('heard') ?? ''}\n${text} ${JSON.stringify([...response.headers])}`;
            sessionStorage.setItem('heard', heard);
            return response;
        };
    }
};

const sidOf = async () => (await client()).session?.sid;
const callMe = async () => {
    const auth = await client();
    return auth.fetch('/auth/me').then(
        ({ status }) => status,
        (error) => error.name,
    );
};

/* ---- Five tabs ---- */

/** How many refreshes five tabs may make, by what the browser has. */
export const CONDITIONS = [
    { what: 'lock and channel', most: 1 },
    { what: 'no lock', removed: ['lock'], most: 5 },
    { what: 'no channel', removed: ['channel'], most: 5 },
    { what: 'neither', removed: ['lock', 'channel'], most: 5 },
    { what: 'lock held for ever', isHeld: true, most: 5 },
];

/** Makes ten calls at the same time, at a given time. */
const callTenTimes = async (start) => {
    const auth = await client();
    await new Promise((resolve) => setTimeout(resolve, start - Date.now()));
    performance.clearResourceTimings();
    const begin = performance.now();
    const calls = Array.from({ length: 10 }, () => auth.fetch('/auth/me'));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    const elapsed = Math.round(performance.now() - begin);
    const timesOf = (path) => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith(path));
    const refreshes = timesOf('/auth/refresh');
    const refused = Math.min(...timesOf('/auth/me').map(({ responseEnd }) => responseEnd));
    // From the first refusal to the refresh, which is the time that the client waits for other tabs.
    const turn = Math.round(Math.max(0, ...refreshes.map(({ startTime }) => startTime - refused)));
    return { statuses, elapsed, turn, refreshes: refreshes.length, isLoggedIn: Boolean(auth.session) };
};

const holdLock = async (name) => {
    navigator.locks.request(name, () => new Promise(() => {}));
    return (await navigator.locks.query()).held.some((held) => held.name === name);
};

/** Opens five tabs of a user, makes the service refuse their tokens, and makes ten calls in each. */
export const race = async ({ tab, proxy }, { removed, isHeld }) => {
    proxy.script = [before, { removed }];
    await tab.logIn();
    const tabs = [tab];
    while (tabs.length < 5) {
        const another = await tab.openAnother();
        await another.open('/account');
        await another.waitForText('#email', /@/);
        tabs.push(another);
    }
    if (isHeld) {
        const holder = await tab.openAnother();
        await holder.open('/empty');
        assert.ok(await holder.run(holdLock, `gatehouse ${proxy.url}/`));
    }
    const sid = await tab.run(sidOf);
    proxy.refuseTokens();
    proxy.requests = [];

    const start = Date.now() + 1_500;
    const results = await Promise.all(tabs.map((one) => one.run(callTenTimes, start)));

    const refused = proxy.of('GET /auth/me').filter(({ answer }) => answer?.status === 403).length;
    const refreshes = proxy.of(REFRESH).length;
    for (const one of tabs) {
        assert.equal(await one.run(() => location.pathname), '/account');
        assert.equal(await one.run(sidOf), sid);
    }
    await tab.open('/account');
    await tab.waitForText('#email', /@/);
    assert.equal(await tab.run(sidOf), sid);
    return {
        refused,
        refreshes,
        statuses: results.flatMap(({ statuses }) => statuses),
        mostPerTab: Math.max(...results.map((result) => result.refreshes)),
        loggedOut: results.filter(({ isLoggedIn }) => !isLoggedIn).length,
        slowest: Math.max(...results.map(({ elapsed }) => elapsed)),
        longestTurn: Math.max(...results.map(({ turn }) => turn)),
    };
};

/* ---- Faults ---- */

/** Logs in, and returns the session. */
const logIn = async ({ tab, proxy }, options = {}) => {
    proxy.script = [before, options];
    await tab.logIn();
    return tab.run(sidOf);
};

/** Asserts that a tab shows the account of the same session. */
const assertStillLoggedIn = async (tab, sid) => {
    await tab.waitForText('#email', /@/);
    assert.equal(await tab.run(sidOf), sid);
};

const assertLoggedOut = async (tab) => {
    await tab.open('/account');
    await tab.waitForPath('/');
    await tab.waitForText('#form', /Log in/);
};

/** Handles the first refresh in another way than the later ones. */
const atFirstRefresh = (proxy, handle) => {
    let isFirst = true;
    proxy.routes.set(REFRESH, (next) => {
        if (!isFirst) return next();
        isFirst = false;
        return handle(next);
    });
};

/** Leaves a page by a link, has its user log out in another tab, and goes back. */
const goBackAfterLogout = async ({ tab, proxy }, removed) => {
    await logIn({ tab, proxy }, { removed, isWatched: true });
    const other = await tab.openAnother();
    await other.open('/account');
    await other.waitForText('#email', /@/);
    await tab.run(() => void (location.href = '/empty'));
    await tab.waitForPath('/empty');
    await other.click('#logout');
    await other.waitForPath('/');
    // Time to see what the page shows before it knows.
    proxy.routes.set(REFRESH, async (next) => {
        await sleep(500);
        return next();
    });

    proxy.requests = [];

    await tab.show();
    await tab.run(() => history.back());

    // The login page is loaded.
    await proxy.waitFor('GET /');
    await sleep(500);
    const shown = proxy.of('POST /shown')[0]?.body;
    assert.ok(!shown?.includes('true'), `the account was visible: ${shown}`);
    return { isRestored: shown !== undefined };
};

/** Has a page log out when it ends, ends it, and shows that the service and the browser know. */
const logOutAtTheEnd = async ({ tab, proxy }, endPage) => {
    await logIn({ tab, proxy });
    const other = await tab.openAnother();
    await other.open('/empty');
    await tab.run(async () => {
        const auth = await client();
        addEventListener('pagehide', () => void auth.logout().catch(() => {}));
    });
    proxy.requests = [];

    await endPage(tab);

    assert.equal((await proxy.waitFor(LOGOUT)).answer.status, 204);
    await assertLoggedOut(other);
    const { answer } = await proxy.waitFor(REFRESH);
    assert.equal(JSON.parse(answer.text).error, 'login_required');
};

/** What must not log anyone out, and what must. */
export const FAULTS = {
    'a password that is typed before the scripts run stays': async ({ tab, proxy }) => {
        proxy.script = [before, { early: 'typed early' }];

        await tab.open('/');

        await proxy.waitFor(REFRESH);
        assert.equal(await tab.run(() => document.getElementById('password').value), 'typed early');
    },

    'a lost answer to a refresh logs nobody out': async ({ tab, proxy }) => {
        const sid = await logIn({ tab, proxy });
        proxy.requests = [];
        atFirstRefresh(proxy, async (next) => {
            await next();
            return null;
        });

        await tab.open('/account');

        await assertStillLoggedIn(tab, sid);
        const [lost, ...later] = proxy.of(REFRESH);
        assert.equal(lost.answer, undefined);
        assert.equal(later.at(-1).answer.status, 200);
    },

    'a refresh that hangs is given up and repeated, and logs nobody out': async ({ tab, proxy }) => {
        const sid = await logIn({ tab, proxy });
        // The service has rotated the token, and takes the old one for a replay after 10 s.
        atFirstRefresh(proxy, async (next) => {
            await next();
            return new Promise(() => {});
        });
        const start = Date.now();

        await tab.open('/account');
        await tab.waitForText('#alert', /^The service did not answer\..* This page keeps trying\.$/);

        const waited = Date.now() - start;
        assert.ok(waited > 8_000 && waited < 14_000, `${waited} ms`);
        assert.equal(await tab.attribute('#content', 'hidden'), '');
        await assertStillLoggedIn(tab, sid);
        assert.equal(await tab.run(callMe), 200);
    },

    'being offline logs nobody out': async ({ tab, proxy }) => {
        const sid = await logIn({ tab, proxy });
        proxy.refuseTokens();

        await tab.setOffline(true);

        await tab.waitForText('#alert', /^You are offline\./);
        assert.equal(await tab.run(callMe), 'TypeError');
        const failed = await tab.run(async () => {
            const auth = await client();
            const token = await auth.getToken();
            return auth.getToken(token).catch(({ name, code, status }) => `${name} ${code} ${status}`);
        });
        assert.equal(failed, 'AuthError no_answer 0');
        assert.equal(await tab.run(sidOf), sid);
        await tab.setOffline(false);
        await tab.waitForText('#status', /^You are online again\.$/);
        assert.equal(await tab.run(callMe), 200);
        assert.equal(await tab.run(sidOf), sid);
    },

    ...Object.fromEntries(
        [1, -1].map((hours) => [
            `a clock that is ${hours > 0 ? 'an hour fast' : 'an hour slow'} changes nothing`,
            async ({ tab, proxy }) => {
                const sid = await logIn({ tab, proxy }, { shift: hours * 3_600_000 });
                const isShifted = await tab.run(() => Math.round((Date.now() - performance.timeOrigin) / 3_600_000));
                assert.equal(isShifted, hours);
                await tab.waitForText('#left', /^(15:00|14:[45]\d)$/);
                proxy.requests = [];

                await sleep(2_500);
                assert.equal(await tab.run(callMe), 200);

                assert.equal(proxy.of(REFRESH).length, 0);
                proxy.refuseTokens();
                assert.equal(await tab.run(callMe), 200);
                assert.equal(proxy.of(REFRESH).length, 1);
                assert.equal(await tab.run(sidOf), sid);
            },
        ]),
    ),

    'going back after a logout in another tab does not show the account': async (given) => {
        await goBackAfterLogout(given, []);
    },

    'going back does not show the account even if no other tab told of the logout': async (given) => {
        const { isRestored } = await goBackAfterLogout(given, ['channel']);
        assert.ok(isRestored, 'the page was loaded again and not restored, so nothing was tested');
    },

    'going back shows the account again if the user is still logged in': async ({ tab, proxy }) => {
        await logIn({ tab, proxy }, { removed: ['channel'], isWatched: true });
        await tab.run(() => void (location.href = '/empty'));
        await tab.waitForPath('/empty');
        proxy.requests = [];

        await tab.run(() => history.back());

        const shown = JSON.parse((await proxy.waitFor('POST /shown')).body);
        assert.equal(shown[0], false);
        assert.equal(shown.at(-1), true);
    },

    'a logout of a tab that closes reaches the service': async (given) => {
        await logOutAtTheEnd(given, (tab) => tab.close());
    },

    'a logout of a page that is left reaches the service': async (given) => {
        await logOutAtTheEnd(given, (tab) => tab.run(() => void (location.href = '/empty')));
    },

    'a tab that opens during a logout ends up logged out': async ({ tab, proxy }) => {
        const sid = await logIn({ tab, proxy });
        let answerLogout;
        const held = new Promise((resolve) => (answerLogout = resolve));
        proxy.routes.set(LOGOUT, async (next) => {
            await held;
            return next();
        });

        await tab.click('#logout');
        await tab.waitForText('#status', /^Logging out/);
        const other = await tab.openAnother();
        await other.open('/account');
        await assertStillLoggedIn(other, sid);
        answerLogout();

        await tab.waitForPath('/');
        await other.waitForPath('/');
        await other.waitForText('#status', /^Your session has ended\./);
        await assertLoggedOut(other);
    },
};

/* ---- Attacks ---- */

const PATHS = ['/auth/login', '/auth/refresh', '/auth/logout', '/auth/password'];
/** A body that each endpoint would accept in JSON, and with which a login would succeed. */
const BODY = {
    email: EMAIL,
    password: PASSWORD,
    delivery: 'cookie',
    scope: 'all',
    current_password: PASSWORD,
    new_password: 'what the attacker knows',
};

/** Runs in a page of another site: sends a form. */
const sendForm = (action, enctype, fields) => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action, enctype });
    for (const [name, value] of fields) {
        form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    }
    document.body.append(form);
    form.submit();
};

/** Runs in a page of another site: sends a request, and returns what a script sees of the answer. */
const sendFetch = async (url, init) => {
    try {
        const response = await fetch(url, init);
        return `${response.type} ${response.status} ${await response.text()}`;
    } catch (error) {
        return error.name;
    }
};

const addFrame = (url) =>
    new Promise((resolve) => {
        const frame = document.createElement('iframe');
        // Some browsers report a frame that was refused, and some do not.
        frame.onload = frame.onerror = () => setTimeout(resolve, 1_000);
        setTimeout(resolve, 3_000);
        frame.src = url;
        document.body.append(frame);
    });

const sessionsOf = async () => {
    const response = await (await client()).fetch('/auth/sessions?limit=100');
    return (await response.json()).sessions.map(({ sid }) => sid).sort();
};

/** Logs a victim in, has another site attack, and asserts that the victim's session is what it was. */
const attack = async ({ tab, proxy, foreign }, act) => {
    const sid = await logIn({ tab, proxy });
    const sessions = await tab.run(sessionsOf);
    const attacker = await tab.openAnother();
    // The browser reports what it has blocked there.
    attacker.faults = [];
    await attacker.open(foreign);
    proxy.requests = [];

    await act(attacker);

    await attacker.close();
    proxy.requests = [];
    await tab.open('/account');
    await assertStillLoggedIn(tab, sid);
    assert.equal(proxy.of(REFRESH)[0].answer.status, 200);
    assert.deepEqual(await tab.run(sessionsOf), sessions);
    // The password is what it was.
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
    const login = await fetch(`${proxy.url}/auth/login`, { method: 'POST', headers, body });
    assert.equal(login.status, 200);
    const token = JSON.stringify({ refresh_token: (await login.json()).refresh_token });
    await fetch(`${proxy.url}/auth/logout`, { method: 'POST', headers, body: token });
};

/** Asserts that a request had no cookie of the victim and that its answer gave none. */
const assertRefused = ({ route, headers, answer }) => {
    assert.equal(headers.cookie, undefined, route);
    assert.ok([401, 403, 415].includes(answer.status), `${route}: ${answer.status} ${answer.text}`);
    assert.equal(answer.headers['set-cookie'], undefined, route);
    assert.doesNotMatch(answer.text, /token"/, route);
};

/** What another site, and an injected script, cannot do. */
export const ATTACKS = {
    'a form of another site has no effect': (given) =>
        attack(given, async (attacker) => {
            const { proxy, foreign } = given;
            const json = JSON.stringify({ ...BODY, x: '' });
            const asText = [[json.slice(0, -2), '"}']];
            for (const path of PATHS) {
                for (const [enctype, fields] of [
                    ['application/x-www-form-urlencoded', Object.entries(BODY)],
                    ['multipart/form-data', Object.entries(BODY)],
                    // The body is valid JSON: {..., "x":"="}.
                    ['text/plain', asText],
                ]) {
                    proxy.requests = [];
                    await attacker.run(sendForm, proxy.url + path, enctype, fields);
                    const sent = await proxy.waitFor(`POST ${path}`);
                    assert.ok(sent.headers['content-type'].startsWith(enctype));
                    assertRefused(sent);
                    await attacker.returnTo(foreign);
                }
            }
        }),

    'a script of another site cannot send what is accepted, nor read an answer': (given) =>
        attack(given, async (attacker) => {
            const { proxy } = given;
            const body = JSON.stringify(BODY);
            const text = { method: 'POST', credentials: 'include', headers: { 'content-type': 'text/plain' }, body };
            const json = { 'content-type': 'application/json', 'x-requested-with': 'fetch' };
            for (const path of PATHS) {
                const url = proxy.url + path;
                const post = `POST ${path}`;
                proxy.requests = [];

                assert.equal(await attacker.run(sendFetch, url, { ...text, mode: 'no-cors' }), 'opaque 0 ');
                assert.equal(await attacker.run(sendFetch, url, text), 'TypeError');
                assert.ok(await attacker.run((url, body) => navigator.sendBeacon(url, body), url, body));
                await proxy.waitFor(post, 3);
                assert.equal(proxy.of(post).length, 3);
                proxy.of(post).forEach(assertRefused);

                // What the service would accept needs a preflight.
                assert.equal(await attacker.run(sendFetch, url, { ...text, headers: json }), 'TypeError');
                assert.equal(proxy.of(post).length, 3);
                const { answer } = await proxy.waitFor(`OPTIONS ${path}`);
                assert.equal(answer.headers['access-control-allow-origin'], undefined);
            }
            const read = { credentials: 'include' };
            assert.equal(await attacker.run(sendFetch, `${proxy.url}/auth/me`, read), 'TypeError');
            assert.equal(await attacker.run(sendFetch, `${proxy.url}/account`, read), 'TypeError');
        }),

    'a frame of another site shows no page': (given) =>
        attack(given, async (attacker) => {
            const { proxy, foreign } = given;
            for (const path of ['/', '/account', '/account/sessions', '/account/password']) {
                proxy.requests = [];
                await attacker.run(addFrame, proxy.url + path);
                await proxy.waitFor(`GET ${path}`);
                assert.deepEqual(proxy.of('GET /before.js'), [], path);
                assert.deepEqual(proxy.of(REFRESH), [], path);
            }
            // Without the policy, the scripts of the page would run.
            proxy.routes.set('GET /account', async (next) => {
                const answer = await next();
                delete answer.headers['content-security-policy'];
                return answer;
            });
            await attacker.open(foreign);
            await attacker.run(addFrame, `${proxy.url}/account`);
            await proxy.waitFor('GET /before.js');
            proxy.routes.clear();
        }),

    'a script in the page finds neither the refresh token nor the password': async ({ tab, proxy }) => {
        await logIn({ tab, proxy }, { isHeard: true });
        const tries = await tab.run(async () => {
            const answers = [];
            for (const body of [undefined, '{"delivery":"body"}', '{"delivery":"body","refresh_token":null}']) {
                const headers = { 'x-requested-with': 'fetch', ...(body && { 'content-type': 'application/json' }) };
                const response = await fetch('/auth/refresh', { method: 'POST', credentials: 'include', headers, body });
                answers.push(await response.text());
            }
            return answers;
        });
        const found = await tab.run(async () => ({
            cookie: document.cookie,
            cookies: JSON.stringify((await globalThis.cookieStore?.getAll()) ?? []),
            local: JSON.stringify({ ...localStorage }),
            // What the test heard, and what the panel shows.
            session: JSON.stringify({ ...sessionStorage }),
            document: document.documentElement.outerHTML,
            fields: JSON.stringify([...document.querySelectorAll('input')].map(({ value }) => value)),
            page: JSON.stringify([location.href, document.referrer, window.name, history.state]),
            loaded: JSON.stringify(performance.getEntries()),
            databases: JSON.stringify(await indexedDB.databases()),
            caches: JSON.stringify(await caches.keys()),
        }));

        const sent = proxy.requests.map(({ headers }) => /__Host-refresh=([^;]+)/.exec(headers.cookie)?.[1]);
        const secrets = [...new Set(sent.filter(Boolean))];
        // The browser had the token, and the script saw the answers.
        assert.ok(secrets.length > 0 && secrets.every((secret) => secret.length > 100));
        assert.match(found.session, /access_token/);
        assert.match(tries[0], /access_token/);
        assert.deepEqual([found.cookie, found.cookies, found.databases, found.caches], ['', '[]', '[]', '[]']);
        for (const [where, text] of [...Object.entries(found), ...tries.entries()]) {
            for (const secret of [...secrets, PASSWORD]) assert.ok(!text.includes(secret), where);
            assert.doesNotMatch(text, /refresh_token\\?"\s*:\s*\\?"/, where);
        }
    },
};
