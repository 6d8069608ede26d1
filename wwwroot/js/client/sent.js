// What was published from this page, newest first, kept for this tab until it is closed.
import { size, visible } from './payload.js';

const KEY = 'broker.sent';
const KEPT = 20;
const LONGEST = 64 * 1024;

export class Sent {
    #list;
    #template;
    #empty;
    #onUse;
    #items = [];

    /** `onUse` gets the fields of an item that is wanted again, as name and value. */
    constructor({ list, template, empty }, onUse) {
        [this.#list, this.#template, this.#empty, this.#onUse] = [list, template, empty, onUse];
        this.#read();
        for (const item of this.#items.toReversed()) {
            this.#show(item);
        }
    }

    /** Notes what was published, and what became of it. */
    add(data, result) {
        const item = { at: Date.now(), fields: [...data].filter(([, value]) => typeof value === 'string' && value.length <= LONGEST), result };
        this.#items = [item, ...this.#items].slice(0, KEPT);
        this.#show(item);
        while (this.#list.children.length > KEPT) {
            this.#list.lastElementChild.remove();
        }
        this.#write();
    }

    #show(item) {
        const element = this.#template.content.firstElementChild.cloneNode(true);
        const part = name => element.querySelector(`[data-part="${name}"]`);
        const field = name => item.fields.find(([key]) => key === name)?.[1] ?? '';
        const at = new Date(item.at);
        part('time').textContent = at.toLocaleTimeString('en-GB');
        part('time').dateTime = at.toISOString();
        part('topic').textContent = visible(field('topic'));
        part('what').textContent = `: ${visible(field('topic'))}`;
        part('note').textContent = [`QoS ${field('qos')}`, size(new Blob([field('payload')]).size), field('retain') && 'retained', item.result].filter(Boolean).join(' · ');
        element.querySelector('[data-action="use-again"]').addEventListener('click', () => this.#onUse(item.fields));
        this.#list.prepend(element);
        this.#empty.hidden = true;
    }

    #read() {
        try {
            this.#items = JSON.parse(sessionStorage.getItem(KEY)) ?? [];
        } catch {
            this.#items = []; // Storage may be switched off, or hold something else.
        }
    }

    #write() {
        try {
            sessionStorage.setItem(KEY, JSON.stringify(this.#items));
        } catch {
            // Too much, or switched off: the list lasts as long as the page.
        }
    }
}
