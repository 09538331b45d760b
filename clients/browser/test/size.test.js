// Tests of the files that are served: the property [25].
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify, MODULES, OPTIONS } from '../build.js';
import { mutate } from './mutations.js';

const file = (name) => new URL(`../${name}`, import.meta.url);
const read = async (name) => mutate(await readFile(file(name), 'utf8'), process.env.MUTANT, name);

/** The modules: what each exports, and the maximum size of the file that pages load, in bytes after `gzip -9`. */
const LIMITS = {
    auth: { make: 'createAuth', maxGzip: 3 * 1024, hasErrors: true },
    account: { make: 'createAccount', maxGzip: 2 * 1024, hasErrors: true },
    'second-factor': { make: 'createSecondFactor', maxGzip: 2 * 1024 },
};

/** Returns a minified bundle of a page that imports a module as `module`. */
const bundle = async (name, page) => {
    const source = await read(`${name}.js`);
    const plugin = {
        name: 'module',
        setup(setup) {
            setup.onResolve({ filter: /^module$/ }, () => ({ path: 'module', namespace: 'module' }));
            setup.onLoad({ filter: /.*/, namespace: 'module' }, () => ({ contents: source }));
        },
    };
    const { outputFiles } = await build({
        stdin: { contents: page },
        bundle: true,
        format: 'esm',
        minify: true,
        write: false,
        plugins: [plugin],
    });
    return outputFiles[0].text.trim();
};

test('every module is tested here', () => assert.deepEqual(Object.keys(LIMITS), MODULES));

for (const [name, { make, maxGzip, hasErrors }] of Object.entries(LIMITS)) {
    test(`[25] ${name}.min.js has at most ${maxGzip} bytes after gzip`, async () => {
        const { outputFiles } = await build({ stdin: { contents: await read(`${name}.js`) }, ...OPTIONS });

        const [{ text }] = outputFiles;
        const size = gzipSync(text, { level: 9 }).length;
        console.log(`${name}.min.js: ${text.length} bytes, ${size} after gzip`);
        assert.ok(size <= maxGzip, `${size} bytes`);
    });

    test(`${name}.min.js is made from ${name}.js`, async () => {
        assert.equal(await readFile(file(`${name}.min.js`), 'utf8'), await minify(name), 'run: npm run build');
    });

    test(`[25] ${name}.js imports nothing`, async () => {
        assert.doesNotMatch(await read(`${name}.js`), /^\s*import\s|\bimport\(['"][^.]|\brequire\(/m);
        assert.equal(JSON.parse(await readFile(file('package.json'), 'utf8')).dependencies, undefined);
    });

    test(`[25] a page that does not use ${name}.js has no part of it`, async () => {
        assert.equal(await bundle(name, `import { ${make} } from 'module';`), '');
        if (!hasErrors) return;
        const only = await bundle(name, `import { AuthError } from 'module'; console.log(AuthError);`);
        assert.ok(only.length < 400, only);
    });
}

test('[25] the package has the files that it names, and an import of it works', async () => {
    const { exports, files } = JSON.parse(await readFile(file('package.json'), 'utf8'));
    for (const name of [...files, ...Object.values(exports).flatMap(Object.values)]) await stat(file(name));
    for (const name of ['gatehouse-browser', 'gatehouse-browser/auth.min.js']) {
        const module = await import(name);
        assert.deepEqual(Object.keys(module).sort(), ['AuthError', 'createAuth']);
        assert.equal(await module.createAuth().ready, undefined);
    }
    for (const name of ['gatehouse-browser/account', 'gatehouse-browser/account.min.js']) {
        const module = await import(name);
        assert.deepEqual(Object.keys(module).sort(), ['AuthError', 'createAccount']);
        await assert.rejects(module.createAccount().forgot('ada@example.com'), { code: 'no_answer' });
    }
    for (const name of ['gatehouse-browser/second-factor', 'gatehouse-browser/second-factor.min.js']) {
        const { createAuth } = await import('gatehouse-browser');
        const module = await import(name);
        assert.deepEqual(Object.keys(module).sort(), ['createSecondFactor', 'readChallenge']);
        await assert.rejects(module.createSecondFactor(createAuth()).listFactors(), { code: 'no_answer' });
    }
});
