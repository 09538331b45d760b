// What a program does that scans email: it opens every link, runs scripts, presses every button and submits every form
// empty. Afterwards each link still works for the person.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { callApi, inEachBrowser, sleep } from './browsers.js';
import { logIn, mailTo, newAddress, register, SENTENCE } from './mails.js';

/** A scanner goes on if it has caused no further request for this time, in ms. */
const PAUSE = 200;

/** Calls that change nothing: whether somebody is logged in, and the challenge for a passkey. */
const HARMLESS = ['/auth/refresh', '/auth/passkey/options'];
const BUTTONS = 'button, [type=submit], summary';
const LINKS = 'a[href]';
const click = (selector, index) => `document.querySelectorAll('${selector}')[${index}]?.click()`;

/** The ways in which a script can submit a form, from the usual one to one that no check of the browser stops. */
const SUBMISSIONS = {
    asUser: (form) => form.requestSubmit(),
    unchecked: (form) => {
        form.noValidate = true;
        for (const field of form.elements) field.required = false;
        form.requestSubmit();
    },
    asEvent: (form) => form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })),
    withoutScript: (form) => {
        try {
            form.submit();
        } catch {
            // Firefox reports in this way that the policy forbids it.
        }
    },
};

/** Scans an email in a browser of its own, and returns the calls that this has caused, without refreshes. */
const scan = async (browser, { link, path }) => {
    for (const method of ['HEAD', 'GET', 'POST', 'OPTIONS']) await fetch(link, { method });
    const calls = [];
    await browser.withTab(async (tab) => {
        const count = async (selector) => {
            await tab.open(path);
            return tab.run((selector) => document.querySelectorAll(selector).length, selector);
        };
        // The page may leave at once, so a timer acts: `run` has its answer by then. The next page opens when this one
        // and what it leads to are at rest, because two navigations at once can stop each other.
        const act = async (job) => {
            await tab.open(path);
            await tab.run(`setTimeout(() => { ${job}; })`);
            let seen;
            do {
                seen = tab.requests.length;
                await sleep(PAUSE);
            } while (tab.requests.length > seen);
        };
        const buttons = await count(BUTTONS);
        const forms = await count('form');
        const links = await count(LINKS);
        assert.ok(buttons >= 2 && forms === 1 && links >= 2, `${path}: ${buttons} ${forms} ${links}`);
        for (let index = 0; index < buttons; index++) await act(click(BUTTONS, index));
        await act(`document.querySelectorAll('button').forEach((button) => button.click())`);
        for (const submit of Object.values(SUBMISSIONS)) await act(`(${submit})(document.forms[0])`);
        for (let index = 0; index < links; index++) await act(click(LINKS, index));
        for (const { method, url } of tab.requests) {
            const { pathname } = new URL(url);
            if (method !== 'GET' && !HARMLESS.includes(pathname)) calls.push(`${method} ${pathname}`);
        }
        // The policy stops a form that no script handles, and the browser may report that.
        tab.faults = tab.faults.filter((fault) => !fault.includes('form-action'));
    });
    return calls;
};

inEachBrowser((browser) => {
    /** Scans an email, and then opens its link as the person. */
    const open = async (tab, mail) => {
        assert.deepEqual(await scan(browser, mail), [], 'a scanner has caused calls');
        await tab.open(mail.path);
    };

    it('leaves the links to register and to reset to the person', { timeout: 300_000 }, () =>
        browser.withTab(async (tab) => {
            const email = newAddress(browser, 'scanned');
            await callApi('POST', '/auth/register', { email });
            await open(tab, await mailTo(email));
            await tab.submit({ new: SENTENCE });
            await tab.waitForPath('/account');
            await tab.waitForText('#email', new RegExp(`^${email}$`));

            await callApi('POST', '/auth/forgot', { email });
            await open(tab, await mailTo(email, 2));
            await tab.submit({ new: `${SENTENCE} again` });
            await tab.waitForText('#status', /^Your password is changed\./);

            assert.equal((await logIn(email, `${SENTENCE} again`)).status, 200);
        }));

    it('leaves the links to another address to the person', { timeout: 300_000 }, () =>
        browser.withTab(async (tab) => {
            const [old, next] = [newAddress(browser, 'scanned-old'), newAddress(browser, 'scanned-new')];
            const { access_token } = await register(old);
            const headers = { authorization: `Bearer ${access_token}` };
            const asked = await callApi('POST', '/auth/address', { email: next, password: SENTENCE }, headers);
            assert.equal(asked.status, 202);

            await open(tab, await mailTo(old, 2));
            await tab.submit({ password: SENTENCE });
            await tab.waitForText('#status', /^Confirmed\./);
            await open(tab, await mailTo(next));
            await tab.submit({ password: SENTENCE });
            await tab.waitForText('#status', /^Your email address is changed\./);

            assert.equal((await logIn(next, SENTENCE)).status, 200);
        }));
});
