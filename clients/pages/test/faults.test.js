// What happens if an answer is lost, a function hangs, a clock is wrong, or a page is left and restored.
import { it } from 'node:test';
import { throughProxy } from './browsers.js';
import { FAULTS } from './scenarios.js';

throughProxy((proxied) => {
    for (const [what, run] of Object.entries(FAULTS)) {
        it(what, () => proxied.withTab((tab) => run({ tab, proxy: proxied.proxy })));
    }
});
