// A link with what the forms say: only what differs from an untouched page, and never a password or the broker's URL, which could lure one away.

const secret = new Set(['url', 'password', 'authenticationData']);
const plain = new Set(['filter', 'topic', 'payload', 'contentType']);
const prefixes = { connection: ['connect', 'will'], publish: ['user'] };

// Fields of the connection form go by their names; those of the other forms with the form's name before it, but for a few short ones.
const keyOf = (form, field) => form === 'connection' || plain.has(field.name) ? field.name : `${form}.${field.name}`;

const isSet = field => field.type === 'checkbox'
    ? field.checked !== field.defaultChecked
    : field.tagName === 'SELECT' ? !field.options[field.selectedIndex]?.defaultSelected && field.selectedIndex !== defaultIndex(field) : field.value !== field.defaultValue;

const defaultIndex = select => Math.max(0, [...select.options].findIndex(option => option.defaultSelected));
const isOwn = field => field.name && !secret.has(field.name) && !/(Name|Value)$/.test(field.name);

/** The link. `skip` tells fields that are not worth sharing. */
export function link(forms, skip) {
    const query = new URLSearchParams();
    for (const [form, element] of Object.entries(forms)) {
        for (const field of element.elements) {
            if (isOwn(field) && isSet(field) && !skip(field)) {
                query.set(keyOf(form, field), field.type === 'checkbox' ? String(field.checked) : field.value);
            }
        }
        for (const prefix of prefixes[form] ?? []) {
            const data = new FormData(element);
            const values = data.getAll(`${prefix}Value`);
            data.getAll(`${prefix}Name`).forEach((name, at) => {
                query.append(`${prefix}Name`, name);
                query.append(`${prefix}Value`, values[at]);
            });
        }
    }
    return `${location.origin}${location.pathname}${query.size ? `?${query}` : ''}`;
}

/** Fills the forms from the address of the page; `addUserProperty` makes a row for a prefix. */
export function fill(forms, addUserProperty) {
    const asked = new URLSearchParams(location.search);
    for (const [form, element] of Object.entries(forms)) {
        for (const field of element.elements) {
            const value = isOwn(field) ? asked.get(keyOf(form, field)) : null;
            if (value === null) {
                continue;
            }
            if (field.type === 'checkbox') {
                field.checked = value === 'true';
            } else if (field.tagName !== 'SELECT' || [...field.options].some(option => option.value === value)) {
                field.value = value;
            }
        }
        for (const prefix of prefixes[form] ?? []) {
            const values = asked.getAll(`${prefix}Value`);
            asked.getAll(`${prefix}Name`).slice(0, 100).forEach((name, at) => {
                const row = addUserProperty(prefix);
                row.querySelector('[data-part="name"]').value = name;
                row.querySelector('[data-part="value"]').value = values[at] ?? '';
            });
        }
    }
}
