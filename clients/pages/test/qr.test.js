// The QR codes of the page, read by a decoder that others wrote. Needs no browser and no stack.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import jsQR from 'jsqr';
import { encode } from '../assets/qr.js';

/** The number of bytes that a code of each version holds at level M (table 7). */
const CAPACITIES = [
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711, 779, 857, 911, 997,
    1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099, 2213, 2331,
];

/** Reads a code. `damage` turns modules over, by their place. */
const read = (rows, damage = () => false) => {
    const scale = 4;
    const margin = 4;
    const size = (rows.length + 2 * margin) * scale;
    const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
    rows.forEach((row, y) =>
        row.forEach((isDark, x) => {
            if (isDark === damage(x, y)) return;
            for (let index = 0; index < scale * scale; index++) {
                const [dx, dy] = [index % scale, Math.floor(index / scale)];
                const at = ((y + margin) * scale + dy) * size + (x + margin) * scale + dx;
                pixels.fill(0, at * 4, at * 4 + 3);
            }
        }),
    );
    const found = jsQR(pixels, size, size, { inversionAttempts: 'dontInvert' });
    return found && { text: found.data, version: found.version };
};

const text = (length) => Array.from({ length }, (_, index) => String.fromCharCode(33 + ((index * 7919) % 94))).join('');

for (const [index, capacity] of CAPACITIES.entries()) {
    const version = index + 1;
    test(`version ${version} holds ${capacity} bytes, and not one more`, () => {
        const full = text(capacity);
        assert.deepEqual(read(encode(full)), { text: full, version });
        const more = encode(text(capacity + 1));
        assert.equal(more?.length, version === 40 ? undefined : (version + 1) * 4 + 17);
    });
}

test('text of any length is read', () => {
    for (let length = 1; length <= 213; length++) assert.equal(read(encode(text(length)))?.text, text(length), `${length}`);
});

test('the address of a seed is read, also with letters that are not ASCII', () => {
    const seed = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    for (const label of ['auth.example.com:ada%40example.com', 'Häuser & Söhne:zoë@example.com']) {
        const uri = `otpauth://totp/${label}?secret=${seed}&issuer=auth.example.com`;
        assert.equal(read(encode(uri)).text, uri);
    }
});

test('a code with some damage is read: the correction is right, and level M', () => {
    const full = text(213);
    const rows = encode(full);
    const isDamaged = (x, y) => x > 30 && x < 42 && y > 20 && y < 30 && (x + y) % 3 > 0;
    assert.equal(read(rows, isDamaged)?.text, full);
});
