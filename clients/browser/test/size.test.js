// Tests of the files that are served: the property [25].
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify, OPTIONS } from '../build.js';
import { mutate } from './mutations.js';

const file = (name) => new URL(`../${name}`, import.meta.url);
const read = async (name) => mutate(await readFile(file(name), 'utf8'), process.env.MUTANT);

/** The maximum size of the file that pages load, in bytes after `gzip -9`. */
const MAX_GZIP = 3 * 1024;

/** Returns a minified bundle of a page that imports the module as `auth`. */
const bundle = async (page) => {
    const source = await read('auth.js');
    const plugin = {
        name: 'module',
        setup(setup) {
            setup.onResolve({ filter: /^auth$/ }, () => ({ path: 'auth', namespace: 'module' }));
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

test('[25] the minified file has at most 3 KB after gzip', async () => {
    const { outputFiles } = await build({ stdin: { contents: await read('auth.js') }, ...OPTIONS });

    const [{ text }] = outputFiles;
    const size = gzipSync(text, { level: 9 }).length;
    console.log(`auth.min.js: ${text.length} bytes, ${size} after gzip`);
    assert.ok(size <= MAX_GZIP, `${size} bytes`);
});

test('the minified file is that of the source', async () => {
    assert.equal(await readFile(file('auth.min.js'), 'utf8'), await minify(), 'run: npm run build');
});

test('[25] the module imports nothing', async () => {
    assert.doesNotMatch(await read('auth.js'), /^\s*import\s|\bimport\(['"][^.]|\brequire\(/m);
    assert.equal(JSON.parse(await readFile(file('package.json'), 'utf8')).dependencies, undefined);
});

test('[25] a page that does not use the module has none of it', async () => {
    assert.equal(await bundle(`import { createAuth } from 'auth';`), '');
    const only = await bundle(`import { AuthError } from 'auth'; console.log(AuthError);`);
    assert.ok(only.length < 300, only);
});

test('[25] the package has the files that it names, and an import of it works', async () => {
    const { exports, files } = JSON.parse(await readFile(file('package.json'), 'utf8'));
    for (const name of [...files, ...Object.values(exports).flatMap(Object.values)]) await stat(file(name));
    for (const name of ['gatehouse-browser', 'gatehouse-browser/auth.min.js']) {
        const module = await import(name);
        assert.deepEqual(Object.keys(module).sort(), ['AuthError', 'createAuth']);
        assert.equal(await module.createAuth().ready, undefined);
    }
});
