// The page /client: forms on one side, MQTT.js on the other.
import { Connection } from './connection.js';
import { examine } from './doctor.js';
import { Messages } from './messages.js';
import { checkedUrl, connectOptions } from './options.js';
import { brief } from './payload.js';
import { publish } from './publisher.js';
import { Sent } from './sent.js';
import { fill, link } from './share.js';
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
const sent = new Sent({ list: find('[data-sent]'), template: find('[data-template="sent"]'), empty: find('[data-sent-empty]') }, useAgain);
const forms = { connection: form('connection'), subscribe: form('subscribe'), publish: form('publish') };
let ownClientId = '';

const words = {
    disconnected: 'Disconnected',
    connecting: 'Connecting…',
    connected: 'Connected',
    reconnecting: 'Reconnecting…',
    disconnecting: 'Disconnecting…',
};

const on = (selector, type, run) => find(selector).addEventListener(type, run);
const fields = name => form(name).elements;
const newClientId = () => ownClientId = `web-${Array.from(crypto.getRandomValues(new Uint8Array(4)), byte => byte.toString(16).padStart(2, '0')).join('')}`;

// A field of the other protocol version is not; one in a closed part of the form is.
const isAsked = field => getComputedStyle(field.closest('[data-only]') ?? field).display !== 'none';

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
        const invalid = [...fields(name)].find(field => field.willValidate && isAsked(field) && !field.validity.valid);
        if (invalid) {
            invalid.closest('details')?.setAttribute('open', '');
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
        field.disabled = field.dataset.action === 'disconnect' ? !isOpen : isOpen && field.dataset.action !== 'examine';
    }
    for (const button of page.querySelectorAll('[data-needs-connection]')) {
        button.disabled = status !== 'connected';
    }
    if (status === 'connected') {
        fail('connection');
        find('[data-doctor]').hidden = true;
    }
    if (status === 'disconnected' && !find('[data-error="connection"]').hidden) {
        runDoctor(connection.evidence);
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
    sent.add(data, result.textContent);
});

on('[data-action="disconnect"]', 'click', () => connection.close());
on('[data-action="new-client-id"]', 'click', () => { fields('connection').clientId.value = newClientId(); });
on('[data-action="clear"]', 'click', () => messages.clear());
on('[data-action="examine"]', 'click', () => {
    try {
        const url = checkedUrl(fields('connection').url.value.trim());
        runDoctor(connection.evidence?.url === url && connection.evidence.opened ? connection.evidence : { url, version: 5, opened: false });
    } catch (failure) {
        fail('connection', failure.message);
    }
});
on('[data-share]', 'click', ({ currentTarget: button }) => {
    button.dataset.copy = link(forms, field => field.name === 'clientId' && field.value === ownClientId);
});
for (const list of page.querySelectorAll('[data-user-properties]')) {
    list.parentElement.querySelector('[data-action="add-user-property"]').addEventListener('click',
        () => addUserProperty(list.dataset.userProperties).querySelector('input').focus());
}
on('[data-action="pause"]', 'click', ({ currentTarget: button }) => {
    const paused = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(paused));
    button.textContent = paused ? 'Resume' : 'Pause';
    messages.pause(paused);
});
on('[name="version"]', 'change', tellVersion);
on('#payload', 'keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form('publish').requestSubmit(form('publish').querySelector('[type="submit"]'));
    }
});
for (const choice of page.querySelectorAll('[name="format"]')) {
    choice.addEventListener('change', () => messages.reformat(choice.value));
}

function addUserProperty(prefix) {
    const row = find('[data-template="user-property"]').content.firstElementChild.cloneNode(true);
    row.querySelector('[data-part="name"]').name = `${prefix}Name`;
    row.querySelector('[data-part="value"]').name = `${prefix}Value`;
    row.querySelector('[data-action]').addEventListener('click', () => {
        row.remove();
        tellWhatIsSet();
    });
    find(`[data-user-properties="${prefix}"]`).append(row);
    return row;
}

function tellVersion() {
    page.dataset.version = fields('connection').version.value === '5' ? '5' : '4';
}

/** Shows each step of an attempt, and which one failed. */
async function runDoctor(evidence) {
    const panel = find('[data-doctor]');
    panel.hidden = false;
    find('[data-verdict]').textContent = 'Looking…';
    const { steps, failed } = await examine(evidence, panel.dataset.endpoints.split(' '));
    const template = find('[data-template="doctor-step"]');
    find('[data-doctor-steps]').replaceChildren(...steps.map(({ step, name, state, words: told }) => {
        const row = template.content.firstElementChild.cloneNode(true);
        row.dataset.step = step;
        row.dataset.state = state;
        row.querySelector('[data-part="name"]').textContent = name;
        row.querySelector('[data-part="name"]').className = `state ${state}`;
        row.querySelector('[data-part="words"]').textContent = told || (state === '' ? 'not reached' : '');
        return row;
    }));
    panel.dataset.failed = failed?.step ?? '';
    find('[data-verdict]').textContent = failed ? `It fails at this step: ${failed.name}.` : 'Every step that could be tried works.';
}

// What stands in a closed part of a form is easily forgotten: its heading tells how much is set there.
function tellWhatIsSet() {
    for (const details of page.querySelectorAll('details')) {
        const set = [...details.querySelectorAll('input:not([data-part="value"]), select')]
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

/** Puts what was sent before back into the form. */
function useAgain(items) {
    const target = form('publish');
    find('[data-user-properties="user"]').replaceChildren();
    for (const field of target.elements) {
        if (field.type === 'checkbox') {
            field.checked = items.some(([name]) => name === field.name);
        } else if (field.name) {
            field.value = items.find(([name]) => name === field.name)?.[1] ?? '';
        }
    }
    const values = items.filter(([name]) => name === 'userValue');
    items.filter(([name]) => name === 'userName').forEach(([, name], at) => {
        const row = addUserProperty('user');
        row.querySelector('[data-part="name"]').value = name;
        row.querySelector('[data-part="value"]').value = values[at]?.[1] ?? '';
    });
    tellWhatIsSet();
    fields('publish').payload.focus();
}

fill(forms, addUserProperty);
fields('connection').clientId.value ||= newClientId();
tellVersion();
tellWhatIsSet();
page.addEventListener('input', tellWhatIsSet);
page.dataset.started = 'true';
