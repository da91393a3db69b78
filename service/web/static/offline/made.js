/* What was recorded here and the office has not told of yet, as it will be: so that the next entry can name it. The same is
   done again whenever the office's data were taken anew, for every entry that is not sent. */
'use strict';
(() => {
  const data = Wahana.data = {
    areas: [], people: [], cases: [], villages: [], places: [], incidents: [], officers: [], kps: [], psks: [], taken: null };

  let maker = '';  // the entry that is being recorded

  // What the office told of already is left as it told it. `pending` is the entry that made the row, whether it is sent or not.
  function put(rows, row) {
    const there = rows.findIndex((one) => one.id === row.id);
    if (there < 0) rows.unshift({ version: null, ...row, pending: maker });
    else if (rows[there].pending) Object.assign(rows[there], row);
  }

  function without(key, value) {
    if (Array.isArray(value)) return value.filter((one) => !one || one.pending !== key).map((one) => without(key, one));
    if (!value || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, without(key, one)]));
  }

  const at = (rows, id) => rows.find((one) => one.id === id);
  const of = (row, name) => { row[name] = row[name] || []; return row[name]; };
  Wahana.called = (row) => row.name || Wahana.word('protected');
  Wahana.bodies = () => data.villages.flatMap((one) => one.wksbm);

  // What a code means, by the form that it was chosen in.
  const meaning = Wahana.meaning = (command, field, code) => {
    const blank = document.querySelector(`template.blank[data-command="${command}"]`);
    const option = blank && blank.content.querySelector(`[name="${field}"] option[value="${CSS.escape(code || '')}"]`);
    return option ? option.textContent : code;
  };

  function register({ key, body, name }) {
    const { birth_date: day, birth_year: year, description } = body.identity || {};
    put(data.people, { id: key, name: name || description || Wahana.word('nameless'), born: day || year || '', village: body.village, kind: body.kind });
  }

  function task(row, id, kind, title, due) {
    if (row && id) put(of(row, 'tasks'), { id, kind, title, due_on: due });
  }

  function refer({ key, body, url, command }) {
    const before = (one) => (one.referrals || []).some((referral) => referral.id === url.stream);
    const row = command === 'referral.submit' ? at(data.cases, url.stream) : data.cases.find(before);
    if (row) put(of(row, 'referrals'), { id: key, name: body.destination, state: '' });
  }

  function classify({ body, url, command }) {
    const row = at(data.people, url.stream);
    if (!row) return;
    if (url.ends) row.types = of(row, 'types').filter((one) => one.id !== url.ends);
    put(of(row, 'types'), { id: body.classification, name: meaning(command, 'type', body.type) });
  }

  function victims({ body, url }) {
    const incident = at(data.incidents, url.stream);
    for (const one of body.victims || []) {
      if (one.identity) register({ key: one.victim, name: one.identity.name, body: { kind: 'person', ...one } });
      if (incident) put(of(incident, 'victims'), { id: one.victim, name: (at(data.people, one.victim) || { name: '–' }).name });
    }
  }

  const here = (one) => at(data.cases, one.url.stream);
  const RECORDED = {
    'beneficiary.register': register,
    'beneficiary.classify': classify,
    'beneficiary.reclassify': classify,
    'beneficiary.give_consent': ({ body, url, command }) => {
      const row = at(data.people, url.stream);
      if (row) put(of(row, 'consents'), { id: body.consent, name: meaning(command, 'purpose', body.purpose), purpose: body.purpose });
    },
    'beneficiary.join_family': ({ body, url }) => {
      const row = at(data.people, url.stream);
      if (row) row.family = body.family;
    },
    'case.open': ({ key, body, name, query }) => {
      const whose = at(data.people, body.beneficiary) || {};
      put(data.cases, {
        id: key, name, beneficiary: body.beneficiary, village: body.village || whose.village || query.village, open: true });
    },
    'case.give_task': (one) => task(here(one), one.body.task, 'task', one.body.title, one.body.due),
    'case.plan_visit': (one) => task(here(one), one.body.visit, 'visit', '', one.body.planned_for),
    'case.hold_conference': (one) => (one.body.decisions || []).forEach((row) => task(here(one), row.task, 'task', row.title, row.due)),
    'case.propose_plan': (one) => (one.body.goals || []).forEach((row) => here(one) && put(of(here(one), 'goals'), { id: row.id, name: row.title })),
    'case.terminate': (one) => { if (here(one) && !here(one).two) here(one).open = false; },  // else it was only asked for
    'case.reopen': (one) => { if (here(one)) here(one).open = true; },
    'referral.submit': refer,
    'referral.forward': refer,
    'wksbm.initiate': ({ key, body }) => {
      const village = data.villages.find((one) => one.code === body.village);
      if (village) put(village.wksbm, { id: key, name: body.name });
    },
    'kps.register': ({ key, body }) => put(data.kps, { id: key, name: body.name, village: body.village }),
    'psks.register': ({ key, body }) => put(data.psks, { id: key, name: body.name, village: body.village || '' }),
    'incident.declare': ({ key, body }) => put(data.incidents, { id: key, name: body.name, on: body.struck_on, victims: [] }),
    'incident.record_victims': victims,
  };

  /* `entry` is {key, command, body, url, query, name}. */
  Wahana.recorded = (entry) => {
    maker = entry.key;
    if (RECORDED[entry.command]) RECORDED[entry.command](entry);
  };
  Wahana.keepTaken = async () => {
    for (const name of Object.keys(data)) await Wahana.keep(name, data[name]);
  };
  // Put beside what is kept now, not beside what this page read: another one may have forgotten somebody since.
  const changeTaken = (act) => navigator.locks.request('wahana-kept', async () => {
    for (const name of Object.keys(data)) data[name] = await Wahana.kept(name) || data[name];
    act();
    await Wahana.keepTaken();
  });
  Wahana.addTaken = (entry) => changeTaken(() => Wahana.recorded(entry));
  // What an entry that is thrown away has made will never be.
  Wahana.removeTaken = (key) => changeTaken(() => Object.assign(data, without(key, data)));
})();
