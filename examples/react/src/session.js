import { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { createAuth } from './auth.js';

/** The client of the page. React may mount a component twice, so it is made outside of components. */
export const auth = createAuth();

// `auth.fetch` has already replaced a refused token and tried again, so 401 and 403 are final. So are most other
// refusals.
const isFinal = ({ status }) => status >= 400 && status < 500;

export const queryClient = new QueryClient({
    defaultOptions: { queries: { retry: (failures, error) => failures < 3 && !isFinal(error) } },
});

/** The session that components see. It changes after the cache has been emptied, so nobody sees another user's data. */
let shown;
auth.onChange((session) => {
    queryClient.clear();
    shown = session;
});

/** Returns the session: `undefined` if it is not known yet, `null` if nobody is logged in. */
export const useSession = () => useSyncExternalStore(auth.onChange, () => shown);

/** Calls a route of the API. Throws unless it succeeds, as TanStack Query requires. */
export const getJson = async (path) => {
    const response = await auth.fetch(path);
    if (response.ok) return response.json();
    throw Object.assign(new Error(`The answer was ${response.status}.`), { status: response.status });
};
