// Emmett: the peer's process. `node emmett.mjs sqlite FILE` or `node emmett.mjs postgresql URL`; to project, a third
// argument names a file of events, one JSON text a line: [stream, version, topic, text].
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CommandHandler } from '@event-driven-io/emmett';

const [engine, target, events] = process.argv.slice(2);
const text = 'x'.repeat(700);

async function sqlite() {
  const { getSQLiteEventStore, sqliteConnection, sqliteRawSQLProjection } = await import('@event-driven-io/emmett-sqlite');
  const connection = sqliteConnection({ fileName: target });
  await connection.command(`PRAGMA synchronous = ${events ? 'NORMAL' : 'FULL'}`); // views are as relaxed as ours
  const store = getSQLiteEventStore({ fileName: target, connectionOptions: { singleton: true, connection } });
  return {
    store,
    run: (sql) => connection.command(sql),
    count: async (table) => Number((await connection.querySingle(`SELECT SUM(events) AS n FROM ${table}`)).n),
    project: (name, count, evolve) => {
      const consumer = store.consumer({ pulling: { batchSize: count } });
      const projection = { name, ...sqliteRawSQLProjection({ canHandle: topics, evolve }) };
      consumer.processor({ processorId: name, projection, startFrom: 'BEGINNING', stopAfter: last(count) });
      return consumer;
    },
    close: async () => connection.close(),
  };
}

async function postgresql() {
  const { getPostgreSQLEventStore, postgreSQLRawSQLProjection } = await import('@event-driven-io/emmett-postgresql');
  const { dumbo, rawSql } = await import('@event-driven-io/dumbo');
  const store = getPostgreSQLEventStore(target);
  const pool = dumbo({ connectionString: target });
  return {
    store,
    run: (sql) => pool.execute.command(rawSql(sql)),
    count: async (table) => Number((await pool.execute.query(rawSql(`SELECT SUM(events) AS n FROM ${table}`))).rows[0].n),
    project: (name, count, evolve) => {
      const consumer = store.consumer({ pulling: { batchSize: count } });
      const projection = postgreSQLRawSQLProjection({ name, canHandle: topics, evolve: (event) => rawSql(evolve(event)) });
      consumer.projector({ processorId: name, projection, startFrom: 'BEGINNING', stopAfter: last(count) });
      return consumer;
    },
    close: async () => {
      await pool.close();
      await store.close();
    },
  };
}

const topics = [];
let seen = 0;
const last = (count) => () => ++seen === count;

const peer = await { sqlite, postgresql }[engine]();
await peer.store.schema.migrate();

async function timed(count, one) {
  const began = performance.now();
  for (let number = 0; number < count; number++) await one(number);
  return (performance.now() - began) / 1000 / count;
}

// One event more on a stream whose version is known, as a command appends it.
const stream = `note-${randomUUID()}`;
let version = 0n;
async function append() {
  const expectedStreamVersion = version;
  const event = { type: 'Noted', data: { text } };
  ({ nextExpectedStreamVersion: version } = await peer.store.appendToStream(stream, [event], { expectedStreamVersion }));
}

// A whole command as Emmett has it: load the stream, decide, append. Each begins a stream.
const handle = CommandHandler({ evolve: (state) => ({ events: state.events + 1 }), initialState: () => ({ events: 0 }) });
const command = () =>
  handle(peer.store, `note-${randomUUID()}`, (state) => (state.events ? [] : [{ type: 'Noted', data: { text } }]));

// The events of the bench's own log, each stream's in one append, then folded one by one into one row to a stream.
let rounds = 0;
async function fill(path) {
  const streams = new Map();
  for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
    const [stream, , type, text] = JSON.parse(line);
    if (!topics.includes(type)) topics.push(type);
    if (!streams.has(stream)) streams.set(stream, []);
    streams.get(stream).push({ type, data: JSON.parse(text) });
  }
  for (const [stream, events] of streams) {
    await peer.store.appendToStream(stream, events, { expectedStreamVersion: 0n });
  }
}

async function project(count) {
  const name = `counted_${++rounds}`;
  await peer.run(`CREATE TABLE ${name} (key TEXT PRIMARY KEY, events INTEGER, topic TEXT)`);
  seen = 0;
  const consumer = peer.project(
    name,
    count,
    ({ type, metadata }) =>
      `INSERT INTO ${name} VALUES ('${metadata.streamName}', 1, '${type}')
       ON CONFLICT (key) DO UPDATE SET events = ${name}.events + 1, topic = '${type}'`,
  );
  const began = performance.now();
  await consumer.start();
  const seconds = (performance.now() - began) / 1000 / count;
  const folded = await peer.count(name);
  if (folded !== count) throw new Error(`folded ${folded} of ${count} events`);
  return seconds;
}

if (events) await fill(events);
const tasks = { append: (count) => timed(count, append), command: (count) => timed(count, command), project };
for await (const line of createInterface({ input: process.stdin })) {
  const [name, count] = line.split(' ');
  console.log(JSON.stringify({ seconds: await tasks[name](Number(count)) }));
}
await peer.close();
