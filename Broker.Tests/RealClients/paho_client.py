"""One scenario for Eclipse Paho's Python client, run by PahoTests.cs:

  paho_client.py <tcp|websockets> <port> <3|4|5> <certificate to trust, or nothing>

Two clients exchange messages at every QoS, large ones and on odd topics; fifty listen at once; one dies and its will arrives. Exit code 0 tells that all came as it should.
"""
import os
import queue
import socket
import sys
import uuid

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

carrier, port, version, certificate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
PATIENCE = 50


def new_client(will=None):
    client = mqtt.Client('p' + uuid.uuid4().hex[:12], protocol=version, transport=carrier, **({} if version == 5 else {'clean_session': True}))
    client.inbox, client.granted = queue.Queue(), queue.Queue()
    client.on_connect = lambda c, data, flags, code, properties=None: c.granted.put(int(getattr(code, 'value', code)))
    client.on_subscribe = lambda c, data, mid, codes, properties=None: c.granted.put([int(getattr(code, 'value', code)) for code in codes])
    client.on_message = lambda c, data, message: c.inbox.put(message)
    if carrier == 'websockets':
        client.ws_set_options(path='/mqtt')
    if certificate:
        client.tls_set(ca_certs=certificate)
    if will:
        client.will_set(will, 'gone', qos=1)
    client.reconnect_delay_set(min_delay=2 * PATIENCE, max_delay=2 * PATIENCE)
    client.connect('localhost' if certificate else '127.0.0.1', port)
    client.loop_start()
    expect(client.granted.get(timeout=PATIENCE), 0)
    return client


def expect(found, wanted):
    if found != wanted:
        raise AssertionError(f'{found!r} instead of {wanted!r}')


topic, wills = 't' + uuid.uuid4().hex, 'w' + uuid.uuid4().hex
subscriber, publisher, mortal = new_client(), new_client(), new_client(will=wills)
subscriber.subscribe([(topic, 2), (wills, 2)])
expect(subscriber.granted.get(timeout=PATIENCE), [2, 2])

for qos in (0, 1, 2):
    for payload in (b'', b'hello', bytes(range(256)) * 400):
        properties = None
        if version == 5:
            properties = Properties(PacketTypes.PUBLISH)
            properties.UserProperty = [('unit', '°C'), ('unit', 'K')]
            properties.CorrelationData = b'\0\1'
        publisher.publish(topic, payload, qos, properties=properties).wait_for_publish()
        message = subscriber.inbox.get(timeout=PATIENCE)
        expect((message.topic, message.payload, message.qos, message.retain), (topic, payload, qos, 0))
        if version == 5:
            expect(message.properties.UserProperty, [('unit', '°C'), ('unit', 'K')])
            expect(message.properties.CorrelationData, b'\0\1')

for odd in (topic + '/ä/温度/🌡', topic + '//', topic + '/ '):
    subscriber.subscribe(odd, 1)
    expect(subscriber.granted.get(timeout=PATIENCE), [1])
    publisher.publish(odd, os.urandom(1024 * 1024), 1).wait_for_publish()
    message = subscriber.inbox.get(timeout=PATIENCE)
    expect((message.topic, len(message.payload)), (odd, 1024 * 1024))

crowd = [new_client() for _ in range(50)]
for client in crowd:
    client.subscribe(topic + '/crowd', 1)
for client in crowd:
    expect(client.granted.get(timeout=PATIENCE), [1])
for i in range(10):
    publisher.publish(topic + '/crowd', str(i), 1).wait_for_publish()
for client in crowd:
    expect([client.inbox.get(timeout=PATIENCE).payload for _ in range(10)], [str(i).encode() for i in range(10)])

getattr(mortal.socket(), '_socket', mortal.socket()).shutdown(socket.SHUT_RDWR)
expect(subscriber.inbox.get(timeout=PATIENCE).payload, b'gone')

# Not sys.exit, which would wait for the threads of the clients.
print('passed', flush=True)
os._exit(0)
