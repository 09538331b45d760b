import type { Session } from './auth.js';

/** What shows that a person has read the mail: the token of its link, or its code and the `request` that it is for. */
export type Proof =
    | { token: string; request?: undefined; code?: undefined }
    | {
          token?: undefined;
          /** The answer to the call that asked for the mail. */
          request: string;
          /** Eight digits, also with spaces or hyphens between them. */
          code: string;
      };

/** The second factor of a user who has one. */
export type Second =
    | {
          /** The code that the app shows: six digits, also with spaces or hyphens between them. */
          code: string;
          recoveryCode?: undefined;
      }
    | { code?: undefined; recoveryCode: string };

export interface Replacement {
    /** The recovery code that takes the place of a used one, or `undefined` if none was used. */
    recoveryCode: string | undefined;
}

/** A mail was asked for. This does not say whether the address has an account. */
export interface Asked {
    /** Belongs to the code in the mail. Keep it in memory. */
    request: string;
    /** How many seconds the code is valid. The link in the mail is valid for longer. */
    expiresIn: number;
}

export interface Options {
    /** The address of the service, default `/`: the page's own origin. */
    baseUrl?: string;
    /** Sends a request, default `fetch`. It sees passwords and tokens. */
    fetch?: (request: Request) => Promise<Response>;
}

export interface Mail {
    /** The language of the mail, such as `navigator.language`. The service has a default. */
    language?: string;
}

export interface Account {
    /**
     * Asks for a mail to register with.
     * @throws {AuthError} `not_found` if the service does not offer registration, `invalid_request` if it does not accept
     * the address, `throttled` after too many mails
     */
    register(email: string, options?: Mail): Promise<Asked>;

    /**
     * Creates the account and logs in: the refresh token is in a cookie, so a client of `auth.js` finds the session when
     * it starts. After `no_answer`, it can be called again with the same arguments.
     * @throws {AuthError} `invalid_grant` if the link or the code is wrong, over or used, `weak_password`, `throttled`
     * after too many codes, `cookie_not_kept` if the account exists but the browser did not keep the cookie
     */
    confirmRegistration(proof: Proof, options: { password: string; label?: string }): Promise<Session>;

    /**
     * Asks for a mail with which a forgotten password can be replaced.
     * @throws {AuthError} `not_found` if the service sends no mail, `throttled` after too many mails
     */
    forgot(email: string, options?: Mail): Promise<Asked>;

    /**
     * Replaces a forgotten password. Nobody is logged in by it. After a recovery code, `recoveryCode` is the one that takes
     * its place: show it, because no other answer has it.
     * @throws {AuthError} `mfa_required` if the user has a second factor and `second` is missing; `invalid_grant` if it is
     * wrong, or the link or the code is wrong, over or used; `weak_password`; `throttled` after too many codes
     */
    reset(proof: Proof, options: { newPassword: string; second?: Second }): Promise<Replacement>;

    /**
     * Asks for the mails with which the user who is logged in moves to another address. `fetch` sends the access token:
     * pass `auth.fetch`.
     * @throws {AuthError} `invalid_grant` if the password is wrong, `login_required` if nobody is logged in,
     * `insufficient_user_authentication` if the user has to confirm who they are first
     */
    changeAddress(
        email: string,
        password: string,
        options: Mail & { fetch: (request: Request) => Promise<Response> },
    ): Promise<{
        /** How many seconds the link in the mail is valid. */
        expiresIn: number;
    }>;

    /**
     * Confirms a change of address with the token of a link. `next` is `new` if a mail has now gone to the new address,
     * whose link is still to be confirmed. Otherwise the account has moved.
     * @throws {AuthError} `invalid_grant` if the password is wrong, or the link is wrong, over or used
     */
    confirmAddress(token: string, password: string): Promise<{ next: 'new' | undefined }>;

    /**
     * Deletes the account of the user who is logged in. All sessions end at once, so log out afterwards. `fetch` sends the
     * access token: pass `auth.fetch`.
     * @throws {AuthError} `invalid_grant` if the password is wrong, `login_required` if nobody is logged in, `not_found`
     * if the service does not offer it, `insufficient_user_authentication` if the user has to confirm who they are first
     */
    deleteAccount(
        password: string,
        options: { fetch: (request: Request) => Promise<Response> },
    ): Promise<{
        /** When the account will be removed, in seconds since 1970. Until then, the link in a mail keeps it. */
        deleteAt: number;
    }>;

    /**
     * Keeps a deleted account, with the token of the link in the mail about it. Nobody is logged in by it. `recoveryCode`
     * takes the place of a used one, as in a reset.
     * @throws {AuthError} `mfa_required` if the user has a second factor and `second` is missing; `invalid_grant` if it or
     * the password is wrong, or the link is wrong or over
     */
    keepAccount(token: string, password: string, options?: { second?: Second }): Promise<Replacement>;
}

/** Makes a client. It does nothing until one of its methods is called. */
export function createAccount(options?: Options): Account;

/** A call of the service that failed. An `AuthError` of `auth.js` is an instance of this class too. */
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
    /** With `insufficient_user_authentication`: how strongly the user has to authenticate, for instance `aal2`. */
    acrValues: string | undefined;
    /** With `insufficient_user_authentication`: how many seconds ago the user may have authenticated. */
    maxAge: number | undefined;
}
