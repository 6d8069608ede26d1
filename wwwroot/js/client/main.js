// The page /client: forms on one side, MQTT.js on the other.
import { Connection } from './connection.js';
import { Messages } from './messages.js';
import { checkedUrl, connectOptions } from './options.js';
import { brief } from './payload.js';
import { publish } from './publisher.js';
import { Subscriptions } from './subscriptions.js';

const page = document.querySelector('[data-client]');
const find = selector => page.querySelector(selector);
const form = name => find(`[data-form="${name}"]`);
const connection = new Connection();
const subscriptions = new Subscriptions(connection, find('[data-subscriptions]'), find('[data-template="subscription"]'));
const messages = new Messages({
    list: find('[data-messages]'),
    template: find('[data-template="message"]'),
    empty: find('[data-messages-empty]'),
    count: find('[data-message-count]'),
}, answer);

const words = {
    disconnected: 'Disconnected',
    connecting: 'Connecting…',
    connected: 'Connected',
    reconnecting: 'Reconnecting…',
    disconnecting: 'Disconnecting…',
};

const on = (selector, type, run) => find(selector).addEventListener(type, run);
const fields = name => form(name).elements;
const newClientId = () => `web-${Array.from(crypto.getRandomValues(new Uint8Array(4)), byte => byte.toString(16).padStart(2, '0')).join('')}`;

function fail(where, text) {
    const notice = find(`[data-error="${where}"]`);
    notice.textContent = text ?? '';
    notice.hidden = !text;
}

/** Runs what a form does when it is sent; what goes wrong stands in the form. */
function onSubmit(name, run) {
    form(name).addEventListener('submit', async event => {
        event.preventDefault();
        fail(name);
        const invalid = [...fields(name)].find(field => field.willValidate && field.offsetParent && !field.validity.valid);
        if (invalid) {
            fail(name, `${invalid.labels?.[0]?.textContent ?? 'A field'}: ${invalid.validationMessage}`);
            invalid.focus();
            return;
        }
        try {
            await run(new FormData(form(name)));
        } catch (failure) {
            fail(name, failure.message);
        }
    });
}

connection.addEventListener('status', ({ detail: { status, detail } }) => {
    const isOpen = status !== 'disconnected';
    page.dataset.status = status;
    find('[data-status-word]').textContent = words[status];
    find('[data-status-detail]').textContent = detail;
    for (const field of fields('connection')) {
        field.disabled = field.dataset.action === 'disconnect' ? !isOpen : isOpen;
    }
    for (const button of page.querySelectorAll('[data-needs-connection]')) {
        button.disabled = status !== 'connected';
    }
    if (status === 'connected') {
        fail('connection');
    }
});
connection.addEventListener('failure', ({ detail: { text } }) => fail('connection', text));
connection.addEventListener('message', ({ detail }) => messages.add(detail));

onSubmit('connection', data => connection.open(checkedUrl(data.get('url').trim()), connectOptions(data), data.has('reconnect')));
onSubmit('subscribe', data => subscriptions.add(data));
onSubmit('publish', async data => {
    const result = find('[data-publish-result]');
    result.textContent = '';
    result.textContent = await publish(connection.client, data);
});

on('[data-action="disconnect"]', 'click', () => connection.close());
on('[data-action="new-client-id"]', 'click', () => { fields('connection').clientId.value = newClientId(); });
on('[data-action="clear"]', 'click', () => messages.clear());
on('[data-action="add-user-property"]', 'click', () => addUserProperty().querySelector('input').focus());
on('[data-action="pause"]', 'click', ({ currentTarget: button }) => {
    const paused = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(paused));
    button.textContent = paused ? 'Resume' : 'Pause';
    messages.pause(paused);
});
on('[name="version"]', 'change', ({ target }) => { page.dataset.version = target.value; });
on('#payload', 'keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form('publish').requestSubmit(form('publish').querySelector('[type="submit"]'));
    }
});
for (const choice of page.querySelectorAll('[name="format"]')) {
    choice.addEventListener('change', () => messages.reformat(choice.value));
}

function addUserProperty() {
    const row = find('[data-template="user-property"]').content.firstElementChild.cloneNode(true);
    row.querySelector('[data-action]').addEventListener('click', () => {
        row.remove();
        tellWhatIsSet();
    });
    find('[data-user-properties]').append(row);
    return row;
}

// What stands in a closed part of a form is easily forgotten: its heading tells how much is set there.
function tellWhatIsSet() {
    for (const details of page.querySelectorAll('details')) {
        const set = [...details.querySelectorAll('input:not([name="userValue"]), select')]
            .filter(field => field.type === 'checkbox' ? field.checked : field.tagName === 'SELECT' ? field.selectedIndex > 0 : field.value !== '');
        details.querySelector('[data-set]').textContent = set.length > 0 ? `${set.length} set` : '';
    }
}

/** Turns a request into the beginning of its answer: its response topic and correlation data go into the publish form. */
function answer({ properties }) {
    const { topic, correlationData, payload } = fields('publish');
    topic.value = properties.responseTopic;
    correlationData.value = properties.correlationData ? brief(properties.correlationData) : '';
    tellWhatIsSet();
    payload.focus();
    payload.select();
}

// A link may fill in the fields, /client?filter=sensors/%23&topic=a/b&payload=1, but never the password or the broker's URL.
function prefill() {
    const asked = new URLSearchParams(location.search);
    const targets = {
        clientId: fields('connection').clientId,
        username: fields('connection').username,
        version: fields('connection').version,
        filter: fields('subscribe').filter,
        topic: fields('publish').topic,
        payload: fields('publish').payload,
        contentType: fields('publish').contentType,
    };
    fields('connection').clientId.value ||= newClientId();
    for (const [name, field] of Object.entries(targets)) {
        const value = asked.get(name);
        if (value !== null && (field.tagName !== 'SELECT' || [...field.options].some(option => option.value === value))) {
            field.value = value;
        }
    }
    page.dataset.version = fields('connection').version.value;
}

prefill();
tellWhatIsSet();
page.addEventListener('input', tellWhatIsSet);
page.dataset.started = 'true';
