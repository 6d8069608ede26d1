// Runs before the page is painted, so that a chosen theme does not flash: sets data-theme on the root element, or leaves it to the system.
(() => {
    const key = 'broker.theme';
    const read = () => {
        try {
            return localStorage.getItem(key) ?? 'system';
        } catch {
            return 'system'; // Storage may be switched off; the choice then lasts as long as the page.
        }
    };

    const apply = theme => {
        if (theme === 'light' || theme === 'dark') {
            document.documentElement.dataset.theme = theme;
        } else {
            delete document.documentElement.dataset.theme;
        }
        for (const button of document.querySelectorAll('[data-theme-choice]')) {
            button.setAttribute('aria-pressed', String(button.dataset.themeChoice === theme));
        }
    };

    apply(read());
    document.addEventListener('DOMContentLoaded', () => apply(read()));
    addEventListener('storage', change => {
        if (change.key === key) {
            apply(read());
        }
    });
    document.addEventListener('click', click => {
        const choice = click.target.closest?.('[data-theme-choice]')?.dataset.themeChoice;
        if (choice) {
            try {
                localStorage.setItem(key, choice);
            } catch {
                // See above.
            }
            apply(choice);
        }
    });
})();
