// One connection at a time, with its state in words. MQTT.js does the protocol; here stands when to try again and what to tell.
import mqtt from '../../lib/mqtt/mqtt.esm.js';
import { passing, reason, refusal } from './reasons.js';

const RETRY = 2000;

/**
 * Events: `status` { status, detail }, `failure` { text }, `connected` { sessionPresent }, `message` { topic, payload, packet }.
 * The status is disconnected, connecting, connected, reconnecting or disconnecting.
 */
export class Connection extends EventTarget {
    /** The client of MQTT.js while there is one. */
    client = null;
    status = 'disconnected';
    /** How far the last attempt got: { url, opened, connack, end }. */
    evidence = null;
    #failure = '';
    #url = '';

    get isConnected() {
        return this.status === 'connected';
    }

    /** Opens a connection. `reconnect` says whether it is opened again when it is lost later. */
    open(url, options, reconnect) {
        this.#url = url;
        this.#failure = '';
        this.evidence = { url, version: options.protocolVersion, opened: false, connack: null, end: null };
        this.#tell('connecting', url);
        try {
            this.client = mqtt.connect(url, { ...options, reconnectPeriod: 0, createWebsocket: (to, protocols) => this.#socket(to, protocols) });
        } catch (failure) {
            this.client = null;
            this.#fail(failure.message);
            this.#tell('disconnected');
            return;
        }
        this.#listen(this.client, reconnect);
    }

    /** Says DISCONNECT and closes. */
    close() {
        const { client } = this;
        if (!client) {
            return;
        }
        const wasConnected = this.isConnected;
        this.#tell('disconnecting');
        client.options.reconnectPeriod = 0;
        client.end(!wasConnected, () => this.#gone(client));
        // MQTT.js waits for open acknowledgements without end; a reader does not.
        setTimeout(() => {
            client.stream?.destroy();
            this.#gone(client);
        }, 3000);
    }

    #listen(client, reconnect) {
        const { options } = client;
        client.on('connect', connack => {
            options.reconnectPeriod = reconnect ? RETRY : 0;
            this.#failure = '';
            this.#tell('connected', this.#welcome(connack, options));
            this.#emit('connected', { sessionPresent: connack.sessionPresent });
        });
        client.on('message', (topic, payload, packet) => this.#emit('message', { topic, payload, packet }));
        client.on('packetreceive', packet => {
            const code = packet.reasonCode ?? packet.returnCode;
            if (packet.cmd === 'connack') {
                this.evidence.connack = { code, words: code > 0 ? refusal(packet, options.protocolVersion) : '' };
            } else if (packet.cmd === 'disconnect') {
                this.evidence.end = { code, words: reason(code ?? 0, packet.properties?.reasonString) };
            }
            if (packet.cmd === 'connack' && code > 0) {
                options.reconnectPeriod = 0;
                this.#fail(`The broker refused the connection: ${refusal(packet, options.protocolVersion)}.`);
            } else if (packet.cmd === 'disconnect') {
                if (!passing.has(packet.reasonCode)) {
                    options.reconnectPeriod = 0;
                }
                this.#fail(`The broker ended the connection: ${reason(packet.reasonCode ?? 0, packet.properties?.reasonString)}.`);
            }
        });
        client.on('error', failure => {
            if (failure.message === 'connack timeout') {
                this.#fail(`${this.#url} was reached, but did not answer CONNECT within ${options.connectTimeout / 1000} seconds.`);
            } else if (!this.#failure) {
                this.#fail(`${failure.message}.`);
            }
        });
        client.on('close', () => {
            if (client !== this.client) {
                return;
            }
            if (options.reconnectPeriod > 0 && this.status !== 'disconnecting') {
                this.#tell('reconnecting', this.#failure || 'The connection was lost.');
            } else {
                this.#gone(client);
            }
        });
    }

    // A browser tells a page hardly more than that a WebSocket failed: what is known of its course is all there is to say.
    #socket(url, protocols) {
        const socket = new WebSocket(url, protocols);
        let opened = false;
        socket.addEventListener('open', () => { opened = this.evidence.opened = true; });
        socket.addEventListener('close', end => {
            if (this.#failure || this.status === 'disconnecting') {
                return;
            }
            const words = end.reason ? `${end.code} ${end.reason}` : String(end.code);
            this.#fail(opened
                ? `The connection was lost (WebSocket close code ${words}).`
                : `${this.#url} could not be reached, or does not speak MQTT over WebSocket. Check host, port and path; the browser tells pages no more than this.`);
        });
        return socket;
    }

    #welcome(connack, options) {
        const properties = connack.properties ?? {};
        const parts = [
            `as ${properties.assignedClientIdentifier ?? (options.clientId || 'an identifier of the broker’s')}`,
            connack.sessionPresent ? 'earlier session resumed' : 'new session',
        ];
        if (properties.serverKeepAlive !== undefined) {
            parts.push(`keep alive ${properties.serverKeepAlive} s, set by the broker`);
        }
        return parts.join(' · ');
    }

    #gone(client) {
        if (client === this.client) {
            this.client = null;
            client.end(true);
            this.#tell('disconnected');
        }
    }

    #fail(text) {
        this.#failure = text;
        this.#emit('failure', { text });
    }

    #tell(status, detail = '') {
        this.status = status;
        this.#emit('status', { status, detail });
    }

    #emit(type, detail) {
        this.dispatchEvent(new CustomEvent(type, { detail }));
    }
}
