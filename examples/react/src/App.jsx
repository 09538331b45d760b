import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { AuthError } from './auth.js';
import { RequireLogin } from './RequireLogin.jsx';
import { auth, getJson } from './session.js';

export function App() {
    const [error, setError] = useState(null);
    const attempt = (job) => {
        setError(null);
        job().catch(setError);
    };
    return (
        <main>
            <Problem error={error} />
            <RequireLogin login={<Login onLogin={(credentials) => attempt(() => auth.login(credentials))} />}>
                <Account onLogout={() => attempt(() => auth.logout())} />
            </RequireLogin>
        </main>
    );
}

function Login({ onLogin }) {
    const submit = (event) => {
        event.preventDefault();
        const { email, password } = Object.fromEntries(new FormData(event.target));
        onLogin({ email, password });
    };
    return (
        <form id="login" method="post" onSubmit={submit}>
            <p>
                <label>
                    Email address <input id="email" name="email" autoComplete="username" required />
                </label>
            </p>
            <p>
                <label>
                    Password{' '}
                    <input id="password" name="password" type="password" autoComplete="current-password" required />
                </label>
            </p>
            <button type="submit">Log in</button>
        </form>
    );
}

function Account({ onLogout }) {
    const { data, error, refetch } = useQuery({ queryKey: ['me'], queryFn: () => getJson('/auth/me') });
    return (
        <div id="account">
            <Problem error={error} />
            {data && (
                <p>
                    You are <b id="user">{data.email}</b>.
                </p>
            )}
            <button id="again" type="button" onClick={() => refetch()}>
                Ask again
            </button>
            <button id="logout" type="button" onClick={onLogout}>
                Log out
            </button>
        </div>
    );
}

/** Words for an error. The codes of `AuthError` are in the client's README. */
const WORDS = {
    invalid_grant: 'The email address or the password is wrong.',
    no_answer: 'The service does not answer.',
    temporarily_unavailable: 'The service is not available at the moment.',
    throttled: 'There were too many attempts.',
};

function Problem({ error }) {
    if (!error) return null;
    const text = (error instanceof AuthError && WORDS[error.code]) || error.message;
    return (
        <p id="message" role="alert">
            {text} {error.retryAfter && `Try again in ${error.retryAfter} seconds.`}
        </p>
    );
}
