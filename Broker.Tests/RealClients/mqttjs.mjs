// Scenarios for MQTT.js, run by MqttJsTests.cs:
//   node mqttjs.mjs <scenario> <url> <protocolVersion> <file with the certificate to trust> [<file with a certificate and its key to show>]
// A scenario that returns has passed. None of them waits for time: each waits for packets, and the caller ends a run that hangs.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import mqtt from 'mqtt'

const [scenario, url, versionText, certificate, shown] = process.argv.slice(2)
const version = Number(versionText)
const clients = []

/** A topic or client identifier that nobody else uses. */
const newName = () => 'j' + randomBytes(6).toString('hex')

/** Connects a client; its messages wait in `client.next()`. */
async function connect(options = {}) {
  const client = await mqtt.connectAsync(url, {
    protocolVersion: version,
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    clientId: newName(),
    reconnectPeriod: 0,
    ca: readFileSync(certificate),
    ...(shown && { cert: readFileSync(shown), key: readFileSync(shown) }),
    ...options,
  })
  return receiveFrom(client)
}

/** Gives a client an inbox that is filled from now on. */
function receiveFrom(client) {
  const arrived = []
  const waiting = []
  clients.push(client)
  client.on('message', (topic, payload, packet) => {
    const message = { ...packet, topic, payload, text: payload.toString() }
    const taker = waiting.shift()
    if (taker) taker(message)
    else arrived.push(message)
  })
  client.next = () => arrived.length > 0 ? Promise.resolve(arrived.shift()) : new Promise(resolve => waiting.push(resolve))
  return client
}

/** Waits until a client's end has been heard of by its socket. */
async function cutOff(client) {
  const closed = once(client, 'close')
  client.stream.destroy()
  await closed
}

