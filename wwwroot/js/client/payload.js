// Bytes as something to read. Everything here makes strings for textContent, never markup.

const strict = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

// What would be invisible, or would turn the direction of the text around it, is shown as what it is.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text with invisible characters made visible, as ⟨U+202E⟩. */
export const visible = text => text.replace(unseen, character => `⟨U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);

/** Bytes as UTF-8 text, or null. */
export function decode(bytes) {
    try {
        return strict.decode(bytes);
    } catch {
        return null;
    }
}

const hexOf = byte => byte.toString(16).padStart(2, '0');

/** Bytes as a hex dump, sixteen a line. */
export function dump(bytes) {
    const lines = [];
    for (let at = 0; at < bytes.length; at += 16) {
        const row = bytes.subarray(at, at + 16);
        const hex = Array.from(row, hexOf).join(' ').padEnd(47);
        const text = Array.from(row, byte => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·').join('');
        lines.push(`${at.toString(16).padStart(6, '0')}  ${hex}  ${text}`);
    }
    return lines.join('\n');
}

/** JSON on several lines, its numbers and names exactly as they came; null if it is none. */
export function indent(json) {
    try {
        JSON.parse(json);
    } catch {
        return null;
    }
    let depth = 0;
    const line = () => `\n${'  '.repeat(depth)}`;
    return json
        .replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string) => string ?? '')
        .replace(/"(?:[^"\\]|\\.)*"|\{\}|\[\]|[{}[\],:]/g, token => {
            switch (token) {
                case '{': case '[': depth++; return token + line();
                case '}': case ']': depth--; return line() + token;
                case ',': return token + line();
                case ':': return ': ';
                default: return token;
            }
        });
}

/** A payload as the reader wants it; where that cannot be, the nearest thing, and a note why. */
export function show(bytes, format) {
    const text = format === 'hex' ? null : decode(bytes);
    if (text === null) {
        return { text: dump(bytes), note: format === 'hex' ? '' : 'not UTF-8, shown as hex', isHex: true };
    }
    const json = format === 'json' ? indent(text) : null;
    return { text: visible(json ?? text), note: format === 'json' && json === null ? 'not JSON' : '', isHex: false };
}

/** A few bytes on one line: as text where that is readable, else as 0x…. */
export function brief(bytes) {
    const text = decode(bytes);
    return text !== null && visible(text) === text ? text : `0x${Array.from(bytes, hexOf).join('')}`;
}

/** What somebody typed as bytes: hex after 0x, else the text in UTF-8. */
export function bytesOf(typed) {
    if (!/^0x/i.test(typed)) {
        return encoder.encode(typed);
    }
    const digits = typed.slice(2).replace(/[\s:-]/g, '');
    if (!/^([0-9a-f]{2})*$/i.test(digits)) {
        throw new Error('After 0x only pairs of hex digits are allowed.');
    }
    return Uint8Array.from(digits.match(/../g) ?? [], pair => parseInt(pair, 16));
}

/** 1,234 B, 12.3 KiB. */
export const size = bytes => bytes < 10_000
    ? `${bytes.toLocaleString('en')} B`
    : bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
