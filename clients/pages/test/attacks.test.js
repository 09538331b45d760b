// What a page of another site, and a script in our own page, can do to a user who is logged in: nothing.
import { createServer } from 'node:http';
import { after, before, it } from 'node:test';
import { FOREIGN_PORT, throughProxy } from './browsers.js';
import { ATTACKS } from './scenarios.js';

// 127.0.0.1 is another site than localhost.
const FOREIGN = `http://127.0.0.1:${FOREIGN_PORT}/`;
const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><html lang="en"><meta charset="utf-8"><title>another site</title><body></body></html>');
});

before(() => new Promise((resolve) => server.listen(FOREIGN_PORT, '127.0.0.1', resolve)));
after(() => server.close() && server.closeAllConnections());

throughProxy((proxied) => {
    for (const [what, run] of Object.entries(ATTACKS)) {
        it(what, () => proxied.withTab((tab) => run({ tab, proxy: proxied.proxy, foreign: FOREIGN })));
    }
});
