import type { Auth, Session } from './auth.js';

/** The second factors of a user. Times are in seconds since 1970. */
export interface Factors {
    /** The app that makes codes. */
    totp: { addedAt: number } | null;
    /** How many recovery codes can still be used. */
    recoveryCodes: number;
    passkeys: Passkey[];
}

export interface Passkey {
    id: string;
    label: string;
    addedAt: number;
    /** `undefined` if nobody has logged in with it yet. */
    lastUsedAt: number | undefined;
    /** Whether a password manager copies it to other devices. */
    synced: boolean;
}

/** A seed for an app. Nothing is stored until `confirmTotp`. */
export interface Enrolment {
    /** The seed in base32, for a person to type. */
    secret: string;
    /** The same for a QR code: `otpauth://totp/...`. */
    uri: string;
    /** Belongs to the seed. Keep it in memory. */
    enrolment: string;
    /** How many seconds the enrolment is valid. */
    expiresIn: number;
}

/** The recovery codes that are new. Show them: no other answer has them. */
export interface NewRecoveryCodes {
    /** Ten codes, or none if the user has some already. */
    recoveryCodes: string[];
}

/**
 * Every method throws the `AuthError` of `auth.js`. Those that change a factor throw `insufficient_user_authentication`
 * if the user has to confirm who they are first: call `auth.confirm` or `confirmWithPasskey`, and then the method again.
 * Those that ask for a passkey also throw what the browser throws: `NotAllowedError` if the person cancels or has no
 * passkey that fits, `AbortError` if another request took its place, `SecurityError` if the page has the wrong origin.
 */
export interface SecondFactor {
    /**
     * Logs in with a passkey. Without `mfaToken`, it is the whole login. With `mediation: 'conditional'`, it waits until
     * the person picks a passkey in a field with `autocomplete="username webauthn"`, and returns `undefined` at once if
     * the browser cannot do that. A later request for a passkey ends it with an `AbortError`.
     * @throws {AuthError} `invalid_grant` if the service does not know the passkey or does not accept its answer
     */
    logInWithPasskey(options?: {
        /** The `mfaToken` of the error `mfa_required`: the passkey is then the second step. */
        mfaToken?: string;
        label?: string;
        mediation?: 'conditional';
        /** With `mfaToken`: as in `auth.login`. */
        remember?: boolean;
    }): Promise<(Session & { readonly recoveryCode?: string }) | undefined>;

    /**
     * Confirms with a passkey who the user is, as `auth.confirm` does.
     * @throws {AuthError} `not_found` if the user has none
     */
    confirmWithPasskey(): Promise<void>;

    /** Ends the request for a passkey that waits, if there is one. Its promise rejects with an `AbortError`. */
    stop(): void;

    listFactors(): Promise<Factors>;

    /** Asks for the seed of an app. @throws {AuthError} `conflict` if the user has an app */
    beginTotp(): Promise<Enrolment>;

    /**
     * Adds the app, with the first code that it shows. All other sessions of the user end.
     * @throws {AuthError} `invalid_grant` if the code is wrong or the enrolment is over, `conflict` if the user has an app
     */
    confirmTotp(enrolment: string, code: string): Promise<NewRecoveryCodes>;

    /** Removes the app. With the last factor, the recovery codes go too. */
    removeTotp(): Promise<void>;

    /** Replaces the recovery codes. The old ones are void. */
    renewRecoveryCodes(): Promise<NewRecoveryCodes>;

    /**
     * Adds a passkey. `InvalidStateError` means that this device or password manager has one of this user already.
     * @throws {AuthError} `conflict` if the user has ten passkeys, or this one, already; and what the browser throws
     */
    addPasskey(options?: { label?: string }): Promise<{ id: string } & NewRecoveryCodes>;

    /** @throws {AuthError} `not_found` if the user has no such passkey */
    renamePasskey(id: string, label: string): Promise<void>;

    /**
     * Removes a passkey, and tells the password manager about it if the browser can.
     * @throws {AuthError} `not_found` if the user has no such passkey
     */
    removePasskey(id: string): Promise<void>;
}

/** Makes a client on that of `auth.js`. It does nothing until one of its methods is called. */
export function createSecondFactor(auth: Auth): SecondFactor;

/**
 * Returns what an answer to `auth.fetch` demands of the user if it is `insufficient_user_authentication` (RFC 9470), for
 * instance `{ acrValues: 'aal2', maxAge: 600 }`, or else `undefined`.
 */
export function readChallenge(
    response: Response,
): { acrValues: string | undefined; maxAge: number | undefined } | undefined;
