/* The shell: what was taken along, and where it is gone on from. The part of the address after # says what is shown, so that
   it never leaves the device. */
'use strict';
(() => {
  const root = document.getElementById('luring');
  if (!root || !self.Wahana || !navigator.locks) return;
  const { called, data, el, meaning, time, word } = Wahana;
  const blanks = Array.from(document.querySelectorAll('template.blank'));
  let state = 'closed';
  let revoked = false;
  let standing = new Map();  // how each entry of the outbox stands that is not sent

  async function take() {
    say(word('taking'));
    await Wahana.takeAlong().catch(() => 0).then((done) => (done ? show() : say(word('notTaken'))));
  }

  function say(sentence) {
    root.prepend(el('p', { role: 'status', class: 'told' }, sentence));
  }

  const link = (to, label) => el('a', { href: `#${to}` }, label);
  const list = (rows) => (rows.length ? el('ul', {}, ...rows.map((one) => el('li', {}, one))) : el('p', {}, word('none')));
  const days = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium' });
  const day = (iso) => days.format(new Date(`${iso}T12:00`));
  const birth = (said) => (/^\d{4}-\d\d-\d\d$/.test(said) ? day(said) : said);  // or the year alone
  const about = (to, row) => (row.closed ? called(row) : link(`${to}/${row.id}`, called(row)));
  const beside = (...said) => said.filter(Boolean).map((one) => ` · ${one}`).join('');
  // Of a row that was recorded here: whether it waits or was refused, said also while it is shown.
  // Rows from before they had the number of their entry say so until the office's data are taken anew.
  const stands = (key) => (key === true || standing.has(key) ? ` · ${word(standing.get(key) === 'refused' ? 'refused' : 'pending')}` : '');
  const mark = (row) => row.pending && el('span', { 'data-made': row.pending }, stands(row.pending));
  const village = (code) => ([...data.villages, ...data.places].find((one) => code && (one.code || one.id) === code) || { name: code }).name;
  const risk = (row) => row.risk && `${word('risk')}: ${meaning('case.change_risk', 'risk', row.risk)}`;
  const referral = ({ name, destination_kind: kind, state }) => `${word('referrals')}: ${[
    name || (kind && kind !== 'ketat' && meaning('referral.submit', 'destination_kind', kind)), state && word(state)].filter(Boolean).join(' · ')}`;
  const back = () => el('p', {}, link('', word('back')));
  const found = (rows, id, tell) => { const row = rows.find((one) => one.id === id); return [back(), ...(row ? tell(row) : [word('none')])]; };

  // Open where they are what the page is for.
  function actions(kind, query, { open = false, label = 'record' } = {}) {
    const here = blanks.filter((one) => one.dataset.about === kind);
    if (!here.length) return '';
    const links = here.map((one) => link(`catat/${one.dataset.id}?${new URLSearchParams(query)}`, one.dataset.title));
    return el('details', { open }, el('summary', {}, word(label)), list(links));
  }

  // What belongs to a record, each with what may be recorded of it.
  const parts = (rows, tell, kind, query) => (rows || []).map((one) => el('div', {}, el('p', {}, tell(one)), actions(kind, query(one))));

  function chooser(rows, label, line) {
    const shown = el('div');
    const field = el('input', { type: 'search', id: `cari-${label}`, autocomplete: 'off', input: fill });
    function fill() {
      const wanted = field.value.trim().toLowerCase();
      const found = rows.filter((row) => called(row).toLowerCase().includes(wanted));
      shown.replaceChildren(rows.length ? list(found.slice(0, 50).map(line)) : el('p', { class: 'empty' }, word(`no ${label}`)));
    }
    fill();
    return el('section', {}, el('h2', {}, word(label)), rows.length > 8 && el('label', { for: `cari-${label}` }, word('find'), field), shown);
  }

  function home() {
    const cases = [...data.cases].sort((a, b) => (b.open - a.open) || ((a.due || '9') < (b.due || '9') ? -1 : 1));
    return [
      el('p', {}, data.taken ? `${word('taken')}: ${time.format(new Date(data.taken))} ` : word('never'),
        el('button', { type: 'button', class: 'plain', click: take, disabled: !navigator.onLine }, word('take'))),
      navigator.onLine ? '' : el('p', { class: 'dim' }, word('noLine')),
      el('p', {}, el('a', { href: '/kotak-keluar' }, word('outbox')), standing.size ? ` (${standing.size})` : ''),
      actions('', {}, { open: true, label: 'new' }),
      blanks.some((one) => one.dataset.about === 'case') ? chooser(cases, 'cases', (row) => el('span', {},
        about('kasus', row), beside(village(row.village), row.open === false && word('over'),
          risk(row), row.due && `${word('due')} ${day(row.due)}`), mark(row))) : '',
      chooser(data.people, 'people', (row) => el('span', {},
        about('warga', row), beside(birth(row.born), village(row.village)), mark(row))),
      chooser(data.villages, 'villages', (row) => el('span', {}, link(`desa/${row.code}`, row.name), ` · ${row.kecamatan}`)),
      data.incidents.length ? chooser(data.incidents, 'incidents', (row) => el('span', {},
        about('bencana', row), beside(row.on && day(row.on)), mark(row))) : '',
      ...parts(data.psks.filter((one) => !one.village), (one) => `PSKS: ${one.name}`, 'psks', (one) => ({ stream: one.id, versi: one.version || '' })),
      el('form', { method: 'post', action: '/keluar' }, el('button', { class: 'plain' }, word('leave'))),
    ];
  }

  const person = (row) => {
    const title = [el('h2', {}, called(row)), el('p', {}, village(row.village), beside(birth(row.born)), mark(row))];
    if (row.closed) return title;
    const query = { stream: row.id, beneficiary: row.id, subject: row.id, village: row.village || '', versi: row.version || '' };
    if (row.family) query.family = row.family;
    const cases = data.cases.filter((one) => one.beneficiary === row.id).map((one) => link(`kasus/${one.id}`, `${word('cases')}: ${called(one)}`));
    return [...title, cases.length ? list(cases) : '',
      actions('beneficiary', query, { open: true }),
      ...parts(row.types, (one) => one.name, 'classification', (one) => ({ stream: row.id, beneficiary: row.id, ends: one.id, classification: one.id, versi: row.version || '' })),
      ...parts(row.consents, (one) => `${word('consent')}: ${one.name}`, 'consent', (one) => ({ stream: row.id, beneficiary: row.id, consent: one.id, versi: row.version || '' }))];
  };

  const theCase = (row) => {
    const query = { stream: row.id, beneficiary: row.beneficiary || '', kasus: row.id, versi: row.version || '' };
    const whose = data.people.find((one) => one.id === row.beneficiary) || {};
    const consent = (whose.consents || []).find((one) => one.purpose === 'rujukan');
    if (consent) query.consent = consent.id;
    const due = (row.tasks || []).map((one) => el('div', {},
      el('p', {}, `${one.title || word('visits')}${one.due_on ? ` · ${word('due')} ${day(one.due_on)}` : ''}`),
      actions(one.kind, { ...query, [one.kind]: one.id })));
    return [el('h2', {}, called(row)), el('p', {}, village(row.village), beside(risk(row), row.open === false && word('over')), mark(row)),
      row.story ? el('p', {}, row.story) : '', ...due, actions(row.open === false ? 'ended' : 'case', query, { open: true }),
      ...parts(row.referrals, referral, 'referral',
        (one) => ({ stream: one.id, kasus: row.id, beneficiary: row.beneficiary || '', versi: one.version || '' })),
      whose.id && !whose.closed ? el('p', {}, link(`warga/${whose.id}`, word('people'))) : ''];
  };

  const place = (row) => {
    const of = (rows) => rows.filter((one) => one.village === row.code);
    const query = (one) => ({ stream: one.id, versi: one.version || '', desa: row.code });
    return [el('h2', {}, row.name), el('p', {}, row.kecamatan),
      ...row.wksbm.map((one) => el('section', {}, el('h3', {}, one.name, mark(one)), actions('wksbm', query(one)))),
      ...parts(of(data.kps), (one) => `KPS: ${one.name}`, 'kps', query), ...parts(of(data.psks), (one) => `PSKS: ${one.name}`, 'psks', query)];
  };

  const incident = (row) => [el('h2', {}, row.name), el('p', {}, row.on ? day(row.on) : '', mark(row)),
    actions('incident', { stream: row.id, versi: row.version || '' }, { open: true }), row.victims.length ? el('h3', {}, word('victims')) : '',
    row.victims.length ? list(row.victims.map((one) => about('warga', one))) : ''];

  const form = async (id, query, mended) => {
    const blank = blanks.find((one) => one.dataset.id === id);
    if (!blank) return [back(), word('another')];
    const done = async () => {
      history.replaceState(null, '', location.pathname);  // without the event that would show it once more
      await show();
      say(word('kept'));
    };
    return [back(), ...await Wahana.form(blank, query, mended, { done, failed: (name) => say(word(name)) })];
  };

  // What its writer wrote down of an entry of the outbox. What was refused is looked at anew, when there is a line.
  async function noted(key) {
    if (navigator.onLine) await Wahana.takeAlong().catch(() => 0);
    const now = await Wahana.current();
    const entry = await Wahana.read('outbox', key);
    const mine = entry && entry.state !== 'sent' && now && entry.account === now.account && entry.about;
    const note = mine && await Wahana.shown(now.key, entry.about);
    return note && note.blank ? note : null;
  }

  // Once more into its form; with `to` for another case, with all that was typed and its papers.
  async function mend(key, to) {
    const note = await noted(key);
    if (!note) return [back(), word('none')];
    const query = new URLSearchParams(note.query);
    const other = to && data.cases.find((one) => one.id === to);
    if (other) for (const [name, value] of [['stream', to], ['kasus', to], ['beneficiary', other.beneficiary || ''], ['versi', other.version || '']]) query.set(name, value);
    return form(note.blank, query, { key, typed: note.typed, evidence: note.evidence, numbers: note.numbers });
  }

  // The case of an entry has ended: where else it may go, with nothing lost.
  async function elsewhere(key) {
    const note = await noted(key);
    if (!note) return [back(), word('none')];
    const query = new URLSearchParams(note.query);
    const [id, whose] = [query.get('kasus') || query.get('stream'), query.get('beneficiary')];
    const movable = blanks.some((one) => one.dataset.id === note.blank && one.dataset.about === 'case');  // not a step of its own task
    const others = data.cases.filter((one) => movable && one.open !== false && one.id !== id && one.beneficiary === whose);
    const begun = data.people.some((one) => one.id === whose) ? [link(`warga/${whose}`, word('begin'))] : [];
    return [back(), el('h2', {}, note.title), el('p', {}, word('ended')), el('h3', {}, word('moveTo')),
      list([...others.map((one) => link(`entri/${key}?ke=${one.id}`, called(one))), ...begun]),
      actions('ended', { stream: id, kasus: id, beneficiary: whose || '' }, { open: true })];
  }

  async function view() {
    const [path, query] = decodeURI(location.hash.slice(1)).split('?');
    const [what, id] = path.split('/');
    const asked = new URLSearchParams(query);
    const seen = { warga: [data.people, person], kasus: [data.cases, theCase], bencana: [data.incidents, incident] };
    if (what === 'catat') return form(id, asked);
    if (what === 'entri') return mend(id, asked.get('ke'));
    if (what === 'lain') return elsewhere(id);
    if (what === 'desa') return found(data.villages.map((one) => ({ ...one, id: one.code })), id, place);
    return seen[what] ? found(seen[what][0], id, seen[what][1]) : home();
  }

  function unready() {
    const told = revoked ? el('p', { class: 'wrong' }, word('revoked')) : '';
    if (state !== 'closed') return [told, el('p', {}, word('prepareWhy')), el('button', { type: 'button', click: prepare }, word('prepare'))];
    return [told, el('p', {}, word('signIn')), el('p', {}, el('a', { href: '/kotak-keluar' }, word('outbox')))];
  }

  async function prepare() {
    const label = (navigator.userAgentData && navigator.userAgentData.platform) || navigator.platform || 'HP';
    if (!await Wahana.prepare(label.slice(0, 80))) return;
    if (navigator.storage && navigator.storage.persist) await navigator.storage.persist();
    await keepShell();
    state = 'ready';
    revoked = false;
    await take();
  }

  async function keepShell() {
    if (!navigator.onLine) return;
    const page = await fetch('/luring');
    if (!page.ok) throw new TypeError('no shell');
    const html = new DOMParser().parseFromString(await page.clone().text(), 'text/html');
    const parts = [html.querySelector('script[data-forms]').getAttribute('src'), html.getElementById('luring').dataset.sign];
    const here = ['/luring', ...parts].map((one) => new URL(one, window.location.href).href);
    await navigator.locks.request('wahana-shell', async () => {
      if (!await Wahana.current()) return;  // closed meanwhile
      const kept = await caches.open(Wahana.SHELL);
      await kept.addAll(parts);  // before the page that asks for them
      await kept.put('/luring', page);
      for (const one of await kept.keys()) if (!here.includes(one.url)) await kept.delete(one);
    });
    await Wahana.sweep();
  }

  async function count() {
    standing = new Map((await Wahana.entries()).filter((one) => one.state !== 'sent').map((one) => [one.key, one.state]));
    for (const one of root.querySelectorAll('[data-made]')) one.textContent = stands(one.dataset.made);
  }

  async function show() {
    await count();
    root.replaceChildren(...(state === 'ready' ? await view() : unready()));
  }

  async function begin() {
    try {
      state = await Wahana.resume();
      if (state === 'ready') await keepShell();
      await Wahana.stand();
    } catch (error) { state = 'closed'; }  // no line: what was kept, if she has not signed out
    if (state === 'closed' && await Wahana.current()) state = 'ready';
    revoked = await Wahana.read('meta', 'revoked');
    for (const name of Object.keys(data)) data[name] = (state === 'ready' && await Wahana.kept(name)) || data[name];
    const named = location.pathname.match(/^\/(warga|kasus|desa)\/([\w.-]+)$/);
    if (named && !location.hash) location.hash = `${named[1]}/${named[2]}`;
    await show();
  }

  // What is shown here stands after the #: the link past the menu must not change it.
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    document.getElementById('isi').focus();
  });
  self.addEventListener('hashchange', show);
  // What the first page says of the line and of what waits; a name that is being looked for there is not taken away.
  async function renew() {
    await count();
    if (location.hash || root.contains(document.activeElement) || [...root.querySelectorAll('input')].some((one) => one.value)) return;
    const told = root.querySelector('[role=status]');
    if (told && told.textContent === word('taking')) return;  // it shows by itself what it took
    await show();
    if (told && !location.hash) root.prepend(told);
  }
  const others = new BroadcastChannel('wahana');
  others.addEventListener('message', ({ data: what }) => { if (what !== 'sent' && !Wahana.leaving) location.reload(); });
  begin().then(() => {
    others.addEventListener('message', ({ data: what }) => { if (what === 'sent') renew(); });
    for (const name of ['online', 'offline']) self.addEventListener(name, renew);
    document.addEventListener('wahana-sent', renew);
  });
})();
