/* The shell: what was taken along, and the empty forms of the page, filled in and put into the outbox. The part of the
   address after # says what is shown, so that it never leaves the device. */
'use strict';
(() => {
  const root = document.getElementById('luring');
  if (!root || !self.Wahana || !navigator.locks) return;
  const { el, word } = Wahana;
  const blanks = Array.from(document.querySelectorAll('template.blank'));
  const data = { people: [], cases: [], villages: [], taken: null };
  let state = 'closed';
  let revoked = false;

  async function take() {
    say(word('taking'));
    await Wahana.takeAlong(data).catch(() => 0).then((done) => (done ? show() : say(word('notTaken'))));
  }

  function say(sentence) {
    const told = el('p', { role: 'status', class: 'told' }, sentence);
    root.prepend(told);
  }

  const link = (to, label) => el('a', { href: `#${to}` }, label);
  const list = (rows) => (rows.length ? el('ul', {}, ...rows.map((one) => el('li', {}, one))) : el('p', {}, word('none')));
  const days = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium' });
  const day = (iso) => days.format(new Date(`${iso}T12:00`));
  const beside = (...said) => said.filter(Boolean).map((one) => ` · ${one}`).join('');
  const village = (code) => (data.villages.find((one) => one.code === code) || { name: code }).name;
  const forms = (about) => blanks.filter((one) => one.dataset.about === about);

  function actions(about, query) {
    const found = forms(about);
    if (!found.length) return '';
    const links = found.map((one) => link(`catat/${one.dataset.id}?${new URLSearchParams(query)}`, one.dataset.title));
    return el('details', { open: about === '' }, el('summary', {}, word(about === '' ? 'new' : 'record')), list(links));
  }

  function chooser(rows, label, line) {
    const found = el('div');
    const field = el('input', { type: 'search', id: `cari-${label}`, autocomplete: 'off', input: fill });
    function fill() {
      const wanted = field.value.trim().toLowerCase();
      found.replaceChildren(list(rows.filter((row) => row.name.toLowerCase().includes(wanted)).slice(0, 50).map(line)));
    }
    fill();
    return el('section', {}, el('h2', {}, word(label)), rows.length > 8 && el('label', { for: `cari-${label}` }, word('find'), field), found);
  }

  function home() {
    const when = data.taken && new Date(data.taken).toLocaleString(document.documentElement.lang);
    return [
      el('p', {}, when ? `${word('taken')}: ${when} ` : word('never'),
        el('button', { type: 'button', class: 'plain', click: take, disabled: !navigator.onLine }, word('take'))),
      el('p', {}, el('a', { href: '/kotak-keluar' }, word('outbox'))),
      actions('', {}),
      chooser([...data.cases].sort((a, b) => ((a.due || '9') < (b.due || '9') ? -1 : 1)), 'cases', (row) => el('span', {},
        link(`kasus/${row.id}`, row.name), beside(village(row.village), row.risk && `${word('risk')}: ${row.risk}`,
          row.due && `${word('due')} ${day(row.due)}`, row.pending && word('pending')))),
      chooser(data.people, 'people', (row) => el('span', {},
        link(`warga/${row.id}`, row.name), beside(row.born, village(row.village), row.pending && word('pending')))),
      chooser(data.villages, 'villages', (row) => el('span', {}, link(`desa/${row.code}`, row.name), ` · ${row.kecamatan}`)),
      el('form', { method: 'post', action: '/keluar' }, el('button', { class: 'plain' }, word('leave'))),
    ];
  }

  const back = () => el('p', {}, link('', word('back')));

  function person(id) {
    const row = data.people.find((one) => one.id === id);
    if (!row) return [back(), word('none')];
    const query = { stream: id, beneficiary: id, village: row.village, versi: row.version || '' };
    const cases = data.cases.filter((one) => one.beneficiary === id).map((one) => link(`kasus/${one.id}`, `${word('cases')}: ${one.name}`));
    return [back(), el('h2', {}, row.name), el('p', {}, village(row.village), beside(row.born)), cases.length ? list(cases) : '',
      actions('beneficiary', query)];
  }

  function theCase(id) {
    const row = data.cases.find((one) => one.id === id);
    if (!row) return [back(), word('none')];
    const query = { stream: id, beneficiary: row.beneficiary || '', kasus: id, versi: row.version || '' };
    const consent = (data.people.find((one) => one.id === row.beneficiary) || {}).consent;
    if (consent) query.consent = consent;
    const due = (row.tasks || []).map((one) => el('div', {},
      el('p', {}, `${one.title || word('visits')} · ${word('due')} ${day(one.due_on)}`),
      actions(one.kind, { ...query, [one.kind]: one.id, versi: row.version || '' })));
    const referrals = (row.referrals || []).map((one) => el('div', {},
      el('p', {}, `${word('referrals')}: ${one.state || ''}`), actions('referral', { stream: one.id, kasus: id, versi: one.version || '' })));
    return [back(), el('h2', {}, row.name), el('p', {}, village(row.village), beside(row.risk && `${word('risk')}: ${row.risk}`)),
      row.story ? el('p', {}, row.story) : '', actions('case', query), ...due, ...referrals,
      row.beneficiary ? el('p', {}, link(`warga/${row.beneficiary}`, word('people'))) : ''];
  }

  function place(code) {
    const row = data.villages.find((one) => one.code === code);
    if (!row) return [back(), word('none')];
    return [back(), el('h2', {}, row.name), el('p', {}, row.kecamatan), ...row.wksbm.map((one) => el('section', {},
      el('h3', {}, one.name), actions('wksbm', { stream: one.id, versi: one.version })))];
  }

  // Whom or what a form is about: addresses hold numbers alone, since browsers remember them.
  function named_of(query) {
    const bodies = data.villages.flatMap((one) => one.wksbm);
    const ids = [query.get('kasus'), query.get('stream'), query.get('beneficiary')];
    const found = [...data.cases, ...data.people, ...bodies].find((one) => ids.includes(one.id));
    return found ? found.name : '';
  }

  function form(at, query, mended) {
    const blank = blanks.find((one) => one.dataset.id === at);
    if (!blank) return [back(), word('another')];
    const made = blank.content.cloneNode(true);
    const typed = made.querySelector('form');
    const about = named_of(query);
    if (about) made.querySelector('h2').after(el('p', {}, el('strong', {}, about)));
    for (const [name, value] of query) {
      const field = typed.elements.namedItem(name);
      if (field && field.dataset && field.type !== 'file') field.value = value;
    }
    const family = typed.elements.namedItem('family');
    if (family && family.type === 'hidden') family.replaceWith(pick('family', data.people.filter((one) => one.kind === 'family')));
    const draft = `draft ${at}?${query}`;  // what was typed and not saved outlives a reload; signing out takes it
    if (mended) Wahana.retype(typed, mended.typed);
    else Wahana.kept(draft).then((kept) => kept && Wahana.retype(typed, kept));
    typed.addEventListener('input', () => Wahana.keep(draft, Wahana.typed(typed)));
    if (mended && mended.evidence) typed.prepend(el('p', {}, `${word('attached')}: ${mended.evidence.length}`));
    const papers = typed.querySelectorAll('details.paper');
    if (papers.length) papers[papers.length - 1].after(el('button', { type: 'button', class: 'plain', click: another }, word('more')));
    const key = mended ? mended.key : Wahana.newId();  // one form, one entry, however often it is pressed
    const button = typed.querySelector('button:not([type])');
    typed.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      try {
        await save(blank, typed, query, { key, mended });
      } catch (error) {
        say(word(error.message));
        button.disabled = false;
        return;
      }
      await Wahana.drop('kept', draft);
      Wahana.meet();
    });
    return [back(), ...made.children];
  }

  // One more photograph: a copy of the last place for one, with the next number.
  function another(event) {
    const last = event.target.previousElementSibling;
    const made = last.cloneNode(true);
    for (const one of made.querySelectorAll('[name],[id],[for]')) {
      for (const name of ['name', 'id', 'for']) {
        const value = one.getAttribute(name);
        if (value) one.setAttribute(name, value.replace(/\d+/, (at) => Number(at) + 1));
      }
      if ('value' in one) one.value = '';
    }
    last.after(made);
    made.open = true;
  }

  const pick = (name, rows) => el('label', {}, word(name),
    el('select', { name, 'data-kind': 'text', required: true }, el('option', { value: '' }, '–'),
      ...rows.map((row) => el('option', { value: row.id }, row.name))));

  async function save(blank, typed, query, { key, mended }) {
    const { command, places, title } = blank.dataset;
    const names = places.split(' ').filter(Boolean);
    const url = Object.fromEntries(names.map((name) => [name, query.get(name)]));
    const me = (await Wahana.current()).account;
    for (const name of ['owner', 'worker', 'visitor']) {
      for (const field of typed.querySelectorAll(`input[type=hidden][name$="${name}"]`)) field.value = me;
    }
    const known = [...data.cases, ...data.people].find((one) => one.id === url.stream);
    const seen = (known && known.version) || Number(query.get('versi')) || null;
    const stream = url.stream && seen ? url.stream : '';
    const whose = query.get('beneficiary') || url.stream || key;
    const { body, papers } = await Wahana.filled(typed, { whose, stream, fresh: blank.dataset.new });
    if (mended && mended.evidence) body.evidence = [...mended.evidence, ...(body.evidence || [])];
    if (!names.length) body.id = key;
    const name = (body.identity && body.identity.name) || named_of(query);
    const note = { title, about: name, typed: Wahana.typed(typed), blank: blank.dataset.id, query: query.toString(), evidence: body.evidence };
    await Wahana.add({ key, command, url, body, base: seen, papers, note });
    await remember(command, key, name, body, url, query).catch(() => {});  // it is in the outbox, whatever else fails
    history.replaceState(null, '', location.pathname);  // without the event that would show it once more
    await show();
    say(word('kept'));
  }

  // What was just recorded can be gone on from before the office knows of it.
  async function remember(command, key, name, body, url, query) {
    const person = data.people.find((one) => one.id === url.stream);
    if (command === 'beneficiary.register' && !data.people.some((one) => one.id === key)) {
      data.people.unshift({ id: key, name, born: '', village: body.village, kind: body.kind, version: null, pending: true });
    }
    if (command === 'case.open' && !data.cases.some((one) => one.id === key)) {
      data.cases.unshift({ id: key, name, beneficiary: body.beneficiary, village: query.get('village'), version: null, pending: true });
    }
    if (person && body.consent && body.purpose === 'rujukan') person.consent = body.consent;
    await Wahana.keep('people', data.people);
    await Wahana.keep('cases', data.cases);
    const worker = await navigator.serviceWorker.ready;
    if ('sync' in worker) await worker.sync.register('outbox');
  }

  async function mend(key) {
    if (navigator.onLine) await Wahana.takeAlong(data).catch(() => 0);  // what was refused as out of date is looked at anew
    const now = await Wahana.current();
    const entry = await Wahana.read('outbox', key);
    const note = entry && now && await Wahana.shown(now.key, entry.about);
    return note ? form(note.blank, new URLSearchParams(note.query), { key, typed: note.typed, evidence: note.evidence }) : [back(), word('none')];
  }

  async function view() {
    const [path, query] = decodeURI(location.hash.slice(1)).split('?');
    const [what, id] = path.split('/');
    const seen = { warga: person, kasus: theCase, desa: place };
    if (what === 'catat') return form(id, new URLSearchParams(query));
    if (what === 'entri') return mend(id);
    return seen[what] ? seen[what](id) : home();
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
    if (navigator.onLine) await (await caches.open(Wahana.SHELL)).add('/luring');
  }

  async function show() {
    root.replaceChildren(...(state === 'ready' ? await view() : unready()));
  }

  async function begin() {
    try {
      state = await Wahana.resume();
      if (state === 'ready') await keepShell();
      else await Wahana.stand();
    } catch (error) { state = 'closed'; }  // no line: what was kept, if she has not signed out
    if (state === 'closed' && await Wahana.current()) state = 'ready';
    revoked = await Wahana.read('meta', 'revoked');
    for (const name of Object.keys(data)) data[name] = (state === 'ready' && await Wahana.kept(name)) || data[name];
    const named = location.pathname.match(/^\/(warga|kasus|desa)\/([\w.-]+)$/);
    if (named && !location.hash) location.hash = `${named[1]}/${named[2]}`;
    await show();
  }

  self.addEventListener('hashchange', show);
  new BroadcastChannel('wahana').addEventListener('message', () => { if (!Wahana.leaving) location.reload(); });
  begin();
})();
