/* The outbox as its owner sees it: what waits, what was recorded with its receipt, and what was refused and why. */
'use strict';
(() => {
  const box = document.getElementById('kotak');
  if (!box || !self.Wahana || !navigator.locks) return;
  const { el, word, time, today } = Wahana;
  const OUTSIDE = 'village_outside_area';  // its sentence says of the field all that is to be said
  const RIGHTS = ['not_allowed', 'not_found'];  // may be put right at the office, with the entry as it is
  const LARGEST = 18 * 1024 * 1024;

  async function note(entry, now) {
    if (!now || now.account !== entry.account) return null;
    try { return await Wahana.shown(now.key, entry.about); } catch (error) { return null; }
  }

  // A photograph is proven by the receipt of the entry that names it, with its fingerprint.
  function receipt(entry, heading) {
    if (!entry || !entry.receipt) return null;
    return el('details', {}, el('summary', {}, heading),
      entry.qr && el('img', { src: `data:image/svg+xml,${encodeURIComponent(entry.qr)}`, alt: word('receipt'), class: 'qr' }),
      el('pre', { tabindex: '0' }, entry.receipt));
  }

  async function line(entry, now, all) {
    const told = await note(entry, now);
    const title = told ? told.title : word(entry.paper ? 'paper' : 'locked');
    const errors = entry.errors && told && entry.rule !== OUTSIDE && await Wahana.shown(now.key, entry.errors).catch(() => null);
    return el('li', { 'data-state': entry.state },
      el('p', {}, el('strong', {}, title), told && told.about ? ` · ${told.about}` : '', ' · ',
        el('span', { class: entry.state === 'refused' ? 'wrong' : 'state' }, word(entry.state))),
      el('small', {}, time.format(new Date(entry.at))),
      entry.detail && entry.state !== 'sent' && el('p', { class: 'wrong' }, Wahana.sentence(entry.detail)),
      errors && el('ul', {}, ...sentences(errors).map((one) => el('li', {}, Wahana.sentence(one)))),
      entry.paper ? receipt(all.find((one) => one.key === entry.of), word('carried')) : receipt(entry, word('receipt')),
      told && entry.rule === 'case_is_terminated' && entry.state === 'refused' && el('p', {}, word('ended'), ' ',
        el('a', { href: `/luring#lain/${entry.key}` }, word('moveTo'))),
      entry.state !== 'sent' && el('details', {}, el('summary', {}, word('number')), el('code', {}, entry.key)),
      entry.state !== 'sent' && el('p', { class: 'actions' }, ...choices(entry, told, now)));
  }

  function choices(entry, told, now) {
    const refused = entry.state === 'refused';
    const button = (act, label) => el('button', { type: 'button', class: 'plain', click: () => act(entry) }, word(label));
    return [
      refused && told && told.blank ? el('a', { role: 'button', href: `/luring#entri/${entry.key}` }, word('mend')) : '',
      refused && entry.box && (entry.paper || RIGHTS.includes(entry.rule)) ? button(again, 'again') : '',
      // Nobody throws away what somebody else may still send.
      (now && now.account === entry.account) || !entry.box ? button(remove, 'remove') : ''];
  }

  // The sentences of a refusal, and the names of who is like her.
  function sentences(errors) {
    if (typeof errors === 'string') return [errors];
    if (!errors || typeof errors !== 'object') return [];
    if (Array.isArray(errors.grounds)) return [[errors.person && errors.person.name, errors.village].filter(Boolean).join(', ')];
    return Object.values(errors).flatMap(sentences);
  }

  async function remove(entry) {
    if (!confirm(word('surely'))) return;
    await Wahana.drop('outbox', entry.key);
    if (await Wahana.current()) await Wahana.removeTaken(entry.key);
    new BroadcastChannel('wahana').postMessage('removed');  // whatever shows it is opened anew
  }

  async function again(entry) {
    await Wahana.retry(entry.key);
    show();
  }

  // In several files when one would be more than the office takes.
  async function save() {
    const files = [[]];
    let size = 0;
    for (const { box, paper, state } of await Wahana.entries()) {
      if (!box || (state === 'sent' && !paper)) continue;
      if (size && size + box.length > LARGEST) { files.push([]); size = 0; }
      files[files.length - 1].push(box);
      size += box.length;
    }
    files.forEach((boxes, at) => {
      const address = URL.createObjectURL(new Blob([Wahana.file(boxes)], { type: 'application/octet-stream' }));
      el('a', { href: address, download: `kotak-keluar-${today()}${at ? `-${at + 1}` : ''}.wahana` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60000);
    });
  }

  async function send() {
    await Wahana.send();
    await Wahana.look();
    await show();
    if ((await Wahana.entries()).some((one) => one.state === 'waiting')) box.prepend(el('p', {}, word('noLine')));
  }

  async function show() {
    const entries = await Wahana.entries();
    const now = await Wahana.current();
    const open = entries.some((one) => one.state !== 'sent');
    const lines = await Promise.all(entries.reverse().map((one) => line(one, now, entries)));
    box.replaceChildren(
      entries.length ? '' : el('p', {}, word('nothing')),
      open && !now ? el('p', {}, word('closed')) : '',
      open ? el('p', { class: 'actions' }, el('button', { type: 'button', click: send }, word('send')),
        el('button', { type: 'button', class: 'plain', click: save }, word('save'))) : '',
      el('ul', { class: 'entries' }, ...lines));
  }

  document.addEventListener('wahana-sent', show);
  new BroadcastChannel('wahana').addEventListener('message', show);
  show();
})();
