// The list of subscriptions: made again after each connection to a session that does not know them.
import { numberOf } from './properties.js';
import { visible } from './payload.js';
import { reason } from './reasons.js';

export class Subscriptions {
    #connection;
    #list;
    #template;
    #rows = new Map();

    constructor(connection, list, template) {
        this.#connection = connection;
        this.#list = list;
        this.#template = template;
        connection.addEventListener('connected', ({ detail: { sessionPresent } }) => {
            for (const [filter, row] of this.#rows) {
                if (!sessionPresent) {
                    this.#send(filter, row).catch(failure => this.#note(row, failure.message, 'bad'));
                }
            }
        });
    }

    /** Subscribes; an earlier subscription with the same filter is replaced, as the standard has it. */
    async add(data) {
        const filter = data.get('filter');
        const isFive = this.#connection.client.options.protocolVersion === 5;
        const identifier = numberOf(data.get('subscriptionIdentifier'));
        const options = {
            qos: Number(data.get('qos')),
            ...isFive && {
                nl: data.has('noLocal'),
                rap: data.has('retainAsPublished'),
                rh: Number(data.get('retainHandling')),
                ...identifier && { properties: { subscriptionIdentifier: identifier } },
            },
        };
        const known = this.#rows.get(filter);
        const row = { ...known, options, element: known?.element ?? this.#element(filter) };
        await this.#send(filter, row);
        if (!known) {
            this.#list.prepend(row.element);
        }
        this.#rows.set(filter, row);
    }

    async #send(filter, row) {
        const { client } = this.#connection;
        const { code, words } = await new Promise((resolve, reject) => client.subscribe(filter, row.options, (failure, granted, suback) => {
            const answer = suback?.granted?.[0] ?? granted?.[0]?.qos;
            if (answer === undefined) {
                reject(failure ?? new Error('The broker did not answer.'));
            } else {
                resolve({ code: answer, words: suback?.properties?.reasonString });
            }
        }));
        if (code >= 0x80) {
            throw new Error(`The broker refused the subscription: ${client.options.protocolVersion === 5 ? reason(code, words) : '0x80 Failure'}.`);
        }
        this.#note(row, notes(code, row.options));
    }

    async #remove(filter) {
        const row = this.#rows.get(filter);
        const { client, isConnected } = this.#connection;
        if (isConnected) {
            await new Promise(resolve => client.unsubscribe(filter, resolve));
        }
        this.#rows.delete(filter);
        row.element.remove();
    }

    #element(filter) {
        const element = this.#template.content.firstElementChild.cloneNode(true);
        element.querySelector('[data-part="filter"]').textContent = visible(filter);
        element.querySelector('[data-part="what"]').textContent = ` the subscription to ${visible(filter)}`;
        element.querySelector('[data-action]').addEventListener('click', () => this.#remove(filter));
        return element;
    }

    #note(row, text, kind = '') {
        const note = row.element.querySelector('[data-part="note"]');
        note.textContent = text;
        note.dataset.kind = kind;
    }
}

function notes(granted, { qos, nl, rap, rh, properties }) {
    return [
        granted === qos ? `QoS ${granted}` : `QoS ${granted} granted, ${qos} asked for`,
        nl && 'no local',
        rap && 'retain as published',
        rh === 1 && 'retained at new',
        rh === 2 && 'no retained',
        properties && `identifier ${properties.subscriptionIdentifier}`,
    ].filter(Boolean).join(' · ');
}
