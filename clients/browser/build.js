// Writes the minified modules, which pages load.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

export const OPTIONS = { format: 'esm', target: 'es2022', minify: true, legalComments: 'none', write: false };
/** The names of the modules. */
export const MODULES = ['auth', 'account', 'second-factor'];

/** Returns a minified module. */
export const minify = async (name) => {
    const { outputFiles } = await build({ absWorkingDir: here, entryPoints: [`${name}.js`], ...OPTIONS });
    return outputFiles[0].text;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    for (const name of MODULES) await writeFile(`${here}${name}.min.js`, await minify(name));
}
