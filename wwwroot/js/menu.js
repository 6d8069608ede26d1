// On a narrow screen the list of pages opens and closes by its button, by Escape, and by a click beside it.

const menu = document.querySelector('[data-menu]');
const button = menu?.querySelector('[data-menu-button]');

function open(isOpen) {
    button.setAttribute('aria-expanded', String(isOpen));
    menu.dataset.open = String(isOpen);
}

if (button) {
    button.addEventListener('click', () => open(button.getAttribute('aria-expanded') !== 'true'));
    menu.addEventListener('keydown', event => {
        if (event.key === 'Escape' && button.getAttribute('aria-expanded') === 'true') {
            open(false);
            button.focus();
        }
    });
    document.addEventListener('click', event => {
        if (!menu.contains(event.target)) {
            open(false);
        }
    });
}
