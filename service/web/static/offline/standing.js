/* What the office says of this device when it is asked, without a session: whether it was revoked, and of whom everything was
   destroyed since. Of her nothing stays that can be read or sent. */
'use strict';
(() => {
  if (!self.Wahana) return;
  const { change, current, digest, drop, entries, forget, hidden, keep, kept, names, said, shown, write } = Wahana;
  const ID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
  const ROW = /^(.*?)\.(\d+)\./;

  // The office tells no number to whoever has not got it: which of those that stand here it means.
  async function meant(digests, secret, things) {
    const hers = new Set();
    for (const id of new Set(JSON.stringify(things).match(ID))) if (digests.includes(await digest(secret, id))) hers.add(id);
    return hers;
  }

  // Rows of hers go, wherever they stand.
  function without(hers, value) {
    if (Array.isArray(value)) {
      const others = value.filter((one) => !one || (!hers.has(one.id) && !hers.has(one.beneficiary)));
      return others.map((one) => without(hers, one));
    }
    if (!value || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, without(hers, one)]));
  }

  // Whom a form is about; a member's form names the family too, and is not about it.
  const about = (hers, query) => ['stream', 'beneficiary', 'subject', 'kasus'].some((name) => hers.has(new URLSearchParams(query).get(name)));

  // What a form holds without her: rows that name her go and the later ones move up; null where a field alone names her.
  function rest(hers, typed, numbers = {}) {
    const row = (name) => ROW.exec(name) || [''];  // victims.2., victims, 2
    const hit = ([name, value]) => hers.has(value) || hers.has(numbers[row(name)[2]]);
    const alone = ([name]) => !ROW.test(name) && typed.filter(([other]) => other === name).length < 2;
    const hits = typed.filter(hit);
    if (hits.some(alone)) return null;
    const gone = Array.from(new Set(hits.map(([name]) => row(name)[0])), row).filter(([whole]) => whole);
    const up = (rows, at) => at - gone.filter((one) => one[1] === rows && Number(one[2]) < at).length;
    const stays = (start) => gone.every(([whole]) => whole !== start);
    const rows = gone.length ? gone[0][1] : '';  // the one list of a form whose rows have numbers
    const left = typed.filter((one) => !hits.includes(one) && stays(row(one[0])[0]));
    const others = Object.entries(numbers).filter(([at]) => stays(`${rows}.${at}.`));
    return {
      typed: left.map(([name, value]) => [name.replace(ROW, (whole, list, at) => `${list}.${up(list, at)}.`), value]),
      numbers: Object.fromEntries(others.map(([at, id]) => [rows ? up(rows, at) : at, id])) };
  }

  async function entry([one, note, errors], hers, now, whole) {
    const { title, query, typed = [], numbers, made } = note || {};
    const left = rest(hers, typed, numbers);
    const rows = left && left.typed.length < typed.length;
    const named = [one.key, one.of, ...Object.values((made || { url: {} }).url)].some((id) => hers.has(id));
    const keeps = async (said, detail) => {
      const told = one.state === 'sent' ? {} : { state: 'refused', rule: 'subject_destroyed', detail };
      await write('outbox', { ...one, ...told, about: note && await hidden(now.key, said), errors: null, box: null });
    };
    const unknown = whole && !rows && Wahana.unheard(one);  // about somebody who stands nowhere here
    if (named || !left || about(hers, query) || unknown) {
      hers.add(one.key);
      await keeps({ title: one.paper ? '' : title }, 'destroyed');
    } else if (rows) {
      await keeps({ ...note, ...left, made: null }, 'destroyedRow');
    } else if (errors && [...hers].some((id) => JSON.stringify(errors).includes(id))) await write('outbox', { ...one, errors: null });
  }

  async function destroyed(digests, secret, now, whole) {
    const open = (box) => (box ? shown(now.key, box).catch(() => null) : null);
    const [mine, taken] = [[], []];
    for (const one of await entries()) if (one.account === now.account) mine.push([one, await open(one.about), await open(one.errors)]);
    for (const name of await names('kept')) taken.push([name, await kept(name)]);
    const hers = await meant(digests, secret, [mine.map(([one, ...said]) => [one.key, one.of, said]), taken, Wahana.data]);
    for (const row of (await kept('cases')) || []) {
      if (hers.has(row.beneficiary)) [row, ...(row.referrals || [])].forEach((one) => hers.add(one.id));
    }
    for (const one of mine.filter(([other]) => !other.paper)) await entry(one, hers, now, whole);
    for (const one of mine.filter(([other]) => other.paper)) await entry(one, hers, now, whole);
    if (Wahana.data) Object.assign(Wahana.data, without(hers, Wahana.data));
    for (const [name, value] of taken) {
      const [draft, query] = name.split('?');
      const left = !draft.startsWith('draft ') ? without(hers, value) : about(hers, query) ? null : (rest(hers, value) || {}).typed;
      await (left ? keep(name, left) : drop('kept', name));
    }
  }

  // An entry that was refused for a destruction of which nothing was heard here yet.
  Wahana.unheard = (one) => one.rule === 'subject_destroyed' && !/^destroyed/.test(one.detail);

  /* Ask; `since` is what the office said last time, {} nothing. Throws when there is no line. */
  Wahana.stand = async (since) => {
    const now = await current();
    if (!now) return;
    const { secret } = await shown(now.key, now.secrets);
    const answer = await said('POST', `/api/v1/offline-devices/${now.device}/standing`, { secret, ...(since || now.told) });
    if (!answer.ok) return;
    const told = await answer.json();
    if (told.standing === 'revoked') await forget(now.account, now.device);
    if (told.standing !== 'holds') return;
    // Not while an entry is on its way, or another page adds one: either would put back what goes here.
    const act = () => navigator.locks.request('wahana-kept', () => destroyed(told.destroyed, secret, now, since && !since.since));
    if (told.destroyed.length) await navigator.locks.request('wahana-outbox', act);
    await change('meta', 'current', (still) => (still.device !== now.device ? still : {
      ...still, seen: told.signed_in ? Date.now() : still.seen, told: { since: told.position, leaf: told.leaf } }));
    if (told.destroyed.length) new BroadcastChannel('wahana').postMessage('destroyed');  // whatever shows her is opened anew
  };
})();
