// The passkeys of a simulated browser: `navigator.credentials` and `PublicKeyCredential`, as far as a page sees them.

const bytes = (text) => new TextEncoder().encode(text).buffer;
/** Bytes whose base64 has characters that base64url has not. */
const DATA = new Uint8Array([251, 239, 255, 254]).buffer;
const encode = (buffer) => Buffer.from(buffer).toString('base64url');
const fail = (name) => new DOMException(name, name);

export class Authenticator {
    /** The passkeys: their users by their ids. */
    passkeys = new Map();
    /** What pages have asked for: `create`, `get` or `conditional`, and the options. */
    asked = [];
    /** What the password manager was told: the method, and what it was. */
    signals = [];
    /** The error of the next request, as a name. */
    refusal;
    hasConditional = true;
    #pick;
    #pending;
    #count = 0;

    /** Returns the globals of a page. Those of `missing` are not there. */
    page({ missing = [] } = {}) {
        const api = {
            isConditionalMediationAvailable: async () => this.hasConditional,
            signalAllAcceptedCredentials: async (what) => void this.signals.push(['all', what]),
            // A password manager may not take it.
            signalUnknownCredential: async (what) => {
                this.signals.push(['unknown', what]);
                throw new TypeError('not supported');
            },
        };
        for (const name of missing) delete api[name];
        const credentials = {
            create: (options) => this.#run('create', options, () => this.#create(options.publicKey)),
            get: (options) => this.#run(options.mediation ?? 'get', options, () => this.#get(options.publicKey)),
        };
        return { authenticator: { api, credentials } };
    }

    /** Picks a passkey for the request that waits, as a person does. */
    pick() {
        this.#pick();
    }

    async #run(kind, options, act) {
        this.asked.push({ kind, ...options });
        if (this.#pending) throw fail('OperationError');
        if (options.signal.aborted) throw options.signal.reason;
        this.#pending = true;
        try {
            if (this.refusal) throw fail(this.refusal);
            const picked = new Promise((resolve) => (this.#pick = resolve));
            const aborted = new Promise((_, reject) =>
                options.signal.addEventListener('abort', () => reject(options.signal.reason)),
            );
            await Promise.race([kind === 'conditional' ? picked : undefined, aborted]);
            return act();
        } finally {
            this.#pending = false;
        }
    }

    #create({ challenge, user, excludeCredentials }) {
        if (excludeCredentials.some(({ id }) => this.passkeys.has(encode(id)))) throw fail('InvalidStateError');
        const id = encode(`?>passkey-${++this.#count}`);
        this.passkeys.set(id, user.id.slice());
        return this.#credential(id, challenge, {
            attestationObject: bytes('attested'),
            getPublicKey: () => bytes('key'),
            getPublicKeyAlgorithm: () => -7,
            getAuthenticatorData: () => DATA,
            getTransports: () => ['internal'],
        });
    }

    #get({ challenge, allowCredentials }) {
        const ids = [...this.passkeys.keys()];
        const allowed = allowCredentials.map(({ id }) => encode(id));
        const id = ids.find((one) => allowed.length === 0 || allowed.includes(one));
        if (!id) throw fail('NotAllowedError');
        const userHandle = this.passkeys.get(id).buffer;
        const [authenticatorData, signature] = [DATA, bytes('signed')];
        return this.#credential(id, challenge, { authenticatorData, signature, userHandle });
    }

    /** Returns what a browser without `toJSON` returns. */
    #credential(id, challenge, response) {
        const clientDataJSON = bytes(JSON.stringify({ challenge: encode(challenge), other: 'keys' }));
        return {
            id,
            rawId: Buffer.from(id, 'base64url'),
            type: 'public-key',
            authenticatorAttachment: 'platform',
            getClientExtensionResults: () => ({}),
            response: { clientDataJSON, ...response },
        };
    }
}