const scenarios = {
  async everyQoS() {
    const [publisher, subscriber] = [await connect(), await connect()]
    const topic = newName()
    for (const granted of [0, 1, 2]) {
      const [grant] = await subscriber.subscribeAsync(topic, { qos: granted })
      assert.equal(grant.qos, granted)
      for (const qos of [0, 1, 2]) {
        await publisher.publishAsync(topic, `${granted} ${qos}`, { qos })
        const message = await subscriber.next()
        assert.equal(message.text, `${granted} ${qos}`)
        assert.equal(message.qos, Math.min(granted, qos))
        assert.equal(message.retain, false)
      }
    }
  },

  async retained() {
    const publisher = await connect()
    const root = newName()
    for (const qos of [0, 1, 2]) await publisher.publishAsync(`${root}/${qos}`, `kept ${qos}`, { qos, retain: true })
    await publisher.publishAsync(`${root}/0`, 'replaced', { qos: 1, retain: true })
    await publisher.publishAsync(`${root}/1`, '', { qos: 1, retain: true })
    const subscriber = await connect()
    await subscriber.subscribeAsync(`${root}/+`, { qos: 2 })
    const found = [await subscriber.next(), await subscriber.next()]
    assert.deepEqual(found.map(m => [m.topic, m.text, m.qos, m.retain]).sort(),
      [[`${root}/0`, 'replaced', 1, true], [`${root}/2`, 'kept 2', 2, true]])
    await publisher.publishAsync(`${root}/1`, 'live', { qos: 1 })
    assert.equal((await subscriber.next()).text, 'live')
  },

  async will() {
    const [heir, publisher] = [await connect(), await connect()]
    const topic = newName()
    const will = { topic, payload: Buffer.from('gone'), qos: 1, retain: false }
    await heir.subscribeAsync(topic, { qos: 2 })
    const polite = await connect({ will })
    await polite.endAsync()
    await publisher.publishAsync(topic, 'nothing before this', { qos: 1 })
    assert.equal((await heir.next()).text, 'nothing before this')
    await cutOff(await connect({ will }))
    assert.equal((await heir.next()).text, 'gone')
  },

  async emptyPayloadsAndOddTopics() {
    const [publisher, subscriber] = [await connect(), await connect()]
    const root = newName()
    await subscriber.subscribeAsync(`${root}/#`, { qos: 2 })
    for (const topic of [root, `${root}/`, `${root}//`, `${root}/ `, `${root}/a//b`, `${root}/ä/温度/🌡`, `${root}/${'x'.repeat(30000)}`]) {
      for (const qos of [0, 1, 2]) {
        await publisher.publishAsync(topic, '', { qos })
        const message = await subscriber.next()
        assert.equal(message.topic, topic)
        assert.equal(message.payload.length, 0)
        assert.equal(message.qos, qos)
      }
    }
  },

  async largePayloads() {
    const [publisher, subscriber] = [await connect(), await connect()]
    const topic = newName()
    await subscriber.subscribeAsync(topic, { qos: 2 })
    for (const size of [125, 126, 127, 128, 16383, 16384, 65535, 65536, 100 * 1024, 1024 * 1024]) {
      const payload = randomBytes(size)
      for (const qos of [0, 2]) {
        await publisher.publishAsync(topic, payload, { qos })
        assert.ok(payload.equals((await subscriber.next()).payload), `${size} bytes at QoS ${qos}`)
      }
    }
  },

  async manyInOrder() {
    const [publisher, subscriber] = [await connect(), await connect()]
    const topic = newName()
    await subscriber.subscribeAsync(topic, { qos: 2 })
    for (const qos of [0, 1, 2]) {
      const sent = Array.from({ length: 500 }, (_, i) => `${qos}-${i}`)
      // MQTT.js does not count against the Receive Maximum that an MQTT 5 server announces, so its user has to.
      const atOnce = version === 5 && qos > 0 ? 20 : sent.length
      for (let i = 0; i < sent.length; i += atOnce) {
        await Promise.all(sent.slice(i, i + atOnce).map(text => publisher.publishAsync(topic, text, { qos })))
      }
      for (const text of sent) assert.equal((await subscriber.next()).text, text)
    }
  },

  async unsubscribe() {
    const [publisher, subscriber] = [await connect(), await connect()]
    const [dropped, kept] = [newName(), newName()]
    await subscriber.subscribeAsync([dropped, kept], { qos: 1 })
    await subscriber.unsubscribeAsync(dropped)
    await publisher.publishAsync(dropped, 'dropped', { qos: 1 })
    await publisher.publishAsync(kept, 'kept', { qos: 1 })
    assert.equal((await subscriber.next()).text, 'kept')
  },

  async session() {
    const publisher = await connect()
    const [topic, clientId] = [newName(), newName()]
    const lasting = { clientId, clean: false, properties: version === 5 ? { sessionExpiryInterval: 600 } : undefined }
    const first = mqtt.connect(url, { protocolVersion: version, reconnectPeriod: 0, ca: readFileSync(certificate), ...lasting })
    const [opened] = await once(first, 'connect')
    assert.equal(opened.sessionPresent, false)
    await first.subscribeAsync(topic, { qos: 2 })
    await first.endAsync()
    for (const qos of [1, 2]) await publisher.publishAsync(topic, `missed ${qos}`, { qos })

    const second = receiveFrom(mqtt.connect(url, { protocolVersion: version, reconnectPeriod: 0, ca: readFileSync(certificate), ...lasting }))
    const [resumed] = await once(second, 'connect')
    assert.equal(resumed.sessionPresent, true)
    assert.deepEqual([(await second.next()).text, (await second.next()).text].sort(), ['missed 1', 'missed 2'])
  },

  async reconnect() {
    const publisher = await connect()
    const topic = newName()
    const subscriber = await connect({ reconnectPeriod: 1, clean: false, properties: version === 5 ? { sessionExpiryInterval: 600 } : undefined })
    await subscriber.subscribeAsync(topic, { qos: 2 })
    for (let round = 0; round < 5; round++) {
      const back = once(subscriber, 'connect')
      await cutOff(subscriber)
      await publisher.publishAsync(topic, `round ${round}`, { qos: 1 })
      const [connack] = await back
      assert.equal(connack.sessionPresent, true)
      assert.equal((await subscriber.next()).text, `round ${round}`)
    }
  },

  async manyClients() {
    const crowd = await Promise.all(Array.from({ length: 500 }, () => connect()))
    const topics = crowd.map(newName)
    await Promise.all(crowd.map((client, i) => client.subscribeAsync(topics[i], { qos: 1 })))
    // Each writes to its neighbour.
    await Promise.all(crowd.map((client, i) => client.publishAsync(topics[(i + 1) % topics.length], `from ${i}`, { qos: 1 })))
    for (const [i, client] of crowd.entries()) assert.equal((await client.next()).text, `from ${(i + topics.length - 1) % topics.length}`)
  },

  async reconnectStorm() {
    const publisher = await connect()
    const topic = newName()
    const lasting = { reconnectPeriod: 1, clean: false, properties: version === 5 ? { sessionExpiryInterval: 600 } : undefined }
    const crowd = await Promise.all(Array.from({ length: 100 }, () => connect(lasting)))
    await Promise.all(crowd.map(client => client.subscribeAsync(topic, { qos: 1 })))
    for (let round = 0; round < 3; round++) {
      const back = crowd.map(client => once(client, 'connect'))
      await Promise.all(crowd.map(cutOff))
      await publisher.publishAsync(topic, `storm ${round}`, { qos: 1 })
      for (const [connack] of await Promise.all(back)) assert.equal(connack.sessionPresent, true)
      for (const client of crowd) assert.equal((await client.next()).text, `storm ${round}`)
    }
  },

  async takeOver() {
    const clientId = newName()
    for (let round = 0, before = await connect({ clientId }); round < 5; round++) {
      const told = version === 5 ? once(before, 'disconnect') : once(before, 'close')
      const after = await connect({ clientId })
      const [disconnect] = await told
      if (version === 5) assert.equal(disconnect.reasonCode, 0x8e)
      const topic = newName()
      await after.subscribeAsync(topic, { qos: 1 })
      await after.publishAsync(topic, 'mine now', { qos: 1 })
      assert.equal((await after.next()).text, 'mine now')
      before = after
    }
  },

  async requestResponse() {
    const [asking, answering] = [await connect(), await connect()]
    const [questions, answers] = [newName(), newName()]
    await answering.subscribeAsync(questions, { qos: 1 })
    await asking.subscribeAsync(answers, { qos: 1 })
    for (let i = 0; i < 20; i++) {
      const correlationData = randomBytes(8)
      await asking.publishAsync(questions, `${i}`, { qos: 1, properties: { responseTopic: answers, correlationData } })
      const question = await answering.next()
      await answering.publishAsync(question.properties.responseTopic, `${question.text}!`, { qos: 1, properties: { correlationData: question.properties.correlationData } })
      const answer = await asking.next()
      assert.equal(answer.text, `${i}!`)
      assert.ok(correlationData.equals(answer.properties.correlationData))
    }
  },

  async ping() {
    const client = await connect({ keepalive: 600 })
    const answered = new Promise(resolve => client.on('packetreceive', packet => packet.cmd === 'pingresp' && resolve()))
    client.sendPing()
    await answered
  },

  async properties() {
    const [publisher, subscriber] = [await connect(), await connect()]
    const topic = newName()
    await subscriber.subscribeAsync(topic, { qos: 2, properties: { subscriptionIdentifier: 4711 } })
    for (const qos of [0, 1, 2]) {
      await publisher.publishAsync(topic, '{}', { qos, properties: {
        contentType: 'application/json', responseTopic: 'answers', correlationData: Buffer.from([0, 255, 7]),
        payloadFormatIndicator: true, messageExpiryInterval: 3600, userProperties: { unit: '°C', place: ['roof', 'cellar'] },
      } })
      const { properties } = await subscriber.next()
      assert.equal(properties.contentType, 'application/json')
      assert.equal(properties.responseTopic, 'answers')
      assert.deepEqual(properties.correlationData, Buffer.from([0, 255, 7]))
      assert.equal(properties.payloadFormatIndicator, true)
      assert.ok(properties.messageExpiryInterval > 0 && properties.messageExpiryInterval <= 3600)
      assert.deepEqual({ ...properties.userProperties }, { unit: '°C', place: ['roof', 'cellar'] })
      assert.equal(properties.subscriptionIdentifier, 4711)
    }
  },

  async subscriptionOptions() {
    const [publisher, other] = [await connect(), await connect()]
    const topic = newName()
    await publisher.publishAsync(topic, 'kept', { qos: 1, retain: true })
    // No Local, Retain As Published, and no retained message at subscribe.
    await publisher.subscribeAsync(topic, { qos: 1, nl: true, rap: true, rh: 2 })
    await publisher.publishAsync(topic, 'own', { qos: 1 })
    await other.publishAsync(topic, 'from elsewhere', { qos: 1, retain: true })
    const message = await publisher.next()
    assert.equal(message.text, 'from elsewhere')
    assert.equal(message.retain, true)
  },

  async topicAliases() {
    const publisher = await connect({ autoAssignTopicAlias: true })
    const subscriber = await connect({ properties: { topicAliasMaximum: 2 } })
    const topics = [newName(), newName(), newName()]
    await subscriber.subscribeAsync(topics, { qos: 1 })
    const aliased = []
    publisher.on('packetsend', packet => packet.cmd === 'publish' && aliased.push(packet.topic === ''))
    for (let round = 0; round < 3; round++) {
      for (const topic of topics) {
        await publisher.publishAsync(topic, `${round}`, { qos: 1 })
        const message = await subscriber.next()
        assert.deepEqual([message.topic, message.text], [topic, `${round}`])
      }
    }
    assert.ok(aliased.includes(true), 'the broker offers topic aliases, and the client used them')
  },
}

assert.ok(scenarios[scenario], `no scenario ${scenario}`)
await scenarios[scenario]()
await Promise.all(clients.map(client => client.endAsync(true)))
console.log('passed')
process.exit(0)
