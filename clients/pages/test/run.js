// Starts `cargo dev` with a new database, runs the tests in each browser, and stops it. `GATEHOUSE_URL` names a stack
// that runs already and allows the origin of the next port; `EMAIL` and `PASSWORD` are then its user. `BROWSER` names
// the only browser to use. Arguments are the names of the test files to run, such as `tabs`.
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PORT = 3400;
const DATABASE_PORT = PORT + 5000;
/** The origin of the proxy that some tests put in front. */
const PROXY = `http://localhost:${PORT + 1}`;
/** Where the pictures of the pages go, unless `SCREENSHOTS` names another folder. */
const SCREENSHOTS = `${ROOT}/.local/screenshots`;
/** How long compiling may take, in ms. */
const PATIENCE = 1_200_000;
const FILES = [
    'flow',
    'mails',
    'scanner',
    'errors',
    'tabs',
    'faults',
    'attacks',
    'look',
    'second-factor',
    'passkeys',
    'qr',
];

const start = async () => {
    rmSync(`${ROOT}/.local/port-${PORT}`, { recursive: true, force: true });
    // All tests ask for emails from one network address, and more often than a person does.
    const limit = ['--parameter', 'SourceMailLimit=0'];
    const options = ['--port', String(PORT), '--allow-origin', PROXY, ...limit];
    const stack = spawn('cargo', ['dev', ...options], { cwd: ROOT, detached: true });
    const ended = new Promise((resolve) => stack.on('close', resolve));
    let output = '';
    const up = new Promise((resolve, reject) => {
        const fail = (cause) => reject(new Error(`${cause}\n${output}`));
        const patience = setTimeout(() => fail('cargo dev did not start'), PATIENCE);
        for (const stream of [stack.stdout, stack.stderr]) {
            stream.on('data', (data) => {
                output += data;
                if (!output.includes('Gatehouse is up')) return;
                clearTimeout(patience);
                resolve();
            });
        }
        stack.on('exit', () => fail('cargo dev ended'));
        stack.on('error', fail);
    });
    const signal = () => {
        try {
            process.kill(-stack.pid, 'SIGINT');
        } catch {
            // It has ended.
        }
    };
    process.on('exit', signal);
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => process.exit(1));
    await up;
    // The next run needs the ports, so this one waits until they are free.
    return async () => {
        signal();
        await ended;
    };
};

/** Adds a user for a browser: one user may log in 120 times an hour, and each browser does so about 80 times. */
const addUser = (browser) => {
    const [email, password] = [`${browser}@example.com`, randomUUID()];
    const target = ['authctl', '--local', '--database-port', String(DATABASE_PORT)];
    const user = ['user', 'add', email, '--role', 'analyst', '--scope', 'reports:read', '--password-stdin'];
    const input = `${password}\n`;
    execFileSync('cargo', [...target, ...user], { cwd: ROOT, input, stdio: ['pipe', 'ignore', 'inherit'] });
    return { GATEHOUSE_URL: `http://localhost:${PORT}`, EMAIL: email, PASSWORD: password };
};

const isGiven = Boolean(process.env.GATEHOUSE_URL);
const stop = isGiven ? () => {} : await start();
const chosen = process.argv.slice(2);
const files = (chosen.length > 0 ? chosen : FILES).map((name) =>
    fileURLToPath(new URL(`${name}.test.js`, import.meta.url)),
);
for (const browser of process.env.BROWSER ? [process.env.BROWSER] : ['chromium', 'firefox']) {
    const user = isGiven ? {} : addUser(browser);
    const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', ...files], {
        stdio: 'inherit',
        env: { SCREENSHOTS, ...process.env, BROWSER: browser, ...user },
    });
    const [code] = await once(tests, 'exit');
    if (code !== 0) process.exitCode = code ?? 1;
}
await stop();
process.exit();
