import { Fragment, Suspense, use } from 'react';
import { auth, useSession } from './session.js';

/** Shows its children to a user who is logged in, and `login` to others. */
export function RequireLogin({ login, children }) {
    const session = useSession();
    if (session === null) return login;
    // Each session has its own components, so their state and their requests never pass to another user.
    if (session) return <Fragment key={session.sid}>{children}</Fragment>;
    return (
        <Suspense fallback={<p>One moment …</p>}>
            <Unknown />
        </Suspense>
    );
}

function Unknown() {
    const isAnswered = use(auth.ready) !== undefined;
    return isAnswered || <p role="alert">The service does not answer. This page keeps trying.</p>;
}
