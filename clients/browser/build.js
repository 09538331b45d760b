// Writes `auth.min.js`, the file that pages load.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

export const OPTIONS = { format: 'esm', target: 'es2022', minify: true, legalComments: 'none', write: false };

/** Returns the minified module. */
export const minify = async () => {
    const { outputFiles } = await build({ absWorkingDir: here, entryPoints: ['auth.js'], ...OPTIONS });
    return outputFiles[0].text;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(`${here}auth.min.js`, await minify());
