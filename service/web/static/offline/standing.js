/* What the office says of this device when it is asked, without a session: whether it was revoked, and of whom everything was
   destroyed since. Of her nothing stays that can be read or sent. */
'use strict';
(() => {
  if (!self.Wahana) return;
  const { current, drop, entries, forget, hidden, keep, kept, names, read, said, shown, write } = Wahana;

  // Rows of hers go, wherever they stand.
  function without(hers, value) {
    if (Array.isArray(value)) {
      const others = value.filter((one) => !one || (!hers.has(one.id) && !hers.has(one.beneficiary)));
      return others.map((one) => without(hers, one));
    }
    if (!value || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, without(hers, one)]));
  }

  const mention = (hers, said) => said && [...hers].some((id) => JSON.stringify(said).includes(id));

  async function entry(one, hers, now) {
    const open = (box) => (box ? shown(now.key, box).catch(() => null) : null);
    const [note, errors] = [await open(one.about), await open(one.errors)];
    if (hers.has(one.key) || hers.has(one.of) || mention(hers, note)) {
      hers.add(one.key);
      const left = one.state === 'sent' ? {} : { state: 'refused', detail: 'destroyed', rule: 'subject_destroyed' };
      const about = note && await hidden(now.key, { title: one.paper ? '' : note.title });
      await write('outbox', { ...one, ...left, about, errors: null, box: null });
    } else if (mention(hers, errors)) await write('outbox', { ...one, errors: null });
  }

  async function destroyed(ids, now) {
    const hers = new Set(ids);
    for (const row of (await kept('cases')) || []) {
      if (hers.has(row.beneficiary)) [row, ...(row.referrals || [])].forEach((one) => hers.add(one.id));
    }
    const mine = (await entries()).filter((one) => one.account === now.account);
    for (const one of mine.filter((other) => !other.paper)) await entry(one, hers, now);
    for (const one of mine.filter((other) => other.paper)) await entry(one, hers, now);
    if (Wahana.data) Object.assign(Wahana.data, without(hers, Wahana.data));
    for (const name of await names('kept')) {
      if (mention(hers, name)) await drop('kept', name);  // a draft: its name says whom it is about
      else await keep(name, without(hers, await kept(name)));
    }
  }

  /* Ask; `since` is the position up to which destructions are known. A word from the office prolongs what the device may keep.
     Throws when there is no line. */
  Wahana.stand = async (since) => {
    const now = await current();
    if (!now) return;
    const { secret } = await shown(now.key, now.secrets);
    const known = since === undefined ? now.told || 0 : since;
    const answer = await said('POST', `/api/v1/offline-devices/${now.device}/standing`, { secret, since: known });
    if (!answer.ok) return;
    const told = await answer.json();
    if (told.standing === 'revoked') await forget(now.account);
    if (told.standing !== 'holds') return;
    if (told.destroyed.length) await destroyed(told.destroyed, now);
    const still = await read('meta', 'current');
    if (still && still.device === now.device) await write('meta', { ...still, seen: Date.now(), told: told.position }, 'current');
    if (told.destroyed.length) new BroadcastChannel('wahana').postMessage('destroyed');  // whatever shows her is opened anew
  };
})();
