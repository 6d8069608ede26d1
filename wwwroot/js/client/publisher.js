// Publishes what the form says and tells what the broker answered.
import { publishProperties } from './properties.js';
import { reason } from './reasons.js';

/** Publishes; resolves to the words that tell how it went, throws in words where it did not. */
export async function publish(client, data) {
    const qos = Number(data.get('qos'));
    const isFive = client.options.protocolVersion === 5;
    const properties = isFive ? publishProperties(data) : undefined;
    const begun = performance.now();
    const answer = await new Promise((resolve, reject) =>
        client.publish(data.get('topic'), data.get('payload'), { qos, retain: data.has('retain'), properties }, (failure, packet) => {
            if (failure) {
                reject(failure.code >= 0x80
                    ? new Error(`The broker did not take the message: ${reason(failure.code, packet?.properties?.reasonString)}.`)
                    : new Error(`${failure.message}.`));
            } else {
                resolve(packet);
            }
        }));
    if (qos === 0) {
        return 'Sent, QoS 0';
    }
    const took = `${Math.max(1, Math.round(performance.now() - begun))} ms`;
    const words = answer?.reasonCode ? `: ${reason(answer.reasonCode, answer.properties?.reasonString)}` : '';
    return `${qos === 1 ? 'Acknowledged' : 'Completed'} after ${took}${words}`;
}
