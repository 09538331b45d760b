/** Who is logged in. A page that needs the user's name or role calls `GET /auth/me`. */
export interface Session {
    /** The id of the session. Another login has another one. */
    readonly sid: string;
    /** What the user may do, separated by spaces. */
    readonly scope: string;
}

export interface Credentials {
    email: string;
    password: string;
    /** A name for the list of sessions, for instance "Ada's laptop". */
    label?: string;
}

export interface Options {
    /** The address of the service, default `/`: the page's own origin. */
    baseUrl?: string;
    /** The origins of other APIs that may get the access token, for instance `https://api.example.com`. */
    origins?: readonly string[];
    /** Sends a request, default `fetch`. It sees passwords and tokens. */
    fetch?: (request: Request) => Promise<Response>;
}

export interface Auth {
    /**
     * The session when it is known. It never rejects. It is `undefined` if the service could not be asked; `onChange`
     * then reports the session later.
     */
    readonly ready: Promise<Session | null | undefined>;

    /** `undefined`: not known yet. `null`: nobody is logged in. The same object until it changes. */
    readonly session: Session | null | undefined;

    /**
     * Logs in.
     * @throws {AuthError} `invalid_grant` if the address or the password is wrong, `throttled` after too many attempts,
     * `cookie_not_kept` if the browser did not keep the cookie
     */
    login(credentials: Credentials): Promise<Session>;

    /**
     * Logs out, here and in the other tabs at once. With scope `others`, this session goes on and the user's other
     * sessions end; with `all`, every session of the user ends.
     * @throws {AuthError} if the service could not be told. The session may still be alive there; call it again.
     */
    logout(options?: { scope?: 'session' | 'others' | 'all' }): Promise<void>;

    /**
     * Does what `fetch` does, with the access token. A relative address is resolved against `baseUrl`. If the token is
     * refused, it is replaced and the request is sent once more. If nobody is logged in, it is sent without a token.
     * @throws {AuthError} if it cannot get a token, and for `session_changed` and `not_sent_again`; otherwise what `fetch`
     * throws
     */
    fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;

    /**
     * Returns an access token, or `null` if nobody is logged in. Pass a token that an API refused to get another one.
     * If you get the same one again, it is valid and what you asked for is forbidden.
     * @throws {AuthError} if it cannot get a token
     */
    getToken(refused?: string): Promise<string | null>;

    /** Calls a function each time that the session has changed. Returns a function that ends this. */
    onChange(listener: (session: Session | null | undefined) => void): () => void;

    /** Stops timers, forgets the session and the listeners. The next call starts everything again. */
    dispose(): void;
}

/** Makes a client. It does nothing until its first use, and nothing on a server. */
export function createAuth(options?: Options): Auth;

/** A call of the service that failed. */
export class AuthError extends Error {
    constructor(status: number, code: string, message: string, retryAfter?: number, requestId?: string);
    name: 'AuthError';
    /** The status of the answer, 0 if there was none. */
    status: number;
    /** The code of the error, as in the contract, or one that the README lists. Write programs against it. */
    code: string;
    /** How many seconds to wait before the next attempt, if known. */
    retryAfter: number | undefined;
    /** The gateway's id of the request, if there was an answer. It is in the service's log: give it to your support. */
    requestId: string | undefined;
}
