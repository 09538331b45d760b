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

/** What a user can take the second step with. */
export type Factor = 'totp' | 'passkey' | 'recovery';

/** The second step of a login, after `mfa_required`. */
export type SecondStep = {
    /** The `mfaToken` of the error `mfa_required`. */
    mfaToken: string;
    /**
     * Whether the next logins on this device take the password alone, for the `rememberDays` of the error. Ask the
     * person. It has no effect if the error has none.
     */
    remember?: boolean;
} & (
    | {
          /** The code that the app shows: six digits, also with spaces or hyphens between them. */
          code: string;
      }
    | { recoveryCode: string }
    | {
          /** What `PublicKeyCredential.toJSON()` returns. */
          passkey: object;
      }
);

/** A login with a passkey alone. */
export interface PasskeyLogin {
    /** What `PublicKeyCredential.toJSON()` returns. `second-factor.js` has the whole login. */
    credential: object;
    label?: string;
}

/** What confirms who the user is. */
export type Confirmation =
    | {
          password: string;
          /** Users with a second factor need this, or a recovery code. */
          code?: string;
          recoveryCode?: undefined;
      }
    | { password: string; code?: undefined; recoveryCode: string }
    | { passkey: object };

export interface Options {
    /** The address of the service, default `/`: the page's own origin. */
    baseUrl?: string;
    /** The origins of other APIs that may get the access token, for instance `https://api.example.com`. */
    origins?: readonly string[];
    /** Sends a request, default `fetch`. It sees passwords and tokens. Pass both arguments on to `fetch`. */
    fetch?: (request: Request, init?: RequestInit) => Promise<Response>;
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
     * Logs in. If the user has a second factor, the first call throws `mfa_required`; a second call then takes the
     * `mfaToken` of that error. After a recovery code, `recoveryCode` is the one that takes its place: show it, because
     * no other answer has it.
     * @throws {AuthError} `mfa_required` for the second step; `invalid_grant` if the address or the password is wrong, or
     * in the second step if the code is wrong or used or the token is over; `throttled` after too many attempts;
     * `cookie_not_kept` if the browser did not keep the cookie
     */
    login(credentials: Credentials | SecondStep | PasskeyLogin): Promise<Session & { readonly recoveryCode?: string }>;

    /**
     * Confirms who the user is, where an answer was `insufficient_user_authentication`. The access token is replaced, in
     * all tabs; send the request again. `recoveryCode` takes the place of a used one, as in a login.
     * @throws {AuthError} `mfa_required` if the user has a second factor and none was passed, `invalid_grant` if the
     * password or the code is wrong, `throttled` after too many attempts, `login_required` if nobody is logged in
     */
    confirm(proof: Confirmation): Promise<{ recoveryCode: string | undefined }>;

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

    /**
     * Calls an endpoint of the service below `/auth/` as the user who is logged in, and returns the body of the answer.
     * `expects` is a member that it must have; an empty answer is `undefined`. `second-factor.js` uses it.
     * @throws {AuthError} for every other answer, and if there is none within 9 seconds
     */
    call(path: string, options?: { method?: string; body?: object; expects?: string }): Promise<any>;

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
    /** With `mfa_required` from a login: what the second step needs. Its holder knows the password: keep it in memory. */
    mfaToken: string | undefined;
    /** With `mfa_required` from a login: what the user can take the second step with. */
    factors: Factor[] | undefined;
    /** With `mfa_required` from a login: how many seconds the token is valid. */
    expiresIn: number | undefined;
    /** With `mfa_required` from a login: for how many days `remember` works. `undefined` if it does not. */
    rememberDays: number | undefined;
    /** With `insufficient_user_authentication`: how strongly the user has to authenticate, for instance `aal2`. */
    acrValues: string | undefined;
    /** With `insufficient_user_authentication`: how many seconds ago the user may have authenticated. */
    maxAge: number | undefined;
}
