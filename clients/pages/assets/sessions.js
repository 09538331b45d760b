/** The page at `/account/sessions`. @module */
import { call, element, formatTime, make, protect, showError, showStatus } from './page.js';
import { errorOf } from './errors.js';
import { nameProgram } from './program.js';

/** How many sessions are shown at first, and are added each time. */
const PAGE = 20;

const [list, more] = ['sessions', 'more'].map(element);
let cursor;

const { leave } = protect(async () => {
    list.replaceChildren();
    cursor = undefined;
    await load();
});

const load = async () => {
    const query = new URLSearchParams({ limit: PAGE, ...(cursor && { cursor }) });
    const response = await call(`/auth/sessions?${query}`);
    const error = await errorOf(response.clone());
    if (error) throw error;
    const { sessions, next_cursor } = await response.json();
    list.append(...sessions.map(row));
    cursor = next_cursor;
    more.hidden = !cursor;
};

const row = ({ sid, current, created_at, last_used_at, ip, user_agent, label }) => {
    const title = make('h2', '', label || nameProgram(user_agent));
    title.id = `session-${sid}`;
    const used = make('span', '', `Last used ${formatTime(last_used_at * 1_000)}`);
    const start = `Logged in ${formatTime(created_at * 1_000)}`;
    const text = make('div', 'text', title, make('p', 'hint', used, make('span', '', ip ? `${start} from ${ip}` : start)));
    if (current) title.append(' ', make('span', 'badge', 'This one'));
    const button = make('button', 'secondary', current ? 'Log out' : 'End this one');
    button.type = 'button';
    button.setAttribute('aria-describedby', title.id);
    const item = make('li', '', text, button);
    button.addEventListener('click', () => (current ? leave('session', 'logged-out') : end(sid, item, button)));
    return item;
};

/** Ends another session of the user. */
const end = async (sid, item, button) => {
    if (button.ariaDisabled === 'true') return;
    button.ariaDisabled = 'true';
    try {
        const response = await call(`/auth/sessions/${encodeURIComponent(sid)}`, { method: 'DELETE' });
        const error = response.status !== 404 && (await errorOf(response));
        if (error) throw error;
        const next = item.nextElementSibling ?? item.previousElementSibling;
        item.remove();
        (next?.querySelector('button') ?? document.querySelector('h1')).focus();
        showStatus('The session has ended.');
    } catch (error) {
        button.ariaDisabled = 'false';
        showError(error);
    }
};

more.addEventListener('click', () => load().catch(showError));
element('everywhere').addEventListener('click', () => leave('all', 'everywhere'));
