// What happens if an answer is lost, a function hangs, a clock is wrong, or a page is left and restored.
import { itInTab, throughProxy } from './browsers.js';
import { FAULTS } from './scenarios.js';

throughProxy((proxied) => {
    for (const [what, run] of Object.entries(FAULTS)) {
        itInTab(what, proxied.withTab, (tab) => run({ tab, proxy: proxied.proxy }));
    }
});
