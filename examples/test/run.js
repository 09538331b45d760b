// Starts `cargo dev` with a new database, starts the examples, tests them, and stops everything. `GATEHOUSE_URL` names
// a stack that runs already and allows the origins of the examples; `EMAIL`, `PASSWORD`, `SECOND_EMAIL` and
// `SECOND_PASSWORD` are then its users.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PORT = 3600;
const DATABASE_PORT = PORT + 5000;
/** The examples with a page, and the port of each. */
const PAGES = { vite: 3610, react: 3611, axios: 3612 };
/** How long compiling may take, in ms. */
const PATIENCE = 1_200_000;

/** What was started: the group of each program, and a promise of its end. */
const programs = [];

/** Starts a program that keeps running, and waits until it prints a text. */
const start = (text, command, args, options) => {
    // A program of its own group can be stopped with everything that it started.
    const program = spawn(command, args, { ...options, detached: true });
    programs.push({ group: program.pid, ended: new Promise((resolve) => program.on('close', resolve)) });
    let output = '';
    return new Promise((resolve, reject) => {
        const fail = (cause) => reject(new Error(`${command} ${args.join(' ')}: ${cause}\n${output}`));
        const patience = setTimeout(() => fail(`did not print "${text}"`), PATIENCE);
        for (const stream of [program.stdout, program.stderr]) {
            stream.on('data', (data) => {
                output += data;
                if (!output.includes(text)) return;
                clearTimeout(patience);
                resolve();
            });
        }
        program.on('exit', () => fail('ended'));
        program.on('error', fail);
    });
};

const stop = () => {
    for (const { group } of programs) {
        try {
            process.kill(-group, 'SIGINT');
        } catch {
            // It has ended.
        }
    }
};
process.on('exit', stop);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const run = (command, args, options) => {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}, in ${options.cwd}:\n${stdout}${stderr}`);
};

const origin = (name) => `http://localhost:${PAGES[name]}`;

const startStack = async () => {
    const folder = `${ROOT}/.local/port-${PORT}`;
    rmSync(folder, { recursive: true, force: true });
    const allowed = Object.keys(PAGES).flatMap((name) => ['--allow-origin', origin(name)]);
    await start('Gatehouse is up', 'cargo', ['dev', '--port', String(PORT), ...allowed], { cwd: ROOT });
    const { email, password } = JSON.parse(readFileSync(`${folder}/demo-user.json`, 'utf8'));
    return { GATEHOUSE_URL: `http://localhost:${PORT}`, EMAIL: email, PASSWORD: password, ...addUser() };
};

/** Adds a second user. */
const addUser = () => {
    const [email, password] = ['second@example.com', randomUUID()];
    const stack = ['--local', '--database-port', String(DATABASE_PORT)];
    const args = ['authctl', ...stack, 'user', 'add', email, '--role', 'analyst', '--password-stdin'];
    run('cargo', args, { cwd: ROOT, input: `${password}\n` });
    return { SECOND_EMAIL: email, SECOND_PASSWORD: password };
};

/** Starts a copy of an example outside of the others, so that it cannot use anything but its own folder. */
const startPage = async (name, environment) => {
    const folder = `${ROOT}/.local/examples/${name}`;
    rmSync(folder, { recursive: true, force: true });
    cpSync(`${ROOT}/examples/${name}`, folder, {
        recursive: true,
        filter: (path) => !['node_modules', 'dist'].includes(basename(path)),
    });
    run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder });
    run('npm', ['run', 'build'], { cwd: folder });
    const options = { cwd: folder, env: { ...process.env, ...environment, NO_COLOR: '1' } };
    await start('ready in', 'npm', ['run', 'dev', '--', '--port', String(PAGES[name])], options);
};

const environment = process.env.GATEHOUSE_URL ? {} : await startStack();
const env = { ...process.env, ...environment, PAGES: JSON.stringify(PAGES) };
const here = fileURLToPath(new URL('.', import.meta.url));
const tests = [['python3', '-B', `${here}program.py`]];
const browsers = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];
if (browsers.some((path) => path && existsSync(path))) {
    for (const name of Object.keys(PAGES)) await startPage(name, environment);
    tests.push([process.execPath, '--test', '--test-concurrency=1', `${here}pages.test.js`, `${here}docs.test.js`]);
} else {
    console.log('SKIPPED: the examples with a page need Chromium');
}
/** Runs tests. Meanwhile the output of the stack is read on: it waits for a reader whose pipe is full. */
const passes = async ([command, ...args]) => {
    const [status] = await once(spawn(command, args, { stdio: 'inherit', env }), 'close');
    return status === 0;
};

let failed = false;
for (const test of tests) failed = !(await passes(test)) || failed;
stop();
// The next run needs the ports, so this one waits until they are free.
await Promise.all(programs.map(({ ended }) => ended));
process.exit(failed ? 1 : 0);
