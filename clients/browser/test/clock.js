// A clock that stands still until a test moves it, with the timers of a page.

/** Waits until everything has run that does not wait for a timer. */
export const settle = async () => {
    for (let turn = 0; turn < 12; turn++) await new Promise(setImmediate);
};

export class Clock {
    now = 1_000;
    #timers = new Map();
    #next = 1;

    setTimeout = (callback, delay = 0) => {
        const id = this.#next++;
        // A browser reads a delay that is not a number, below 0 or too long as 0.
        const wait = delay > 0 && delay <= 2 ** 31 - 1 ? delay : 0;
        this.#timers.set(id, { at: this.now + wait, callback });
        return id;
    };

    clearTimeout = (id) => {
        this.#timers.delete(id);
    };

    /** The number of timers that are set. */
    get pending() {
        return this.#timers.size;
    }

    /** Advances the clock by some milliseconds, and runs the timers that are due in their order. */
    async pass(milliseconds) {
        const end = this.now + milliseconds;
        for (let steps = 0; ; steps++) {
            if (steps > 5_000) throw new Error('timers without end');
            await settle();
            const [id, timer] = [...this.#timers].reduce(
                (first, entry) => (!first[1] || entry[1].at < first[1].at ? entry : first),
                [undefined, undefined],
            );
            if (!timer || timer.at > end) break;
            this.#timers.delete(id);
            this.now = Math.max(this.now, timer.at);
            timer.callback();
        }
        this.now = end;
    }

    /** Advances the clock until a promise settles, by at most some milliseconds, and returns its outcome. */
    async wait(promise, milliseconds = 30_000) {
        let outcome;
        promise.then(
            (value) => (outcome = { value }),
            (error) => (outcome = { error }),
        );
        for (const end = this.now + milliseconds; !outcome;) {
            if (this.now >= end) throw new Error(`nothing after ${milliseconds} ms`);
            await this.pass(5);
        }
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
    }
}
