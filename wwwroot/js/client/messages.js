// The list of messages, newest first and bounded. What arrived between two frames is put on the page at once; while paused it waits.
import { show, size, visible } from './payload.js';
import { rows } from './properties.js';

const KEPT = 500;
const KEPT_BYTES = 32 * 1024 * 1024;
const BEGINNING = 2048;
const WHOLE = 256 * 1024;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

export class Messages {
    format = 'text';
    #parts;
    #onAnswer;
    #shown = [];
    #waiting = [];
    #bytes = 0;
    #count = 0;
    #paused = false;
    #scheduled = false;

    /** `parts` are the elements list, template, empty and count; `onAnswer` gets a message that asks for an answer. */
    constructor(parts, onAnswer) {
        this.#parts = parts;
        this.#onAnswer = onAnswer;
    }

    /** Takes a message that has just arrived. */
    add({ topic, payload, packet }) {
        this.#count++;
        this.#waiting.push({
            at: new Date(),
            topic,
            // A copy: what MQTT.js hands over keeps the whole WebSocket frame alive.
            payload: new Uint8Array(payload),
            qos: packet.qos,
            retain: packet.retain,
            dup: packet.dup,
            properties: packet.properties,
        });
        if (this.#waiting.length > 2 * KEPT) {
            this.#waiting.splice(0, KEPT);
        }
        this.#schedule();
    }

    /** Stops or resumes the list; what arrives meanwhile is shown afterwards. */
    pause(paused) {
        this.#paused = paused;
        this.#schedule();
    }

    /** Empties the list. */
    clear() {
        this.#shown = [];
        this.#waiting = [];
        this.#bytes = 0;
        this.#count = 0;
        this.#parts.list.replaceChildren();
        this.#tell();
    }

    /** Shows every payload anew. */
    reformat(format) {
        this.format = format;
        for (const message of this.#shown) {
            this.#showPayload(message);
        }
    }

    #schedule() {
        if (!this.#scheduled) {
            this.#scheduled = true;
            // Frames stop in a background tab, messages do not; a timer goes on there, slowly.
            const run = () => {
                if (this.#scheduled) {
                    this.#scheduled = false;
                    this.#update();
                }
            };
            requestAnimationFrame(run);
            setTimeout(run, 250);
        }
    }

    #update() {
        if (!this.#paused && this.#waiting.length > 0) {
            const fresh = this.#waiting.slice(-KEPT).reverse();
            this.#waiting = [];
            const fragment = document.createDocumentFragment();
            for (const message of fresh) {
                this.#render(message);
                fragment.append(message.element);
                this.#bytes += message.payload.length;
            }
            this.#parts.list.prepend(fragment);
            this.#shown.unshift(...fresh);
            while (this.#shown.length > KEPT || this.#bytes > KEPT_BYTES && this.#shown.length > 1) {
                const last = this.#shown.pop();
                this.#bytes -= last.payload.length;
                last.element.remove();
            }
        }
        this.#tell();
    }

    #tell() {
        const { empty, count } = this.#parts;
        empty.hidden = this.#shown.length > 0;
        const words = [];
        if (this.#count > 0) {
            words.push(this.#count.toLocaleString('en'));
        }
        if (this.#count > this.#shown.length + this.#waiting.length) {
            words.push(`the last ${this.#shown.length} shown`);
        }
        if (this.#paused) {
            words.push(`${this.#waiting.length} held back`);
        }
        count.textContent = words.join(' · ');
    }

    #render(message) {
        const element = this.#parts.template.content.firstElementChild.cloneNode(true);
        const part = name => element.querySelector(`[data-part="${name}"]`);
        message.element = element;
        part('time').textContent = clock.format(message.at);
        part('time').dateTime = message.at.toISOString();
        part('topic').textContent = visible(message.topic);
        part('qos').textContent = `QoS ${message.qos}`;
        part('retain').hidden = !message.retain;
        part('dup').hidden = !message.dup;
        element.querySelector('[data-action="whole"]').addEventListener('click', () => {
            message.isWhole = true;
            this.#showPayload(message);
        });
        this.#showPayload(message);
        this.#showProperties(message, part('properties'));
        if (message.properties?.responseTopic) {
            const answer = element.querySelector('[data-action="answer"]');
            answer.hidden = false;
            answer.addEventListener('click', () => this.#onAnswer(message));
        }
    }

    #showPayload({ element, payload, isWhole }) {
        const limit = isWhole ? WHOLE : BEGINNING;
        const { text, note, isHex } = show(beginning(payload, limit), this.format);
        const target = element.querySelector('[data-part="payload"]');
        const whole = element.querySelector('[data-action="whole"]');
        target.textContent = text;
        target.classList.toggle('is-hex', isHex);
        target.hidden = payload.length === 0;
        element.querySelector('[data-part="size"]').textContent = [size(payload.length), payload.length > 0 && note].filter(Boolean).join(' · ');
        whole.hidden = isWhole || payload.length <= limit;
        whole.textContent = payload.length > WHOLE ? `Show the first ${size(WHOLE)}` : 'Show all of it';
    }

    #showProperties({ properties }, target) {
        for (const [name, value] of rows(properties)) {
            const term = document.createElement('dt');
            const definition = document.createElement('dd');
            term.textContent = name;
            definition.textContent = value;
            target.append(term, definition);
            target.hidden = false;
        }
    }
}

// Cut between two characters of UTF-8, so that the beginning of a text is a text.
function beginning(bytes, limit) {
    if (bytes.length <= limit) {
        return bytes;
    }
    let end = limit;
    while (end > limit - 4 && (bytes[end] & 0xc0) === 0x80) {
        end--;
    }
    return bytes.subarray(0, end);
}
