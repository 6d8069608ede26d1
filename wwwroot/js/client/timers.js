// Timers for MQTT.js that go on while the tab is in the background, where browsers slow down a page's own: its keep alive depends on them.
// MQTT.js brings such timers itself, but starts them from a blob, which this page's policy does not allow.

const callbacks = new Map();
let worker;
let last = 0;

export const timers = {
    set(callback, every) {
        if (!worker) {
            worker = new Worker(new URL('./timer-worker.js', import.meta.url));
            worker.addEventListener('message', ({ data: id }) => callbacks.get(id)?.());
        }
        const id = ++last;
        callbacks.set(id, callback);
        worker.postMessage({ id, every });
        return id;
    },
    clear(id) {
        if (callbacks.delete(id)) {
            worker.postMessage({ id });
        }
    },
};
