/* An empty form of the page as somebody fills it in: what is chosen from what was taken along, more rows, the draft, and the
   entry that it becomes. */
'use strict';
(() => {
  if (!self.Wahana || !Wahana.data) return;
  const { data, el, word } = Wahana;
  const BOUND = ['stream', 'beneficiary', 'subject', 'versi', 'kasus'];

  const person = (query) => data.people.find((one) => [query.get('beneficiary'), query.get('stream')].includes(one.id)) || {};
  const incident = (query) => data.incidents.find((one) => one.id === query.get('stream')) || {};
  const theCase = (query) => data.cases.find((one) => one.id === query.get('kasus')) || {};
  const kecamatan = () => [...new Map(data.places.map((one) => [one.id.slice(0, 8), one.name.split(', ').pop()]))]
    .map(([id, name]) => ({ id, name: word('whole').replace('*', name) }));
  const LISTS = {
    places: () => data.places,
    areas: () => [...kecamatan(), ...data.places],
    served: () => data.places.filter((one) => !data.areas.length || data.areas.some((area) => one.id.startsWith(area))),
    officers: () => data.officers,
    people: () => data.people.filter((one) => !one.closed),
    families: (query) => data.people.filter((one) => one.kind === 'family' && !one.closed && one.id !== query.get('stream')),
    types: (query) => person(query).types,
    consents: (query) => person(query).consents,
    goals: (query) => theCase(query).goals,
    victims: (query) => (incident(query).victims || []).filter((one) => !one.closed),
    kps: (query) => data.kps.filter((one) => !query.get('desa') || one.village === query.get('desa')),
  };

  // The village of whoever serves only one.
  const served = (field) => {
    const rows = field.dataset.pick === 'served' ? LISTS.served() : [];
    return rows.length === 1 ? rows[0].id : '';
  };

  // Whoever writes is who is to do it, unless she says otherwise.
  const MINE = ['case.give_task', 'case.plan_visit', 'case.assign', 'case.transfer'];
  function choose(form, query, { me, mine }) {
    for (const field of form.querySelectorAll('[data-pick]')) {
      const rows = LISTS[field.dataset.pick](query) || [];
      const officers = field.dataset.pick === 'officers';
      if (officers && !rows.some((one) => one.id === me)) field.append(el('option', { value: me }, word('me')));
      for (const row of rows) field.append(el('option', { value: row.id }, row.name));
      if (officers && mine) field.value = me;
      if (served(field) && !field.closest('.row')) field.value = served(field);
    }
    form.addEventListener('input', ({ target }) => {  // of a row only now: one that was left empty is not sent
      const row = target.closest('.row');
      for (const one of (row && row.querySelectorAll('[data-pick=officers],[data-pick=served]')) || []) {
        if (target !== one && !one.value) one.value = one.dataset.pick === 'officers' ? me : served(one);
      }
    });
  }

  // One more row, such as a photograph or a seat of a board: a copy of the last one, with the next number.
  function another(event) {
    const last = event.target.previousElementSibling;
    const made = last.cloneNode(true);
    for (const one of made.querySelectorAll('[name],[id],[for]')) {
      for (const name of ['name', 'id', 'for']) {
        const value = one.getAttribute(name);
        if (value) one.setAttribute(name, value.replace(/\d+/, (at) => Number(at) + 1));
      }
      if (one.type === 'checkbox') one.checked = false;
      else if ('value' in one) one.value = '';
    }
    last.after(made);
    if (made.matches('details')) made.open = true;
  }

  function lengthen(form, typed) {
    const more = (label) => el('button', { type: 'button', class: 'plain', click: another }, word(label));
    const papers = form.querySelectorAll('details.paper');
    if (papers.length) papers[papers.length - 1].after(more('more'));
    for (const rows of form.querySelectorAll('fieldset')) {
      const found = rows.querySelectorAll(':scope > .row');
      if (found.length) found[found.length - 1].after(more('rows'));
    }
    // As many rows as were filled in before.
    for (const [name] of typed) {
      const [, rows] = name.match(/^(.*?)\.\d+\./) || [];
      const button = rows && Array.from(form.querySelectorAll('fieldset > button')).find(
        (one) => one.previousElementSibling.querySelector(`[name^="${CSS.escape(rows)}."]`));
      for (let tries = 0; button && !form.elements.namedItem(name) && tries < 40; tries += 1) another({ target: button });
    }
  }

  // Whom or what a form is about: addresses hold numbers alone, since browsers remember them.
  Wahana.namedOf = (query) => {
    const ids = [query.get('kasus'), query.get('stream'), query.get('beneficiary'), query.get('subject')];
    const all = [...data.cases, ...data.people, ...Wahana.bodies(), ...data.incidents, ...data.kps, ...data.psks];
    const found = all.find((one) => ids.includes(one.id));
    return found ? Wahana.called(found) : '';
  };

  // Signed on the screen; where that cannot be loaded, a photograph of the paper is as good.
  async function signable(form, said) {
    const src = document.getElementById('luring').dataset.sign;
    if (!Wahana.signing) await new Promise((load) => { document.body.append(el('script', { src, load, error: load })); });
    if (Wahana.signing) Wahana.signing(form, said);
  }

  /* The form of a blank, to be shown. `mended` is the entry that it mends: its key, what was typed, its papers and the numbers
     that it made; `done` is called when the new entry lies in the outbox, `failed` with what was wrong. */
  Wahana.form = async (blank, query, mended, { done, failed }) => {
    const made = blank.content.cloneNode(true);
    const form = made.querySelector('form');
    const me = (await Wahana.current()).account;
    const consent = blank.dataset.about === 'consent' && person(query).consents?.find((one) => one.id === query.get('consent'));
    const about = Wahana.namedOf(query) + (consent ? ` · ${consent.name}` : '');
    if (about) made.querySelector('h2').after(el('p', {}, el('strong', {}, about)));
    choose(form, query, { me, mine: MINE.includes(blank.dataset.command) });
    const { kind } = person(query);  // a form that asks for it shows what belongs to it by itself
    if (kind) for (const one of form.querySelectorAll('[data-of]')) one.hidden = !one.dataset.of.split(' ').includes(kind);
    for (const [name, value] of query) {
      const field = form.elements.namedItem(name);
      if (field && field.dataset && field.type !== 'file') field.value = value;
    }
    const draft = `draft ${blank.dataset.id}?${query}`;  // what was typed and not saved outlives a reload; signing out takes it
    const typed = (mended && mended.typed) || (await Wahana.kept(draft)) || [];
    lengthen(form, typed);
    Wahana.retype(form, typed.filter(([name]) => !mended || !BOUND.includes(name)));
    if (blank.dataset.command.endsWith('_consent')) await signable(form, `${blank.dataset.title}: ${about}`);
    form.addEventListener('input', () => Wahana.keep(draft, Wahana.typed(form)));
    const attached = el('input', { type: 'checkbox', checked: true });
    if (mended && mended.evidence) form.prepend(el('label', {}, attached, `${word('attached')}: ${mended.evidence.length}`));
    const entry = { key: Wahana.newId(), numbers: {}, ...mended };  // one form, one entry, however often it is pressed
    const button = form.querySelector('button:not([type])');
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      try {
        await save(blank, form, query, attached.checked ? entry : { ...entry, evidence: undefined });
      } catch (error) {
        failed(error.message);
        button.disabled = false;
        return;
      }
      await Wahana.drop('kept', draft);
      await done();
      Wahana.meet();
    });
    return made.children;
  };

  async function save(blank, form, query, { key, numbers, evidence }) {
    const { command, places, title } = blank.dataset;
    const names = places.split(' ').filter(Boolean);
    const url = Object.fromEntries(names.map((name) => [name, query.get(name)]));
    const all = [...data.cases, ...data.people, ...Wahana.bodies(), ...data.incidents, ...data.kps, ...data.psks];
    const known = all.find((one) => one.id === url.stream);
    const seen = (known && known.version) || Number(query.get('versi')) || null;
    const stream = url.stream && seen ? url.stream : '';
    const whose = query.get('beneficiary') || url.stream || key;
    const { body, papers } = await Wahana.filled(form, { whose, stream, fresh: blank.dataset.new, numbers });
    if (evidence) body.evidence = [...evidence, ...(body.evidence || [])];
    if ('begins' in blank.dataset) body.id = key;
    const name = (body.identity && body.identity.name) || (names.length && Wahana.namedOf(query)) || body.name || Wahana.namedOf(query);
    const entry = { command, url, body, name, query: Object.fromEntries(query) };
    const note = {
      title, about: name, typed: Wahana.typed(form), blank: blank.dataset.id, query: query.toString(), evidence: body.evidence, numbers,
      made: entry };
    await Wahana.add({ key, command, url, body, base: seen, papers, note, makes: Object.values(numbers) });
    try {  // it is in the outbox, whatever else fails
      await Wahana.addTaken({ key, ...entry });
      const worker = await navigator.serviceWorker.ready;
      if ('sync' in worker) await worker.sync.register('outbox');
    } catch (error) { /* it is shown when the office's data were taken again */ }
  }
})();
