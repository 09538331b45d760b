// The emails that the stack has sent, and accounts made with them.
import { callApi, sleep, URL_OF_STACK } from './browsers.js';

/** A password that the service accepts. */
export const SENTENCE = 'a sentence that is long enough';

let count = 0;
/** Returns an address that nobody has used. A few emails to one address are all that the service sends at once. */
export const newAddress = (browser, name) => `${name}-${browser.name}-${Date.now()}-${++count}@example.com`;

/** Returns the emails that somebody has asked for at an address, and notices with a link, the newest first. */
export const mailsTo = async (address) => {
    const response = await fetch(`${URL_OF_STACK}/_mail/messages.json`);
    if (!response.ok) throw new Error(`the inbox answers ${response.status}`);
    const mails = (await response.json()).filter(({ to }) => to === address).map(read);
    return mails.filter(({ link, purpose }) => link || purpose !== 'notice');
};

/** Returns the emails to an address that have a link, the newest first. */
export const linksTo = async (address) => (await mailsTo(address)).filter(({ link }) => link);

/** Waits until an address has this number of emails with a link, and returns the newest. */
export const mailTo = async (address, number = 1, patience = 20_000) => {
    const end = Date.now() + patience;
    for (;;) {
        const mails = await linksTo(address);
        if (mails.length >= number) return mails[0];
        if (Date.now() > end) throw new Error(`${mails.length} emails with a link to ${address}, not ${number}`);
        await sleep(100);
    }
};

/** Finds the link and the code in an email. */
const read = (mail) => {
    const link = /https?:\/\/\S+\?token=[\w.~-]+/.exec(mail.text)?.[0];
    if (!link) return mail;
    const { pathname, search, searchParams } = new URL(link);
    const code = /(?<!\S)\d{4}[\s-]?\d{4}(?!\S)/.exec(mail.text)?.[0];
    return { ...mail, link, path: pathname + search, token: searchParams.get('token'), code };
};

/** Registers as another program of the user does, and returns the answer to it. */
export const register = async (email, password = SENTENCE, patience) => {
    const asked = await callApi('POST', '/auth/register', { email });
    if (asked.status !== 202) throw new Error(`registration answers ${JSON.stringify(asked)}`);
    const { token } = await mailTo(email, 1, patience);
    return callApi('POST', '/auth/register/confirm', { token, password });
};

/** Logs in as another program of the user does. */
export const logIn = (email, password) => callApi('POST', '/auth/login', { email, password });
