// Starts `cargo dev --tls` with a new database, runs the tests in WebKit, and stops it. It must end without an error.
// Arguments are the names of the test files to run, such as `tabs`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PORT = 3500;
/** The origin of the proxy that some tests put in front. */
const PROXY = `https://localhost:${PORT + 1}`;
const FILES = ['webkit', 'tabs', 'faults', 'attacks'];
/** How long compiling may take, in ms. */
const PATIENCE = 1_200_000;

const folder = `${ROOT}.local/port-${PORT}`;
rmSync(folder, { recursive: true, force: true });
const own = mkdtempSync(`${tmpdir()}/gatehouse-webkit-`);
const log = `${own}/log`;
const output = openSync(log, 'w');

const stack = spawn('cargo', ['dev', '--tls', '--port', String(PORT), '--allow-origin', PROXY], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', output, output],
});
const ended = once(stack, 'exit');
let hasEnded = false;
ended.then(() => (hasEnded = true));
// A child that runs on would keep the ports.
const stop = () => {
    if (!hasEnded) process.kill(-stack.pid, 'SIGINT');
};
process.on('exit', stop);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const latest = Date.now() + PATIENCE;
while (!readFileSync(log, 'utf8').includes('Gatehouse is up')) {
    if (hasEnded || Date.now() > latest) {
        console.error(`cargo dev did not start\n${readFileSync(log, 'utf8')}`);
        process.exit(1);
    }
    await setTimeout(200);
}

const { email, password } = JSON.parse(readFileSync(`${folder}/demo-user.json`, 'utf8'));
const chosen = process.argv.slice(2);
const files = (chosen.length > 0 ? chosen : FILES).map((name) =>
    fileURLToPath(new URL(`${name}.test.js`, import.meta.url)),
);
// The limit is for each file. Each command of the driver has its own.
const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-timeout=300000', ...files], {
    stdio: 'inherit',
    env: {
        ...process.env,
        BROWSER: 'webkit',
        GATEHOUSE_URL: `https://localhost:${PORT}`,
        EMAIL: email,
        PASSWORD: password,
        CERTIFICATE: `${ROOT}.local/tls/certificate.pem`,
        KEY: `${ROOT}.local/tls/key.pem`,
        // The tests' own requests trust the authority, as a person's `curl` does.
        NODE_EXTRA_CA_CERTS: `${ROOT}.local/tls/ca.pem`,
    },
});
const [code] = await once(tests, 'exit');
stop();
const [status] = await ended;
if (status !== 0) console.error(`cargo dev ended with ${status}\n${readFileSync(log, 'utf8')}`);
rmSync(own, { recursive: true });
process.exit(code === 0 && status === 0 ? 0 : 1);
