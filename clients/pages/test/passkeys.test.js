// Passkeys: a registration, a login with one alone, the second step, step-up, and what must be refused. They need an
// authenticator that a test can drive. Chromium has one in its DevTools, and the driver of Firefox has none.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, it } from 'node:test';
import { callApi, FOREIGN_PORT, inEachBrowser, sleep } from './browsers.js';
import {
    addApp,
    Authenticator,
    clickInDialog,
    logOut,
    offerToRemember,
    openAsNewUser,
    PAGE,
    readSecondStep,
    requestsTo,
    STALE,
    takeCodes,
    waitForNoDialog,
} from './factors.js';
import { SENTENCE } from './mails.js';
import { wakeFunctions } from './wake.js';

/** A page of the same site at an origin that the service does not accept, and one of another site. */
const [OTHER_ORIGIN, OTHER_SITE] = ['localhost', 'other.localhost'].map((host) => `http://${host}:${FOREIGN_PORT}/`);
const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><html lang="en"><meta charset="utf-8"><title>another page</title><body></body></html>');
});

before(wakeFunctions);
before(() => new Promise((resolve) => server.listen(FOREIGN_PORT, '127.0.0.1', resolve)));
after(() => server.close() && server.closeAllConnections());

/** Returns the claims of the token that a page has sent last. */
const claimsOf = (tab) => {
    const { authorization } = tab.requests.findLast((request) => request.authorization);
    return JSON.parse(Buffer.from(authorization.split('.')[1], 'base64url').toString());
};

/* ---- What another program sends ---- */

const askForOptions = async () => {
    const { status, publicKey } = await callApi('POST', '/auth/passkey/options', {});
    assert.equal(status, 200);
    return publicKey;
};

/** Has the browser answer options on the page that is open. Returns the answer, or the name of the browser's error. */
const answer = (tab, publicKey) =>
    tab.run(async (json) => {
        try {
            const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
            return (await navigator.credentials.get({ publicKey })).toJSON();
        } catch ({ name }) {
            return name;
        }
    }, publicKey);

const send = async (credential) => {
    const { status, error } = await callApi('POST', '/auth/passkey', { credential });
    return [status, error];
};
const REFUSED = [401, 'invalid_grant'];

/** Removes every passkey of a user, as another device does. */
const removeElsewhere = async (email, recovery_code) => {
    const { mfa_token } = await callApi('POST', '/auth/login', { email, password: SENTENCE });
    const { access_token } = await callApi('POST', '/auth/login/second', { mfa_token, recovery_code });
    const headers = { authorization: `Bearer ${access_token}` };
    const { passkeys } = await callApi('GET', '/auth/factors', undefined, headers);
    for (const { id } of passkeys) {
        const { status } = await callApi('DELETE', `/auth/factors/passkeys/${id}`, undefined, headers);
        assert.equal(status, 204);
    }
};

