// What the connection form says, as options of MQTT.js; what cannot be is thrown as an Error in words for the reader.
import { dataOf, numberOf, userProperties, withoutGaps } from './properties.js';
import { timers } from './timers.js';

/** Checks a broker URL as far as a browser can before it tries. */
export function checkedUrl(typed) {
    let url;
    try {
        url = new URL(typed);
    } catch {
        throw new Error(`“${typed}” is not a URL. Write it like ws://${location.host}/mqtt.`);
    }
    if (url.protocol === 'mqtt:' || url.protocol === 'mqtts:') {
        throw new Error('A browser cannot open TCP connections, so mqtt:// does not work here. Use ws:// or wss:// with the path /mqtt.');
    }
    if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
        throw new Error(`“${url.protocol}//” is not a WebSocket URL. It begins with ws:// or wss://.`);
    }
    if (location.protocol === 'https:' && url.protocol === 'ws:') {
        throw new Error('This page came over HTTPS, and from there a browser opens only wss:// URLs.');
    }
    if (url.username || url.password) {
        throw new Error('Write user name and password into their fields, not into the URL.');
    }
    if (!isHere(url.hostname)) {
        throw new Error(`This page may connect only to the host that served it, ${location.hostname}; any port will do.`);
    }
    return url.href.replace(/#.*$/, '');
}

/** The options for mqtt.connect. */
export function connectOptions(data) {
    const protocolVersion = Number(data.get('version'));
    const isFive = protocolVersion === 5;
    const clientId = data.get('clientId');
    const clean = data.has('cleanStart');
    if (!clientId && !clean) {
        throw new Error(`Without a client identifier there is no session to come back to: write one, or choose ${isFive ? 'clean start' : 'clean session'}.`);
    }
    if (!isFive && data.get('password') && !data.get('username')) {
        throw new Error('Before MQTT 5 a password is allowed only together with a user name.');
    }
    return {
        protocolVersion,
        protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
        clientId,
        clean,
        keepalive: Number(data.get('keepAlive')),
        username: data.get('username') || undefined,
        password: data.get('password') || undefined,
        will: will(data, isFive),
        properties: isFive ? connectProperties(data) : undefined,
        connectTimeout: 1000 * (isFive && numberOf(data.get('connectTimeout')) || 10),
        resubscribe: false, // subscriptions.js does it, and shows what became of each.
        timerVariant: timers,
    };
}

function connectProperties(data) {
    return withoutGaps({
        sessionExpiryInterval: numberOf(data.get('sessionExpiry')),
        receiveMaximum: numberOf(data.get('receiveMaximum')),
        maximumPacketSize: numberOf(data.get('maximumPacketSize')),
        topicAliasMaximum: numberOf(data.get('topicAliasMaximum')),
        requestResponseInformation: data.has('requestResponseInformation') || undefined,
        requestProblemInformation: data.has('noProblemInformation') ? false : undefined,
        authenticationMethod: data.get('authenticationMethod') || undefined,
        authenticationData: dataOf(data.get('authenticationData')),
        userProperties: userProperties(data, 'connect'),
    });
}

function will(data, isFive) {
    const topic = data.get('willTopic');
    if (!topic) {
        return undefined;
    }
    const properties = isFive ? withoutGaps({
        willDelayInterval: numberOf(data.get('willDelay')),
        payloadFormatIndicator: data.has('willPayloadIsUtf8') || undefined,
        messageExpiryInterval: numberOf(data.get('willExpiry')),
        contentType: data.get('willContentType') || undefined,
        responseTopic: data.get('willResponseTopic') || undefined,
        correlationData: dataOf(data.get('willCorrelationData')),
        userProperties: userProperties(data, 'will'),
    }) : undefined;
    return {
        topic,
        payload: data.get('willPayload'),
        qos: Number(data.get('willQos')),
        retain: data.has('willRetain'),
        ...properties && { properties },
    };
}

// The page's policy says the same; this says it in words.
function isHere(host) {
    const loopback = ['localhost', '127.0.0.1', '[::1]'];
    return host === location.hostname || loopback.includes(host) && loopback.includes(location.hostname);
}
