// A form of filters is an ordinary GET form: what it asks for stands in the URL. A choice from a list is sent at once, and empty fields are left out.
// Runs before the page is there, so that no choice is made that nobody hears: the page would show it, and list something else.

document.addEventListener('change', event => {
    const form = event.target.closest('form[data-filters]');
    if (form && event.target.matches('select, input[type="checkbox"], input[type="radio"]')) {
        form.requestSubmit();
    }
});

document.addEventListener('formdata', ({ target, formData }) => {
    if (target.matches('form[data-filters]')) {
        for (const [name, value] of [...formData]) {
            if (value === '') {
                formData.delete(name);
            }
        }
    }
});
