// The first lines of docs/frontend.md, as a page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { EMAIL, inEachBrowser, PASSWORD } from '../../clients/pages/test/browsers.js';

process.env.BROWSER ??= 'chromium';
const ROOT = new URL('../../', import.meta.url);
const ORIGIN = `http://localhost:${JSON.parse(process.env.PAGES).vite}`;
const [, LINES] = readFileSync(new URL('docs/frontend.md', ROOT), 'utf8').match(/^```js\n(.*?)^```$/ms);

/** What the lines use: a form, and three functions. */
const PAGE = `<!doctype html>
<form id="form">
<input id="email" name="email"><input id="password" name="password"><button type="submit">Log in</button>
</form>
<p id="shown"></p><p id="greeting"></p><p id="error"></p>
<script>
const put = (id, text) => (document.getElementById(id).textContent = text);
const show = (view) => put('shown', view);
const greet = ({ email }) => put('greeting', email);
const showError = ({ code }) => put('error', code);
</script>
<script type="module">${LINES.replace('https://auth.example.com', ORIGIN)}</script>`;

const CLIENT = readFileSync(new URL('clients/browser/auth.min.js', ROOT));
const FILES = {
    '/lines.html': { contentType: 'text/html', body: PAGE },
    '/auth.min.js': { contentType: 'text/javascript', body: CLIENT },
};

inEachBrowser((browser) => {
    it('is a page that logs in and stays logged in', () =>
        browser.withTab(async (tab) => {
            await tab.page.setRequestInterception(true);
            tab.page.on('request', (request) => {
                const file = FILES[new URL(request.url()).pathname];
                return file ? request.respond(file) : request.continue();
            });
            await tab.page.goto(`${ORIGIN}/lines.html`);
            await tab.waitForText('#shown', /^login$/);

            await tab.submit({ email: EMAIL, password: 'wrong' });
            await tab.waitForText('#error', /^invalid_grant$/);
            await tab.submit({ email: EMAIL, password: PASSWORD });
            await tab.waitForText('#shown', /^app$/);
            assert.equal(await tab.waitForText('#greeting', /@/), EMAIL);

            await tab.page.reload();
            assert.equal(await tab.waitForText('#greeting', /@/), EMAIL);
        }));
});
