// Ticks for timers.js.
const running = new Map();

addEventListener('message', ({ data: { id, every } }) => {
    clearInterval(running.get(id));
    running.delete(id);
    if (every) {
        running.set(id, setInterval(() => postMessage(id), every));
    }
});
