// Run it with `node --test examples/step-up/*.test.mjs`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { challenge } from './challenge.mjs';

const NOW = 1_700_000_000;
const asked = (claims) => challenge({ requestContext: { authorizer: { lambda: claims } } }, NOW);

it('lets two factors of the last ten minutes pass', () => {
    for (const acr of ['aal2', 'phr']) {
        assert.equal(asked({ acr, auth_time: `${NOW - 600}` }), undefined);
    }
});

it('challenges every other caller', () => {
    for (const claims of [
        {},
        { acr: 'aal1', auth_time: `${NOW}` },
        { acr: 'aal2' },
        { acr: 'aal2', auth_time: 'soon' },
        { acr: 'aal2', auth_time: `${NOW - 601}` },
    ]) {
        const { statusCode, headers } = asked(claims);
        assert.equal(statusCode, 401);
        assert.match(headers['www-authenticate'], /^Bearer error="insufficient_user_authentication", /);
        assert.match(headers['www-authenticate'], /, acr_values="aal2", max_age="600"$/);
    }
});

it('is the code in the documentation', () => {
    const text = readFileSync(new URL('../../docs/routes.md', import.meta.url), 'utf8');
    const code = readFileSync(new URL('challenge.mjs', import.meta.url), 'utf8');
    assert.ok(text.includes(`\`\`\`js\n${code}\`\`\`\n`));
});
