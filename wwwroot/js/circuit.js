// Starts Blazor's circuit and keeps the page alive: when the broker restarts, the page waits for it and comes back by itself.

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
const notice = document.createElement('div');
let isDown = false;

notice.className = 'connection-lost';
notice.setAttribute('role', 'status');
notice.textContent = 'Connection to the broker lost. Reconnecting…';

// A broker that is shutting down still answers for a moment, but it is not the one to come back to.
async function answers() {
    try {
        const health = await fetch('health/ready', { cache: 'no-store' });
        return (await health.json()).reason !== 'shutting down';
    } catch {
        return false;
    }
}

// Whoever is not signed in any more is led to where one signs in; as a redirection, it tells nothing here but that it is one.
async function isSignedOut() {
    const page = await fetch(location.href, { cache: 'no-store', redirect: 'manual', headers: { accept: 'text/html' } }).catch(() => undefined);
    return page?.type === 'opaqueredirect';
}

async function comeBack() {
    for (let wait = 250; isDown; wait = Math.min(wait * 2, 4000)) {
        if (await answers()) {
            // False: this server does not know the circuit, most likely because it was started anew.
            if (await isSignedOut() || await Blazor.reconnect().catch(() => undefined) === false) {
                location.reload();
                return;
            }
        }
        await pause(wait);
    }
}

const reconnectionHandler = {
    onConnectionDown() {
        if (!isDown) {
            isDown = true;
            document.body.dataset.connection = 'lost';
            document.body.append(notice);
            comeBack();
        }
    },
    onConnectionUp() {
        isDown = false;
        delete document.body.dataset.connection;
        notice.remove();
    },
};

const script = document.createElement('script');
script.src = document.body.dataset.blazor;
script.setAttribute('autostart', 'false');
script.addEventListener('load', () => Blazor.start({
    circuit: { reconnectionHandler },
    ssr: { disableDomPreservation: true }, // Every page is loaded as a whole: each has its own scripts and its own policy.
}));
document.head.append(script);
