// Calls functions before the tests do. `cargo dev` compiles a function at its first call, which takes longer than a test
// waits.
import { callApi, sleep, URL_OF_STACK } from './browsers.js';
import { newAddress, register, SENTENCE } from './mails.js';

/** How long compiling may take, in ms. */
const PATIENCE = 1_200_000;

/** The endpoints that the tests of second factors use, one for each function. None of them does anything by this call. */
const PUBLIC = [
    '/auth/register',
    '/auth/register/confirm',
    '/auth/login',
    '/auth/login/second',
    '/auth/passkey',
    '/auth/refresh',
    '/auth/logout',
    '/auth/reset',
    '/auth/account/keep',
].map((path) => ['POST', path]);
const PROTECTED = [
    ['GET', '/auth/me'],
    ['GET', '/auth/factors'],
    ['POST', '/auth/confirm'],
    ['POST', '/auth/password'],
    ['POST', '/auth/address'],
    ['POST', '/auth/account/delete'],
];

/** Calls until there is another answer than 503, which the gateway gives while it compiles. */
const wake = async (call, end) => {
    while ((await call()).status === 503 && Date.now() < end) await sleep(500);
};

/** Calls the pages and the functions behind them, until each has answered. */
export const wakeFunctions = async () => {
    const end = Date.now() + PATIENCE;
    const wakeAll = (endpoints, headers) =>
        endpoints.map(([method, path]) => {
            const body = method === 'POST' ? {} : undefined;
            return wake(() => callApi(method, path, body, headers), end);
        });
    await Promise.all([wake(() => fetch(URL_OF_STACK), end), ...wakeAll(PUBLIC)]);
    // The functions that send emails are compiled now.
    const { access_token } = await register(newAddress({ name: 'any' }, 'wake'), SENTENCE, end - Date.now());
    await Promise.all(wakeAll(PROTECTED, { authorization: `Bearer ${access_token}` }));
};
