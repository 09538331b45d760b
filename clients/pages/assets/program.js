/** The names of programs. @module */

/** The programs that people recognise, most specific first. */
const BROWSERS = [
    ['Edge', /\bEdgA?\//],
    ['Opera', /\bOPR\//],
    ['Samsung Internet', /\bSamsungBrowser\//],
    ['Firefox', /\b(Firefox|FxiOS)\//],
    ['Chrome', /(Chrome|CriOS)\//],
    ['Safari', /\bSafari\//],
];
const SYSTEMS = [
    ['iPhone', /\biPhone\b/],
    ['iPad', /\biPad\b/],
    ['Android', /\bAndroid\b/],
    ['Windows', /\bWindows\b/],
    ['macOS', /\bMac OS X\b/],
    ['Linux', /\bLinux\b/],
];

/** Names the program with this `User-Agent`. */
export const nameProgram = (agent) => {
    const find = (names) => names.find(([, pattern]) => pattern.test(agent))?.[0];
    const [browser, system] = [find(BROWSERS), find(SYSTEMS)];
    if (browser) return system ? `${browser} on ${system}` : browser;
    return agent || 'Unknown program';
};
