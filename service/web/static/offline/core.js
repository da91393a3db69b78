/* What a device keeps to work without signal: its owner's key, what she took along, and the outbox. Used by pages and by
   the service worker. An entry is sealed for the office at once (docs/reference/outbox-format.md), so that it can be sent,
   but not read, after signing out; beside it lies a copy under the storage key, which signing out takes away. */
'use strict';
(() => {
  const text = new TextEncoder();
  const plain = new TextDecoder();
  const MAGIC = 'WAHANA-OUTBOX-1\n';
  const DAY = 86400000;
  const KEPT_DAYS = 3;
  const SHELL = 'wahana-shell';
  let base;

  // The stores: `meta` by name, `devices` by account, `outbox` by the entry's id, `kept` by name.
  function database() {
    base = base || new Promise((fine, fail) => {
      const asked = indexedDB.open('wahana', 1);
      asked.onupgradeneeded = () => {
        for (const name of ['meta', 'kept']) asked.result.createObjectStore(name);
        asked.result.createObjectStore('devices', { keyPath: 'account' });
        asked.result.createObjectStore('outbox', { keyPath: 'key' });
      };
      asked.onsuccess = () => fine(asked.result);
      asked.onerror = () => fail(asked.error);
    });
    return base;
  }

  async function store(names, mode, act) {
    const opened = await database();
    return new Promise((fine, fail) => {
      // Strict: what the screen calls kept must outlive a battery that is pulled out.
      const going = opened.transaction(names, mode, { durability: 'strict' });
      const asked = act(...[names].flat().map((name) => going.objectStore(name)));
      going.oncomplete = () => fine(asked && asked.result);
      going.onerror = going.onabort = () => fail(going.error);
    });
  }

  const read = (name, key) => store(name, 'readonly', (here) => here.get(key));
  const all = (name) => store(name, 'readonly', (here) => here.getAll());
  const write = (name, value, key) => store(name, 'readwrite', (here) => { here.put(value, key); });
  const drop = (name, key) => store(name, 'readwrite', (here) => { here.delete(key); });
  const names = (name) => store(name, 'readonly', (here) => here.getAllKeys());
  const clear = (name) => store(name, 'readwrite', (here) => { here.clear(); });
  const told = (asked, act) => { asked.onsuccess = () => act(asked.result); };
  // Read and written at once: what another page took away meanwhile is not put back.
  const change = (name, key, act) => store(name, 'readwrite', (here) => told(here.get(key), (found) => {
    if (found) here.put(act(found), key);
  }));

  function joined(...pieces) {
    const parts = pieces.map((one) => (typeof one === 'string' ? text.encode(one) : new Uint8Array(one)));
    const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
    let at = 0;
    for (const one of parts) { whole.set(one, at); at += one.length; }
    return whole;
  }

  const number = (value, bytes) => Uint8Array.from({ length: bytes }, (_, at) => (value / 256 ** (bytes - 1 - at)) & 255);
  const idBytes = (id) => Uint8Array.from(id.replaceAll('-', '').match(/../g), (pair) => parseInt(pair, 16));
  const fromBase64 = (said) => Uint8Array.from(atob(said.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));

  async function digest(secret, id) {
    const made = await crypto.subtle.digest('SHA-256', text.encode(secret + id));
    return btoa(String.fromCharCode(...new Uint8Array(made)));
  }

  function newId() {  // UUIDv7, RFC 9562
    const bytes = joined(number(Date.now(), 6), crypto.getRandomValues(new Uint8Array(10)));
    bytes[6] = (bytes[6] & 15) | 112;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, (one) => one.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  // RFC 9180, base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message.
  async function hmac(key, data) {
    // An empty salt is as good as one of zeros (RFC 5869, 2.2); WebCrypto takes no empty key.
    const bytes = key.length ? key : new Uint8Array(32);
    const made = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('HMAC', made, data));
  }
  const extract = (suite, salt, label, material) => hmac(salt, joined('HPKE-v1', suite, label, material));
  const expand = async (suite, key, label, info, length) =>
    (await hmac(key, joined(number(length, 2), 'HPKE-v1', suite, label, info, [1]))).slice(0, length);

  async function seal(office, info, message) {
    const curve = { name: 'ECDH', namedCurve: 'P-256' };
    const theirs = await crypto.subtle.importKey('raw', office, curve, false, []);
    const ours = await crypto.subtle.generateKey(curve, true, ['deriveBits']);
    const sent = new Uint8Array(await crypto.subtle.exportKey('raw', ours.publicKey));
    const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, ours.privateKey, 256);
    const kem = joined('KEM', [0, 16]);
    const suite = joined('HPKE', [0, 16, 0, 1, 0, 2]);
    const none = new Uint8Array(0);
    const secret = await expand(kem, await extract(kem, none, 'eae_prk', shared), 'shared_secret', joined(sent, office), 32);
    const context = joined(
      [0], await extract(suite, none, 'psk_id_hash', none), await extract(suite, none, 'info_hash', info));
    const schedule = await extract(suite, secret, 'secret', none);
    const key = await crypto.subtle.importKey('raw', await expand(suite, schedule, 'key', context, 32), 'AES-GCM', false, ['encrypt']);
    const iv = await expand(suite, schedule, 'base_nonce', context, 12);
    return joined(sent, await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, message));
  }

  async function hidden(key, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text.encode(JSON.stringify(value)));
    return { iv, data };
  }
  async function shown(key, box) {
    const data = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: box.iv }, key, box.data);
    return JSON.parse(plain.decode(data));
  }

  /* Whoever works on this device now: {account, device, key, secrets, seen}; nothing after signing out, and nothing three
     days after the office last saw her signed in. */
  async function current() {
    const found = await read('meta', 'current');
    const since = found ? Date.now() - found.seen : 0;
    if (since > KEPT_DAYS * DAY || since < -DAY) return close(found.seen);  // or the clock was set back
    return found;
  }

  // `left` is the mark of the last signing out as it was before the office was asked: after another one, here or on another
  // page, its answer gives nothing back.
  async function begin(secrets, name, left) {
    const key = await crypto.subtle.importKey('raw', fromBase64(secrets.storage), 'AES-GCM', false, ['encrypt', 'decrypt']);
    const inner = await hidden(key, { secret: secrets.secret, office: secrets.office, name });
    const { account, id } = secrets;
    let begun = false;
    await store(['meta', 'kept', 'devices'], 'readwrite', (meta, held, devices) => told(meta.get('left'), (now) => {
      if (now !== left) return;
      begun = true;
      told(meta.get('current'), (before) => {
        if (before && before.account !== account) held.clear();
        const heard = before && before.device === id ? before.told : {};  // up to where it knows of destructions
        meta.delete('revoked');
        devices.put({ account, id });
        meta.put({ account, device: id, key, secrets: inner, seen: Date.now(), told: heard }, 'current');
      });
    }));
    return begun;
  }

  function wiped(meta, held) {
    meta.delete('current');
    meta.put(newId(), 'left');
    held.clear();
  }

  // The shell without a key: nobody's, and never shown. A page that is left before it is gone leaves that to the next one.
  const sweep = () => navigator.locks.request('wahana-shell', async () => {
    if (!await read('meta', 'current')) await caches.delete(SHELL);
  });

  function gone() {
    sweep().catch(() => 0);
    new BroadcastChannel('wahana').postMessage('closed');  // other tabs show it still
  }

  /* Signing out: from one moment to the next nothing on the device can be read any more; what waits can still be sent. With
     `seen` only whoever was last seen then: she may have signed in meanwhile. */
  async function close(seen) {
    await store(['meta', 'kept'], 'readwrite', (meta, held) => told(meta.get('current'), (now) => {
      if (!seen || (now && now.seen === seen)) wiped(meta, held);
    }));
    gone();
  }

  // Revoked: nothing stays of this device, and its owner is told why. Unless she made one ready once more since then.
  async function forget(account, device) {
    const stores = ['meta', 'kept', 'devices', 'outbox'];
    let all = true;
    await store(stores, 'readwrite', (meta, held, devices, outbox) => told(devices.get(account), (ready) => {
      all = !ready || ready.id === device;
      if (!all) return;
      meta.put(true, 'revoked');
      devices.delete(account);
      told(outbox.getAll(), (there) => there.forEach((one) => one.account === account && outbox.delete(one.key)));
      told(meta.get('current'), (now) => { if (now && now.account === account) wiped(meta, held); });
    }));
    if (all) gone();
  }

  const said = (method, path, body) => fetch(path, {
    method, headers: body ? { 'Content-Type': 'application/json' } : {}, body: body && JSON.stringify(body) });

  /* What the office says of this device: 'closed' nobody is signed in, 'unknown' she has none here, or 'ready'. Throws when
     there is no line. */
  async function resume() {
    const left = await read('meta', 'left');
    const who = await said('GET', '/api/v1/sessions/current');
    if (!who.ok) return 'closed';
    const me = await who.json();
    const now = await read('meta', 'current');
    if (now && now.account !== me.account) {
      await close(now.seen);
      return resume();
    }
    const device = await read('devices', me.account);
    if (!device) return 'unknown';
    const answer = await said('POST', `/api/v1/offline-devices/${device.id}/secrets`);
    const told = await answer.json();
    if (told.rule === 'device_revoked') { await forget(me.account, device.id); return 'unknown'; }
    if (answer.status === 404) return 'unknown';  // a backup was put back: she makes it ready anew
    return answer.ok && await begin(told, me.name, left) ? 'ready' : 'closed';
  }

  async function prepare(label) {
    const left = await read('meta', 'left');
    const me = await (await said('GET', '/api/v1/sessions/current')).json();
    const answer = await said('POST', '/api/v1/offline-devices', { label });
    return answer.ok && begin(await answer.json(), me.name, left);
  }

  const used = async () => (await all('devices')).length > 0;
  const keep = async (name, value) => write('kept', await hidden((await current()).key, value), name);
  async function kept(name) {
    const now = await current();
    const box = now && await read('kept', name);
    return box ? shown(now.key, box) : null;
  }

  /* Put a command with its papers into the outbox, all or nothing. `note` is what its owner is shown of it, `makes` are the
     numbers beside its own that a later entry may name: whatever names one waits until this one is recorded. */
  async function add({ key, command, url, body, base: seen, papers = [], note, makes = [] }) {
    const now = await current();
    const mine = await shown(now.key, now.secrets);
    const at = new Date().toISOString();
    const made = [];
    for (const one of [...papers, { id: key }]) {
      const head = one.bytes ? { paper: one.paper } : { command, url, body, base: seen };
      const inner = text.encode(JSON.stringify({ secret: mine.secret, at, ...head }));
      const ids = joined(idBytes(now.device), idBytes(one.id));
      const message = joined(number(inner.length, 4), inner, one.bytes || []);
      const box = joined(ids, await seal(fromBase64(mine.office), joined('wahana-outbox/v1', ids), message));
      const about = await hidden(now.key, one.bytes ? { title: one.title, paper: true } : note);
      made.push({ key: one.id, of: key, at, account: now.account, device: now.device, state: 'waiting', paper: Boolean(one.bytes), box, about });
    }
    await navigator.locks.request('wahana-add', async () => {
      const there = await all('outbox');
      let order = there.reduce((last, one) => Math.max(last, one.order), 0);  // no clock: it may be set back
      for (const one of made) one.order = order += 1;
      const named = JSON.stringify([url, body]);
      const needs = there.filter((one) => one.state !== 'sent' && !one.paper && one.key !== key
        && [one.key, ...(one.makes || [])].some((id) => named.includes(id))).map((one) => one.key);
      Object.assign(made[made.length - 1], { makes, needs });
      // Mended: the papers sent before go once more, in case that the office gave them up meanwhile.
      const again = there.filter((one) => one.of === key && one.paper).map((one) => ({ ...one, state: 'waiting' }));
      await store('outbox', 'readwrite', (here) => { [...again, ...made].forEach((one) => here.put(one)); });
    });
  }

  const entries = async () => (await all('outbox')).sort((a, b) => a.order - b.order);
  const file = (boxes) => joined(MAGIC, ...boxes.flatMap((box) => [number(box.length, 4), box]));

  /* Send what waits, one by one in its order; a line that breaks leaves the rest waiting. What builds on an entry that is not
     recorded yet waits for it: it would be refused, and is not to be mended. */
  const send = () => navigator.locks.request('wahana-outbox', async () => {
    const there = await entries();
    for (const one of there) if (one.state === 'sent' && Date.now() - Date.parse(one.at) > 7 * DAY) await drop('outbox', one.key);
    const open = new Set(there.filter((one) => one.state !== 'sent').map((one) => one.key));
    const later = new Set();  // a command whose paper is for later is not to go without it
    let waiting = there.filter((one) => one.state === 'waiting');
    for (let before = -1; waiting.length && waiting.length !== before;) {  // one that was mended comes after what builds on it
      before = waiting.length;
      const held = [];
      for (const one of waiting) {
        if (later.has(one.key) || (one.needs || []).some((key) => open.has(key))) { held.push(one); continue; }
        const became = await sent(one);
        if (!became) return;
        new BroadcastChannel('wahana').postMessage('sent');  // the service worker may have sent it
        if (became === 'later') later.add(one.of);
        const now = await read('outbox', one.key);
        if (!now || now.state === 'sent') open.delete(one.key);
      }
      waiting = held;
    }
    for (const { key } of waiting) {
      const now = await read('outbox', key);
      if (now && now.state === 'waiting') await write('outbox', { ...now, detail: 'after' });
    }
  });

  // Once more what was refused, as it is: after the office has done what stood in its way.
  async function retry(key) {
    for (const one of await all('outbox')) {
      if (one.of === key && one.box && (one.paper || one.state === 'refused')) await write('outbox', { ...one, state: 'waiting', detail: '' });
    }
    await send();
  }

  async function sent(entry) {
    let answer;
    try {
      answer = await fetch('/api/v1/outbox', {
        method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: file([entry.box]) });
      if (answer.status === 413) {
        await write('outbox', { ...entry, state: 'refused', detail: 'tooLarge' });
        return true;
      }
      if (!answer.ok) return false;
      answer = (await answer.json()).results[0];
    } catch (error) {
      return false;  // no line: it waits
    }
    if (answer.rule === 'device_revoked') {
      await forget(entry.account, entry.device);
      await drop('outbox', entry.key);  // also where another device was made ready since
      return false;
    }
    if (['device_unknown', 'subject_closed'].includes(answer.rule)) {  // it stays, and says why; the others go on
      await write('outbox', { ...entry, detail: answer.detail });
      return 'later';
    }
    if (answer.status >= 500) return false;
    const state = answer.status < 400 ? 'sent' : 'refused';
    const told = answer.answer || {};
    const now = await read('meta', 'current');
    const errors = answer.errors && now ? await hidden(now.key, answer.errors) : null;
    const note = state === 'sent' && now && now.account === entry.account ? await shown(now.key, entry.about).catch(() => null) : null;
    const about = state !== 'sent' ? entry.about : note && await hidden(now.key, { title: note.title });  // the rest is the office's now
    const box = answer.rule === 'subject_destroyed' ? null : entry.box;
    await write('outbox', {
      ...entry, about, box, state, detail: answer.detail, rule: answer.rule, errors, receipt: told.receipt, qr: told.qr, position: told.position });
    // A paper is kept until the command that names it is recorded.
    if (state === 'sent' && !entry.paper) {
      for (const one of await all('outbox')) if (one.of === entry.key && one.paper) await write('outbox', { ...one, box: null });
    }
    return true;
  }

  // Signing out while there is no line: the session is ended when there is one, before anything else is asked.
  const ending = () => read('meta', 'ending');
  async function ended() {
    if (await ending() && (await fetch('/keluar', { method: 'POST' })).ok) await drop('meta', 'ending');
  }

  self.Wahana = {
    SHELL, add, begin, change, clear, close, current, digest, drop, ended, ending, entries, file, forget, hidden, keep, kept,
    names, newId, prepare, read, resume, retry, said, send, shown, sweep, used, write };
})();
