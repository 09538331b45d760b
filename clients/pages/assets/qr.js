/** Draws text as a QR code (ISO/IEC 18004): byte mode, error correction level M, versions 1 to 40. @module */

const SVG = 'http://www.w3.org/2000/svg';
/** The error correction codewords of each block, and the number of blocks, by version (table 9, level M). */
const CORRECTION = [
    10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
];
const BLOCKS = [
    1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35,
    37, 38, 40, 43, 45, 47, 49,
];
/** The free margin around a code, in modules. */
const MARGIN = 4;
/** The bits of level M in the format information. */
const LEVEL_M = 0;
/** The conditions under which a mask inverts a module (table 10). */
const MASKS = [
    (x, y) => (x + y) % 2 === 0,
    (x, y) => y % 2 === 0,
    (x) => x % 3 === 0,
    (x, y) => (x + y) % 3 === 0,
    (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
    (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
    (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
    (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Returns the rows of a code, with true for a dark module, or nothing if the text is too long. */
export const encode = (text) => {
    const data = new TextEncoder().encode(text);
    for (let version = 1; version <= 40; version++) {
        const drawn = drawFixed(version);
        const room = Math.floor(drawn.free.length / 8) - CORRECTION[version - 1] * BLOCKS[version - 1];
        const header = version < 10 ? 2 : 3;
        if (data.length + header > room) continue;
        return place(drawn, protect(pack(data, version, room), version));
    }
    return undefined;
};

/** Returns a picture of the code, or nothing if the text is too long. Its colours are in the style sheet. */
export const draw = (text, label) => {
    const rows = encode(text);
    if (!rows) return undefined;
    const size = rows.length + 2 * MARGIN;
    const svg = document.createElementNS(SVG, 'svg');
    const attributes = { class: 'qr', viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': label };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    const path = document.createElementNS(SVG, 'path');
    const squares = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x + MARGIN} ${y + MARGIN}h1v1h-1z` : '')));
    path.setAttribute('d', squares.join(''));
    svg.append(path);
    return svg;
};

/** Returns the codewords of the data: mode, length, bytes, and padding. */
const pack = (data, version, room) => {
    const length = version < 10 ? [data.length] : [data.length >> 8, data.length & 255];
    // The mode has four bits, so everything after it is shifted by half a byte.
    const bytes = [4, ...[...length, ...data].flatMap((byte) => [byte >> 4, byte & 15]), 0];
    const codewords = [];
    for (let at = 0; at < bytes.length; at += 2) codewords.push((bytes[at] << 4) | bytes[at + 1]);
    for (let pad = 0xec; codewords.length < room; pad ^= 0xec ^ 0x11) codewords.push(pad);
    return codewords;
};

/** Splits the data into blocks, adds the error correction of each, and interleaves them. */
const protect = (data, version) => {
    const count = BLOCKS[version - 1];
    const short = Math.floor(data.length / count);
    const firstLong = count - (data.length % count);
    const blocks = [];
    for (let at = 0, block = 0; block < count; block++) {
        const end = at + short + (block < firstLong ? 0 : 1);
        blocks.push(data.slice(at, end));
        at = end;
    }
    const generator = makeGenerator(CORRECTION[version - 1]);
    const corrections = blocks.map((block) => remainder(block, generator));
    const interleave = (lists) =>
        Array.from({ length: Math.max(...lists.map((list) => list.length)) }, (_, index) =>
            lists.map((list) => list[index]).filter((byte) => byte !== undefined),
        ).flat();
    return [...interleave(blocks), ...interleave(corrections)];
};

/** Multiplies in the field of 256 elements with the polynomial 0x11d. */
const multiply = (a, b) => {
    let product = 0;
    for (let bit = 7; bit >= 0; bit--) {
        product = (product << 1) ^ (product >> 7 ? 0x11d : 0);
        if ((b >> bit) & 1) product ^= a;
    }
    return product;
};

/** Returns the coefficients of a Reed-Solomon generator polynomial, without the first, which is 1. */
const makeGenerator = (degree) => {
    let generator = [1];
    for (let root = 1, step = 0; step < degree; step++, root = multiply(root, 2)) {
        const next = [...generator, 0];
        generator.forEach((coefficient, index) => (next[index + 1] ^= multiply(coefficient, root)));
        generator = next;
    }
    return generator.slice(1);
};

const remainder = (data, generator) => {
    const rest = generator.map(() => 0);
    for (const byte of data) {
        const factor = byte ^ rest.shift();
        rest.push(0);
        generator.forEach((coefficient, index) => (rest[index] ^= multiply(coefficient, factor)));
    }
    return rest;
};

/** Draws what does not depend on the data. `free` are the other places, in the order in which bits are placed. */
const drawFixed = (version) => {
    const size = version * 4 + 17;
    const rows = Array.from({ length: size }, () => Array(size).fill(undefined));
    const set = (x, y, isDark) => {
        const isInside = Math.min(x, y) >= 0 && Math.max(x, y) < size;
        if (isInside && rows[y][x] === undefined) rows[y][x] = isDark;
    };
    const square = (left, top, width, isDark) => {
        for (let y = 0; y < width; y++) for (let x = 0; x < width; x++) set(left + x, top + y, isDark(x, y));
    };
    /** Returns the distance of a module from the middle of a square. */
    const ring = (middle) => (x, y) => Math.max(Math.abs(x - middle), Math.abs(y - middle));
    for (const [left, top] of [[-1, -1], [size - 8, -1], [-1, size - 8]]) {
        square(left, top, 9, (x, y) => ![2, 4].includes(ring(4)(x, y)));
    }
    const centres = alignments(version);
    for (const x of centres) {
        for (const y of centres) {
            const isAtFinder = rows[y][x] !== undefined;
            if (!isAtFinder) square(x - 2, y - 2, 5, (dx, dy) => ring(2)(dx, dy) !== 1);
        }
    }
    for (let at = 8; at < size - 8; at++) {
        set(at, 6, at % 2 === 0);
        set(6, at, at % 2 === 0);
    }
    if (version >= 7) {
        const bits = (version << 12) | code(version << 12, 0x1f25, 12);
        for (let bit = 0; bit < 18; bit++) {
            const [long, short] = [size - 11 + (bit % 3), Math.floor(bit / 3)];
            set(long, short, Boolean((bits >> bit) & 1));
            set(short, long, Boolean((bits >> bit) & 1));
        }
    }
    for (const [x, y] of formatPlaces(size).flat()) set(x, y, false);
    set(8, size - 8, true);
    const free = [];
    for (let right = size - 1, isUp = true; right > 0; right -= 2, isUp = !isUp) {
        // The column of the timing pattern has no data.
        if (right === 6) right--;
        for (let step = 0; step < size; step++) {
            const y = isUp ? size - 1 - step : step;
            for (const x of [right, right - 1]) if (rows[y][x] === undefined) free.push([x, y]);
        }
    }
    return { rows, free };
};

/** Returns the coordinates of the alignment patterns (annex E). */
const alignments = (version) => {
    if (version === 1) return [];
    const count = Math.floor(version / 7) + 2;
    const last = version * 4 + 10;
    // The steps are even and equal, except for the first one. One version is off the formula.
    const step = version === 32 ? 26 : Math.ceil((last - 6) / (count - 1) / 2) * 2;
    return [6, ...Array.from({ length: count - 1 }, (_, index) => last - step * (count - 2 - index))];
};

/** Returns the remainder of bits divided by a generator polynomial of a degree. */
const code = (bits, generator, degree) => {
    let rest = bits;
    for (let bit = 31; bit >= degree; bit--) if ((rest >>> bit) & 1) rest ^= generator << (bit - degree);
    return rest;
};

/** Returns the places of the format information, which is there twice, from its lowest bit on. */
const formatPlaces = (size) => {
    const bits = Array.from({ length: 15 }, (_, bit) => bit);
    const around = bits.map((bit) => {
        if (bit < 6) return [8, bit];
        if (bit < 8) return [8, bit + 1];
        return bit === 8 ? [7, 8] : [14 - bit, 8];
    });
    const apart = bits.map((bit) => (bit < 8 ? [size - 1 - bit, 8] : [8, size - 15 + bit]));
    return [around, apart];
};

/** Places the codewords with the mask that is easiest to read. */
const place = ({ rows, free }, codewords) => {
    const size = rows.length;
    const results = MASKS.map((isInverted, mask) => {
        const result = rows.map((row) => [...row]);
        free.forEach(([x, y], index) => {
            // After the last codeword, up to seven modules are left.
            const bit = ((codewords[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;
            result[y][x] = Boolean(bit) !== isInverted(x, y);
        });
        const data = (LEVEL_M << 3) | mask;
        const format = ((data << 10) | code(data << 10, 0x537, 10)) ^ 0x5412;
        for (const places of formatPlaces(size)) {
            places.forEach(([x, y], bit) => (result[y][x] = Boolean((format >> bit) & 1)));
        }
        return { result, penalty: penalty(result) };
    });
    return results.reduce((best, one) => (one.penalty < best.penalty ? one : best)).result;
};

/** Returns how hard a code is to read (table 11). */
const penalty = (rows) => {
    const size = rows.length;
    const columns = rows.map((_, x) => rows.map((row) => row[x]));
    const lines = [...rows, ...columns].map((line) => line.map(Number).join(''));
    let points = 0;
    for (const line of lines) {
        for (const [{ length }] of line.matchAll(/0{5,}|1{5,}/g)) points += length - 2;
        for (const pattern of [/(?=10111010000)/g, /(?=00001011101)/g]) points += 40 * [...line.matchAll(pattern)].length;
    }
    for (let y = 1; y < size; y++) {
        for (let x = 1; x < size; x++) {
            const [a, b, c, d] = [rows[y][x], rows[y][x - 1], rows[y - 1][x], rows[y - 1][x - 1]];
            if (a === b && b === c && c === d) points += 3;
        }
    }
    const dark = rows.flat().filter(Boolean).length / size ** 2;
    return points + 10 * Math.floor(Math.abs(dark * 100 - 50) / 5);
};
