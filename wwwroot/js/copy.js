// Buttons with data-copy put that text on the clipboard and say so for two seconds.

const shown = new WeakMap();

/** Copies, also where the page came over plain HTTP from another machine and the clipboard API is not offered. */
async function write(text) {
    if (navigator.clipboard) {
        await navigator.clipboard.writeText(text);
        return;
    }
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    if (!copied) {
        throw new Error('The browser does not let this page copy.');
    }
}

function show(button, copied) {
    const label = button.querySelector('.copy-label');
    button.dataset.copied = String(copied);
    label.textContent = copied ? 'Copied' : 'Select it';
    label.setAttribute('role', 'status');
    clearTimeout(shown.get(button));
    shown.set(button, setTimeout(() => {
        delete button.dataset.copied;
        label.textContent = 'Copy';
        label.removeAttribute('role');
    }, 2000));
}

document.addEventListener('click', async click => {
    const button = click.target.closest?.('[data-copy]');
    if (!button) {
        return;
    }
    try {
        await write(button.dataset.copy);
        button.focus();
        show(button, true);
    } catch {
        const code = button.closest('figure, li')?.querySelector('code');
        if (code) {
            getSelection().selectAllChildren(code);
        }
        show(button, false);
    }
});
