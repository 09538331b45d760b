// Puts one fault after the other into the modules. A test of the property that the fault breaks must fail, so each
// property has a test that fails without it. Prints a table. Arguments are the numbers of the properties, by default
// all.
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { mutate, MUTATIONS } from './mutations.js';

/** How many properties there are. */
const PROPERTIES = 36;

const chosen = process.argv.slice(2).map(Number);
const properties = chosen.length > 0 ? chosen : Array.from({ length: PROPERTIES }, (_, index) => index + 1);
const here = new URL('.', import.meta.url);
const names = (await readdir(here)).filter((name) => name.endsWith('.test.js'));
const tests = await Promise.all(
    names.map(async (name) => ({
        path: fileURLToPath(new URL(name, here)),
        text: await readFile(new URL(name, here), 'utf8'),
    })),
);

/** Runs the tests of a property. Returns the names of the failed tests, and the number of all that ran. */
const run = async (property, mutant) => {
    const env = { ...process.env, ...(mutant !== undefined && { MUTANT: String(mutant) }) };
    const flags = ['--test-reporter=tap', `--test-name-pattern=^\\[${property}\\]`];
    const found = [];
    for (const { path } of tests.filter(({ text }) => text.includes(`[${property}] `))) {
        const output = await new Promise((resolve) => {
            const child = spawn(process.execPath, [...flags, path], { env });
            let text = '';
            child.stdout.on('data', (data) => (text += data));
            child.on('close', () => resolve(text));
        });
        found.push(...output.matchAll(/^(not )?ok \d+ - (\[\d+\].*)$/gm));
    }
    const ran = found.filter(([, , name]) => !name.includes('# SKIP'));
    return { failed: ran.filter(([, not]) => not).map(([, , name]) => name), count: ran.length };
};

// A fault that cannot be put in, or is not JavaScript, would fail every test, so each one is tried first.
for (const [number, { file }] of MUTATIONS.entries()) {
    const source = await readFile(new URL(`../${file}`, here), 'utf8');
    await transform(mutate(source, number, file), { loader: 'js' });
}

const jobs = [
    ...properties.map((property) => ({ property })),
    ...MUTATIONS.map(({ property }, mutant) => ({ property, mutant })).filter(({ property }) =>
        properties.includes(property),
    ),
];
const results = new Map();
const queue = [...jobs];
const work = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) results.set(job, await run(job.property, job.mutant));
};
await Promise.all(Array.from({ length: availableParallelism() }, work));

const problems = [];
console.log('| property | tests | the client ... | failed |\n|---|---|---|---|');
for (const job of jobs) {
    const { failed, count } = results.get(job);
    const isMutant = job.mutant !== undefined;
    const what = isMutant ? MUTATIONS[job.mutant].what : 'is unchanged';
    if (isMutant) console.log(`| ${job.property} | ${count} | ${what} | ${failed.length} |`);
    if (count === 0) problems.push(`property ${job.property} has no test`);
    if (isMutant !== failed.length > 0)
        problems.push(`property ${job.property}, the client ${what}: ${failed.join('; ') || 'no test failed'}`);
}
for (const property of properties) {
    if (!MUTATIONS.some((mutation) => mutation.property === property))
        problems.push(`property ${property} has no fault`);
}
console.log(`\n${jobs.length - properties.length} faults, ${problems.length} problems`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
