// Starts `cargo dev` with a new database, runs the tests in each browser, and stops it. `GATEHOUSE_URL` names a stack
// that runs already; `EMAIL` and `PASSWORD` are then its user.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PORT = 3400;
/** How long compiling may take, in ms. */
const PATIENCE = 1_200_000;

const start = async () => {
    const folder = `${ROOT}/.local/port-${PORT}`;
    rmSync(folder, { recursive: true, force: true });
    const stack = spawn('cargo', ['dev', '--port', String(PORT)], { cwd: ROOT, detached: true });
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
    // A child that runs on would keep the ports.
    const stop = () => {
        try {
            process.kill(-stack.pid, 'SIGINT');
        } catch {
            // It has ended.
        }
    };
    process.on('exit', stop);
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
    await up;
    const { email, password } = JSON.parse(readFileSync(`${folder}/demo-user.json`, 'utf8'));
    return { GATEHOUSE_URL: `http://localhost:${PORT}`, EMAIL: email, PASSWORD: password };
};

const given = process.env.GATEHOUSE_URL ? {} : await start();
const files = ['flow', 'errors', 'look'].map((name) => fileURLToPath(new URL(`${name}.test.js`, import.meta.url)));
const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', ...files], {
    stdio: 'inherit',
    env: { ...process.env, ...given },
});
tests.on('exit', (code) => process.exit(code ?? 1));
