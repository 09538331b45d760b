// A proxy in front of the stack. It counts requests, and delays, loses or holds what the stack itself cannot.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

/** A page without scripts, from which a test leaves and to which it returns. It has the headers of the real pages. */
const EMPTY = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>empty</title></head></html>';

const { CERTIFICATE, KEY } = process.env;

export class Proxy {
    /** Every request: its route such as `POST /auth/login`, its headers, and its body and answer if there is one yet. */
    requests = [];
    /** Handlers by route. `next` asks the stack. `null` as the answer ends the connection without one. */
    routes = new Map();
    /** A script that runs before those of each page, as a function and its arguments. */
    script = [() => {}];
    /** Whether every connection ends without an answer. */
    isDown = false;
    #tokens = new Set();
    #refused = new Set();
    #stack;
    /** The modules of Node for the protocol of the stack. */
    #protocol;
    #server;

    /**
     * Starts a proxy for the stack at this URL, with the same scheme. The stack has to allow the origin
     * `<scheme>://localhost:<port>`. `CERTIFICATE` and `KEY` name the files for https.
     */
    static async start(stack, port) {
        const proxy = new Proxy();
        proxy.#stack = new URL(stack);
        const isSecure = proxy.#stack.protocol === 'https:';
        proxy.#protocol = isSecure ? https : http;
        proxy.url = `${proxy.#stack.protocol}//localhost:${port}`;
        const [cert, key] = isSecure ? [CERTIFICATE, KEY].map((file) => readFileSync(file)) : [];
        proxy.#server = proxy.#protocol.createServer({ cert, key }, (incoming, outgoing) => {
            proxy.#answer(incoming, outgoing).catch(() => outgoing.destroy());
        });
        await new Promise((resolve, reject) => {
            proxy.#server.on('error', reject);
            proxy.#server.listen(port, '127.0.0.1', resolve);
        });
        return proxy;
    }

    async stop() {
        const closed = new Promise((resolve) => this.#server.close(resolve));
        this.#server.closeAllConnections();
        await closed;
    }

    /** Forgets the requests, the handlers and the script. */
    reset() {
        this.isDown = false;
        this.requests = [];
        this.routes.clear();
        this.script = [() => {}];
    }

    /** Returns the requests of a route. */
    of(route) {
        return this.requests.filter((one) => one.route === route);
    }

    /** Waits until a route has this number of answers, and returns the last one. */
    async waitFor(route, count = 1) {
        const end = Date.now() + 15_000;
        for (;;) {
            const answered = this.of(route).filter(({ answer }) => answer);
            if (answered.length >= count) return answered.at(-1);
            if (Date.now() > end) throw new Error(`${answered.length} answers to ${route}, not ${count}`);
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }

    /** Makes the authorizer refuse every access token so far: their signatures are wrong when they arrive. */
    refuseTokens() {
        for (const token of this.#tokens) this.#refused.add(token);
    }

    async #answer(incoming, outgoing) {
        if (this.isDown) return outgoing.destroy();
        const { pathname } = new URL(incoming.url, this.url);
        const entry = { route: `${incoming.method} ${pathname}`, headers: incoming.headers };
        this.requests.push(entry);
        const chunks = [];
        for await (const chunk of incoming) chunks.push(chunk);
        const next = () => this.#forward(incoming, Buffer.concat(chunks), pathname);
        const route = this.routes.get(entry.route);
        const answer = await (route ? route(next) : next());
        if (!answer) return outgoing.destroy();
        entry.body = Buffer.concat(chunks).toString();
        entry.answer = { status: answer.status, headers: answer.headers, text: answer.body.toString() };
        const access = /"access_token":\s*"([^"]+)"/.exec(entry.answer.text);
        if (access) this.#tokens.add(access[1]);
        outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    }

    async #forward(incoming, body, pathname) {
        if (pathname === '/before.js') {
            const [job, ...args] = this.script;
            const text = `(${job})(...${JSON.stringify(args)});`;
            const headers = { 'content-type': 'text/javascript', 'cache-control': 'no-store' };
            return { status: 200, headers, body: Buffer.from(text) };
        }
        // What a page reports to the test.
        if (pathname === '/shown') return { status: 204, headers: {}, body: Buffer.alloc(0) };
        if (pathname === '/empty') {
            const headers = { 'content-type': 'text/html', 'cross-origin-opener-policy': 'same-origin' };
            return { status: 200, headers, body: Buffer.from(EMPTY) };
        }
        const headers = { ...incoming.headers };
        for (const name of ['host', 'connection', 'if-none-match', 'accept-encoding']) delete headers[name];
        const bearer = headers.authorization?.replace('Bearer ', '');
        if (this.#refused.has(bearer)) headers.authorization = `Bearer ${bearer.replace(/[^.]+$/, 'A'.repeat(86))}`;
        const answer = await this.#ask(incoming.method, incoming.url, headers, body);
        if (!answer.headers['content-type']?.startsWith('text/html')) return answer;
        const text = answer.body.toString().replace('<head>', '<head><script src="/before.js"></script>');
        return { ...answer, body: Buffer.from(text) };
    }

    #ask(method, path, headers, body) {
        const { hostname, port } = this.#stack;
        return new Promise((resolve, reject) => {
            const options = { hostname, port, method, path, headers, agent: false };
            const request = this.#protocol.request(options, async (response) => {
                const chunks = [];
                try {
                    for await (const chunk of response) chunks.push(chunk);
                } catch (error) {
                    return reject(error);
                }
                const kept = { ...response.headers };
                for (const name of ['connection', 'content-length', 'etag', 'keep-alive', 'transfer-encoding']) {
                    delete kept[name];
                }
                resolve({ status: response.statusCode, headers: kept, body: Buffer.concat(chunks) });
            });
            request.on('error', reject);
            request.end(body);
        });
    }
}
