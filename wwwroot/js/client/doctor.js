// Why a connection does not come about: each step on the way, in its order, and the one that failed. A browser tells pages hardly more than that a
// WebSocket failed, so the rest is asked for: the broker answers a plain request to its WebSocket path with what it thinks of this page.
import { reason } from './reasons.js';

const names = {
    address: 'Address',
    tls: 'TLS',
    path: 'Path',
    origin: 'Origin',
    protocol: 'Sub-protocol',
    answer: 'CONNECT answered',
    login: 'Login',
    identifier: 'Client identifier',
};

// The codes of CONNACK that are about who somebody is: MQTT 5, and those of 3.1 and 3.1.1.
const logins = { 5: [0x86, 0x87, 0x8a, 0x8c], 4: [4, 5], 3: [4, 5] };
const identifiers = { 5: [0x85], 4: [2], 3: [2] };

/** Examines an attempt; answers the steps as { name, state: good | bad | '', words } and which one failed, if any. */
export async function examine({ url, version, opened, connack, end }, endpoints) {
    const steps = new Map(Object.entries(names).map(([step, name]) => [step, { step, name, state: '', words: '' }]));
    const set = (step, state, words = '') => Object.assign(steps.get(step), { state, words });
    const { protocol, host } = new URL(url);
    const finish = () => {
        const all = [...steps.values()].filter(({ step }) => step !== 'tls' || protocol === 'wss:' || steps.get('tls').state);
        return { steps: all, failed: all.find(({ state }) => state === 'bad') };
    };
    const [failed, words] = opened ? [] : await reach(new URL(url), endpoints);
    for (const step of ['address', 'tls', 'path', 'origin', 'protocol']) {
        if (step === failed) {
            set(step, 'bad', words);
            return finish();
        }
        set(step, step !== 'tls' || protocol === 'wss:' ? 'good' : '');
    }
    steps.get('address').words = host;
    if (!connack) {
        set('answer', opened ? 'bad' : '', opened ? 'The WebSocket was opened, but CONNECT got no answer: the broker may be busy or its store away.' : '');
        return finish();
    }
    const { code } = connack;
    const kind = code === 0 ? '' : logins[version].includes(code) ? 'login' : identifiers[version].includes(code) ? 'identifier' : 'answer';
    set('answer', kind === 'answer' ? 'bad' : 'good', kind === 'answer' ? connack.words : '');
    if (kind === 'answer') {
        return finish();
    }
    set('login', kind === 'login' ? 'bad' : 'good', kind === 'login' ? `${connack.words}. Check user name and password; without them the listener may let nobody in.` : '');
    if (kind === 'login') {
        return finish();
    }
    if (kind === 'identifier') {
        set('identifier', 'bad', connack.words);
    } else if (end?.code === 0x8e) {
        set('identifier', 'bad', `${reason(0x8e)}: another client connected with the same identifier. Choose another one, or end the other client.`);
    } else {
        set('identifier', 'good');
    }
    return finish();
}

/** The step that keeps a WebSocket from being opened, and why. */
async function reach(url, endpoints) {
    const known = endpoints.map(endpoint => new URL(endpoint)).filter(endpoint => endpoint.port === url.port || endpoint.host === url.host);
    const isSecure = url.protocol === 'wss:';
    if (known.some(endpoint => endpoint.protocol.startsWith('mqtt'))) {
        return ['address', `Port ${url.port} speaks MQTT over TCP, which browsers cannot. MQTT over WebSocket is at ${places(endpoints)}.`];
    }
    const webs = known.filter(endpoint => endpoint.protocol.startsWith('http'));
    if (isSecure && webs.length > 0 && webs.every(endpoint => endpoint.protocol === 'http:')) {
        return ['tls', `Port ${url.port} speaks no TLS: begin the URL with ws://.`];
    }
    if (!isSecure && webs.length > 0 && webs.every(endpoint => endpoint.protocol === 'https:')) {
        return ['tls', `Port ${url.port} speaks TLS: begin the URL with wss://.`];
    }
    const web = url.href.replace(/^ws/, 'http');
    const answer = await ask(web, 'cors');
    if (answer) {
        const text = (await answer.text()).trim();
        switch (answer.status) {
            case 426: return await opens(url) ? ['protocol', 'The WebSocket opens without the sub-protocol “mqtt”, but not with it.'] : ['protocol', `The broker refuses the handshake: ${text}`];
            case 403: return ['origin', text];
            case 404: return ['path', `Nothing is at ${url.pathname}: MQTT over WebSocket is at ${places(endpoints)}.`];
            case 503: return ['answer', text];
            default: return ['path', `${url.pathname} answers ${answer.status}, which is no MQTT over WebSocket.`];
        }
    }
    if (await ask(web, 'no-cors')) {
        return ['path', `Something answers at ${url.host}, but ${url.pathname} is no MQTT over WebSocket of this broker. Here it is at ${places(endpoints)}.`];
    }
    return isSecure && webs.length > 0
        ? ['tls', `The browser does not trust the certificate of ${url.host}. Open https://${url.host} in a tab to see why.`]
        : ['address', `Nobody answers at ${url.host}${isSecure ? ', or with a certificate that the browser does not trust' : ''}. Check host, port and firewalls.`];
}

const places = endpoints => endpoints.filter(endpoint => endpoint.startsWith('ws')).join(' and ');

async function ask(url, mode) {
    try {
        return await fetch(url, { mode, credentials: 'omit', cache: 'no-store' });
    } catch {
        return null;
    }
}

function opens(url) {
    return new Promise(resolve => {
        const socket = new WebSocket(url);
        socket.addEventListener('open', () => {
            socket.close();
            resolve(true);
        });
        socket.addEventListener('error', () => resolve(false));
    });
}
