// The properties of MQTT 5 between forms, MQTT.js and the reader.
import { brief, bytesOf, visible } from './payload.js';

/** A number from a form field, or undefined where it is empty. */
export const numberOf = text => text === '' || text === null ? undefined : Number(text);

/** Bytes from a form field, hex after 0x, or undefined where it is empty. */
export const dataOf = text => text ? bytesOf(text) : undefined;

/** The properties of a PUBLISH from its form; undefined where there is none. */
export function publishProperties(data) {
    return withoutGaps({
        contentType: data.get('contentType') || undefined,
        messageExpiryInterval: numberOf(data.get('messageExpiry')),
        responseTopic: data.get('responseTopic') || undefined,
        correlationData: dataOf(data.get('correlationData')),
        payloadFormatIndicator: data.has('payloadIsUtf8') || undefined,
        userProperties: userProperties(data, 'user'),
    });
}

/** The same without what is undefined; undefined where nothing is left. */
export function withoutGaps(properties) {
    const set = Object.entries(properties).filter(([, value]) => value !== undefined);
    return set.length ? Object.fromEntries(set) : undefined;
}

/** Properties that arrived, as rows of name and text. */
export function* rows(properties = {}) {
    const { contentType, payloadFormatIndicator, messageExpiryInterval, responseTopic, correlationData } = properties;
    if (contentType !== undefined) {
        yield ['Content type', visible(contentType)];
    }
    if (payloadFormatIndicator !== undefined) {
        yield ['Payload format', payloadFormatIndicator ? '1, UTF-8 text' : '0, bytes'];
    }
    if (messageExpiryInterval !== undefined) {
        yield ['Message expiry', `${messageExpiryInterval} s`];
    }
    if (responseTopic !== undefined) {
        yield ['Response topic', visible(responseTopic)];
    }
    if (correlationData !== undefined) {
        yield ['Correlation data', brief(correlationData)];
    }
    for (const identifier of [properties.subscriptionIdentifier ?? []].flat()) {
        yield ['Subscription identifier', String(identifier)];
    }
    if (properties.topicAlias !== undefined) {
        yield ['Topic alias', String(properties.topicAlias)];
    }
    for (const [name, values] of Object.entries(properties.userProperties ?? {})) {
        for (const value of [values].flat()) {
            yield [`User property ${visible(name)}`, visible(value)];
        }
    }
}

/** The user properties of a form whose fields begin with `prefix`; undefined where there is none. */
export function userProperties(data, prefix) {
    const values = data.getAll(`${prefix}Value`);
    const properties = Object.create(null);
    data.getAll(`${prefix}Name`).forEach((name, at) => {
        if (name !== '' || values[at] !== '') {
            (properties[name] ??= []).push(values[at]);
        }
    });
    return Object.keys(properties).length ? properties : undefined;
}
