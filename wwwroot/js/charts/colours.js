// The colours of the style sheets for a canvas, which knows no custom properties: read from elements that bear them, and anew when the theme changes.

const listeners = new Set();
const tell = () => listeners.forEach(listener => listener());

new MutationObserver(tell).observe(document.documentElement, { attributeFilter: ['data-theme'] });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell);

/** Calls back when light turns to dark or back. */
export const onThemeChange = listener => listeners.add(listener);

/** The colours of text and lines of an area, and those of its swatches. */
export function colours(area, swatches) {
    const found = {
        fill: at => found.series[at].replace(/^rgb\((.*)\)$/, 'rgba($1, .14)'),
        read() {
            const style = getComputedStyle(area);
            found.text = style.color;
            found.line = style.borderTopColor;
            found.series = swatches.map(swatch => getComputedStyle(swatch).backgroundColor);
        },
    };
    found.read();
    return found;
}
