// A dialog that a page renders is opened as a modal one, with the focus inside; Escape and a click beside it press its cancel button.

function show(dialog) {
    dialog.showModal();
    dialog.addEventListener('cancel', event => {
        event.preventDefault();
        dialog.querySelector('[data-cancel]')?.click();
    });
    dialog.addEventListener('mousedown', event => {
        if (event.target === dialog) {
            dialog.querySelector('[data-cancel]')?.click();
        }
    });
}

new MutationObserver(() => {
    for (const dialog of document.querySelectorAll('dialog[data-modal]:not([open])')) {
        show(dialog);
    }
}).observe(document.body, { childList: true, subtree: true });