inEachBrowser((browser) => {
    const itWithPasskeys = (what, run, options) => {
        const skip = browser.name === 'chromium' ? false : 'no authenticator that its driver can use';
        it(what, { skip }, () =>
            browser.withTab(async (tab) => {
                const authenticator = await Authenticator.attach(tab, options);
                await run(tab, authenticator);
            }),
        );
    };

    const open = (tab, name) => openAsNewUser(browser, tab, name);

    const nameAndAdd = async (tab, name) => {
        await tab.click('#add-passkey');
        if (name) await tab.type('name', name);
        await tab.click('dialog [type=submit]');
    };

    /** Adds the first factor of the user who is logged in. Returns the recovery codes. */
    const addPasskey = async (tab, name) => {
        await nameAndAdd(tab, name);
        const codes = await takeCodes(tab);
        await tab.waitForText('#status', /^The passkey is added\.$/);
        return codes;
    };

    /** Registers a user with a passkey and logs them out. */
    const openWithPasskey = async (tab, authenticator, name) => {
        const email = await open(tab, name);
        const codes = await addPasskey(tab, 'my laptop');
        // The request of the field would use the passkey by itself.
        await authenticator.setPresent(false);
        await logOut(tab);
        return { email, codes };
    };

    /**
     * Presses the button. Someone is there only once that has ended the request of the field, which would otherwise use
     * the passkey by itself.
     */
    const usePasskey = async (tab, authenticator) => {
        await tab.run(() => {
            const { fetch } = globalThis;
            globalThis.fetch = async (...args) => {
                const response = await fetch(...args);
                if (!response.url.endsWith('/options')) return response;
                globalThis.fetch = fetch;
                await new Promise((go) => (globalThis.goOn = go));
                return response;
            };
        });
        await tab.click('#passkey');
        const end = Date.now() + 15_000;
        while (!(await tab.run(() => 'goOn' in globalThis))) {
            if (Date.now() > end) throw new Error('the page asks for no options');
            await sleep(20);
        }
        await authenticator.setPresent(true);
        await tab.run(() => globalThis.goOn());
    };

    /* ---- Registration and login ---- */

    itWithPasskeys('registers a passkey, and logs in with it alone', async (tab, authenticator) => {
        const { email, codes } = await openWithPasskey(tab, authenticator, 'passkey');
        assert.equal(new Set(codes).size, 10);
        const [{ isResidentCredential, rpId }] = await authenticator.list();
        assert.deepEqual([isResidentCredential, rpId], [true, 'localhost']);

        await usePasskey(tab, authenticator);

        await tab.waitForPath('/account');
        await tab.waitForText('#email', new RegExp(`^${email}$`));
        assert.equal(claimsOf(tab).acr, 'phr');
        assert.equal(requestsTo(tab, '/auth/login').length, 1, 'only the first login had a password');
        await tab.open(PAGE);
        const row = await tab.waitForText('#passkeys', /my laptop/);
        assert.match(row, /Last used .*Stays on one device/);
    });

    itWithPasskeys(
        'says which passkey is copied to other devices',
        async (tab) => {
            await open(tab, 'synced');
            await addPasskey(tab);

            await tab.waitForText('#passkeys', /Not used yet.*Can be copied to your other devices/);
        },
        { isSynced: true },
    );

    itWithPasskeys('adds a passkey beside an app, which has recovery codes already', async (tab, authenticator) => {
        const email = await open(tab, 'both');
        const { app } = await addApp(tab);

        await nameAndAdd(tab);

        await tab.waitForText('#status', /^The passkey is added\.$/);
        await tab.waitForText('#recovery', /^10 are left\./);
        await authenticator.setPresent(false);
        await logOut(tab);
        await tab.submit({ email, password: SENTENCE });
        await tab.waitForText('fieldset label[for=factor]', /^Code from your app$/);
        await tab.waitForVisible('#passkey');
        await tab.submit({ factor: await app.next() });
        await tab.waitForPath('/account');
    });

    itWithPasskeys('logs in when the person picks a passkey in the field', async (tab, authenticator) => {
        const { email } = await openWithPasskey(tab, authenticator, 'conditional');
        assert.equal(await tab.attribute('#email', 'autocomplete'), 'username webauthn');

        // The DevTools pick the passkey as soon as someone is there.
        await authenticator.setPresent(true);
        await tab.open('/');

        await tab.waitForPath('/account');
        await tab.waitForText('#email', new RegExp(`^${email}$`));
    });

    itWithPasskeys('takes a passkey as the second step', async (tab, authenticator) => {
        const { email } = await openWithPasskey(tab, authenticator, 'second');
        await tab.submit({ email, password: SENTENCE });
        await tab.waitForText('fieldset label[for=factor]', /^Recovery code$/);

        await usePasskey(tab, authenticator);

        await tab.waitForPath('/account');
        await tab.waitForText('#email', new RegExp(`^${email}$`));
        assert.equal(requestsTo(tab, '/auth/login/second').length, 1);
        assert.equal(requestsTo(tab, '/auth/passkey').length, 0);
    });

    itWithPasskeys('remembers the device after a passkey too', async (tab, authenticator) => {
        const { email } = await openWithPasskey(tab, authenticator, 'remember');
        await offerToRemember(tab, 30);
        await tab.submit({ email, password: SENTENCE });
        await tab.click('#remember');

        await usePasskey(tab, authenticator);

        await tab.waitForPath('/account');
        const { passkey, remember } = await readSecondStep(tab);
        assert.deepEqual([passkey.type, remember], ['public-key', true]);
    });

    itWithPasskeys('confirms with a passkey who the user is, without the password', async (tab, authenticator) => {
        await open(tab, 'confirmed');
        await addPasskey(tab);
        const begun = claimsOf(tab).auth_time;
        await tab.fail('/auth/factors/recovery', STALE);
        await tab.click('#renew');
        await clickInDialog(tab, 'Replace them');
        await tab.waitForVisible('#confirm-password');
        await tab.mend();
        // The time of a confirmation has whole seconds.
        await sleep(1_100);

        await clickInDialog(tab, 'Use a passkey');

        const codes = await takeCodes(tab);
        assert.equal(codes.length, 10);
        const { acr, auth_time: confirmed } = claimsOf(tab);
        assert.equal(acr, 'phr');
        assert.ok(confirmed > begun, `${confirmed} > ${begun}`);
        assert.equal(requestsTo(tab, '/auth/confirm').length, 1);
        assert.ok((await authenticator.list())[0].signCount >= 2);
    });

    itWithPasskeys('does not lock out a passkey whose counter went back', async (tab, authenticator) => {
        await openWithPasskey(tab, authenticator, 'cloned');
        const [copy] = await authenticator.list();
        await usePasskey(tab, authenticator);
        await tab.waitForPath('/account');
        await tab.waitForVisible('#logout');
        await authenticator.setPresent(false);
        await logOut(tab);
        await authenticator.clear();
        await authenticator.add({ ...copy, signCount: 0 });

        await usePasskey(tab, authenticator);

        await tab.waitForPath('/account');
    });

    itWithPasskeys('adds a device once, renames it, and removes it', async (tab, authenticator) => {
        await open(tab, 'rows');
        await addPasskey(tab, '<img src=x onerror=alert(1)>');
        assert.equal(await tab.text('#passkeys h3'), '<img src=x onerror=alert(1)>');
        await nameAndAdd(tab);
        const exists = /^This device or password manager has a passkey of your account already\.$/;
        await tab.waitForText('dialog [role=alert]', exists);
        await clickInDialog(tab, 'Cancel');
        await waitForNoDialog(tab);

        await tab.click('#passkeys .secondary');
        await tab.type('name', 'the old phone');
        await tab.click('dialog [type=submit]');
        await tab.waitForText('#status', /^The passkey has a new name\.$/);
        assert.equal(await tab.text('#passkeys h3'), 'the old phone');
        assert.equal((await authenticator.list()).length, 1);
        await tab.click('#passkeys .danger');
        await clickInDialog(tab, 'Remove the passkey');
        await tab.waitForText('#status', /^The passkey is removed\./);

        await tab.waitForText('#recovery', /^You get them/);
        assert.equal(await tab.run(() => document.getElementById('passkeys').hidden), true);
        // A browser that can tells the password manager, which then offers it no more.
        const canTell = await tab.run(() => 'signalAllAcceptedCredentials' in PublicKeyCredential);
        const end = Date.now() + 5_000;
        while (canTell && (await authenticator.list()).length > 0) {
            if (Date.now() > end) throw new Error('the authenticator still has it');
            await sleep(50);
        }
    });

    /* ---- What is refused ---- */

    itWithPasskeys('sends nothing of a person who does not show who they are', async (tab, authenticator) => {
        await openWithPasskey(tab, authenticator, 'unverified');
        await authenticator.setUserVerified(false);

        await usePasskey(tab, authenticator);

        await tab.waitForText('#alert', /^No passkey was used\. Try again, or log in with your password\.$/);
        assert.equal(requestsTo(tab, '/auth/passkey').length, 0);
        await authenticator.setUserVerified(true);
        await tab.click('#passkey');
        await tab.waitForPath('/account');
    });

    itWithPasskeys('refuses a passkey of a person whom no authenticator has verified', async (tab, authenticator) => {
        await openWithPasskey(tab, authenticator, 'present');
        await tab.open('/forgot');
        await authenticator.setPresent(true);
        const verified = await answer(tab, await askForOptions());
        await authenticator.setUserVerified(false);

        const present = await answer(tab, { ...(await askForOptions()), userVerification: 'discouraged' });

        assert.deepEqual(await send(present), REFUSED);
        assert.deepEqual(await send(verified), [200, undefined]);
    });

    itWithPasskeys('takes each answer of a passkey once', async (tab, authenticator) => {
        await openWithPasskey(tab, authenticator, 'replay');
        await tab.open('/forgot');
        await authenticator.setPresent(true);
        const signed = await answer(tab, await askForOptions());

        assert.deepEqual(await send(signed), [200, undefined]);
        assert.deepEqual(await send(signed), REFUSED);
    });

    itWithPasskeys('refuses a passkey that another device has removed, and says why', async (tab, authenticator) => {
        const { email, codes } = await openWithPasskey(tab, authenticator, 'removed');
        await removeElsewhere(email, codes[0]);

        await usePasskey(tab, authenticator);

        await tab.waitForText('#alert', /^The service does not accept this passkey\./);
        assert.equal(await tab.run(() => location.pathname), '/');
        assert.equal(requestsTo(tab, '/auth/passkey').length, 1);
        // There is no factor left, so the password is enough.
        await tab.submit({ email, password: SENTENCE });
        await tab.waitForPath('/account');
    });

    itWithPasskeys('makes no passkey for another domain', async (tab, authenticator) => {
        await open(tab, 'domain');
        const publicKey = {
            challenge: 'AAAAAAAAAAAAAAAAAAAAAA',
            rp: { id: 'example.com', name: 'x' },
            user: { id: 'AAAA', name: 'x', displayName: 'x' },
            pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        };
        await tab.fail('/auth/factors/passkeys/options', { status: 200, body: { publicKey } });
        await nameAndAdd(tab);

        await tab.waitForText('dialog [role=alert]', /^The passkeys of this service do not work at this address\.$/);
        assert.deepEqual(requestsTo(tab, '/auth/factors/passkeys'), []);
        assert.deepEqual(await authenticator.list(), []);
    });

    itWithPasskeys('refuses what another page has a person sign', async (tab, authenticator) => {
        await openWithPasskey(tab, authenticator, 'elsewhere');
        await authenticator.setPresent(true);
        const [passkey] = await authenticator.list();

        // The browser lets another port of the site use the passkey, so the service has to look at the origin.
        await tab.open(OTHER_ORIGIN);
        assert.deepEqual(await send(await answer(tab, await askForOptions())), REFUSED);

        // Another site gets no signature for this one.
        await tab.open(OTHER_SITE);
        assert.equal(await answer(tab, await askForOptions()), 'SecurityError');

        // Even the same key is another passkey there.
        const rpId = new URL(OTHER_SITE).hostname;
        await authenticator.clear();
        await authenticator.add({ ...passkey, rpId });
        const signed = await answer(tab, { ...(await askForOptions()), rpId });
        assert.equal(Buffer.from(signed.rawId, 'base64url').toString('base64'), passkey.credentialId);
        assert.deepEqual(await send(signed), REFUSED);
    });
});
