/* What is taken along from the office: villages, people, cases, disasters and officers within reach, put into `Wahana.data`
   and kept under the device's key. */
'use strict';
(() => {
  const MOST = 2000;  // rows of a list
  const MOST_WHOLE = 200;  // cases with their tasks, visits, goals and referrals, one's own first; and their people
  const MOST_ENDED = 50;  // of one's own cases that have ended
  const AT_ONCE = 4;
  const { data, word } = Wahana;

  async function pages(path, query = { limit: 200 }, most = MOST) {
    const rows = [];
    let cursor;
    do {
      const asked = new URLSearchParams(cursor ? { ...query, cursor } : query);
      const answer = await fetch(`/api/v1/${path}?${asked}`);
      if (answer.status === 403) return rows;  // not for this role
      if (!answer.ok) throw new Error('notTaken');  // what was taken before stays
      const told = await answer.json();
      rows.push(...told.data);
      cursor = told.next_cursor;
    } while (cursor && rows.length < most);
    return rows;
  }

  // One thing as a whole; nothing of it when it is out of reach by now.
  async function whole(path) {
    const answer = await fetch(`/api/v1/${path}`);
    if (answer.ok) return (await answer.json()).data;
    if (![403, 404].includes(answer.status)) throw new Error('notTaken');
    return {};
  }

  async function each(rows, act) {
    const left = [...rows];
    const next = async () => { while (left.length) await act(left.shift()); };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  const born = (row) => row.person.birth_date || row.person.birth_year || '';
  // Empty for somebody whose name is not for whoever works here.
  const named = ({ person, name }) => (person && typeof person === 'object'
    ? person.name || person.head || person.alias || person.description || word('nameless') : person || name || '');

  const aCase = (row) => ({
    id: row.id, name: named(row), beneficiary: row.beneficiary, village: row.village, version: row.version, risk: row.risk,
    due: row.next_due_on, open: row.open, two: row.ends_by_two });

  async function deepen(row) {
    const more = await whole(`cases/${row.id}`);
    const plans = (more.plans || []).filter((one) => ['diusulkan', 'disetujui'].includes(one.state));
    row.story = more.tier < 3 ? more.story : null;  // of the strictly restricted a device keeps no more than it must
    row.tasks = (more.tasks || []).filter((one) => one.state === 'terbuka');
    row.referrals = more.referrals || [];
    row.goals = plans.flatMap((one) => one.goals).map((one) => ({ id: one.id, name: one.title || one.service }));
  }

  async function get() {
    const who = await fetch('/api/v1/sessions/current');
    if (!who.ok) throw new Error('notTaken');
    const { account: me, areas } = await who.json();
    const people = (await pages('beneficiaries')).map((row) => ({
      id: row.id, name: named(row), born: row.person ? born(row) : '', village: row.village, kind: row.kind, version: row.version,
      closed: row.sight === 'none' }));
    const running = await pages('cases', { open: true, limit: 200 });
    const ended = await pages('cases', { open: false, worker: me, limit: MOST_ENDED }, MOST_ENDED);
    const cases = [...running.sort((a, b) => (b.worker === me) - (a.worker === me)), ...ended].map(aCase);
    const open = cases.filter((one) => one.open).slice(0, MOST_WHOLE);
    await each(open, deepen);
    const theirs = new Set(open.map((one) => one.beneficiary));
    await each(people.filter((one) => theirs.has(one.id)), async (row) => {
      const more = await whole(`beneficiaries/${row.id}`);
      row.family = more.family;
      row.types = more.tier > 2 ? [] : (more.classifications || []).filter((one) => one.active).map((one) => ({ id: one.classification, name: one.label || one.type }));
      row.consents = (more.consents || []).filter((one) => !one.withdrawn).map((one) => ({
        id: one.consent, name: one.purpose_label || one.purpose, purpose: one.purpose }));
    });
    const villages = (await pages('villages', {})).map((row) => ({
      code: row.code, name: row.name, kecamatan: row.kecamatan_name,
      wksbm: row.wksbm.map((one) => ({ id: one.id, name: one.name, stage: one.stage, version: one.version })) }));
    const places = (await whole('territory')).villages || [];
    const incidents = (await pages('incidents')).filter((one) => !one.closed_on).map((one) => ({
      id: one.id, name: one.name, on: one.struck_on, version: one.version, victims: [] }));
    await each(incidents, async (row) => {
      row.victims = (await pages(`incidents/${row.id}/victims`)).map((one) => (
        { id: one.victim, name: named(one), closed: one.sight === 'none' }));
    });
    const listed = (rows) => rows.map((one) => ({ id: one.id, name: one.name, village: one.village, version: one.version, active: one.active }));
    return {
      areas, people, cases, villages, incidents, taken: Date.now(), kps: listed(await pages('kps')), psks: listed(await pages('psks')),
      places: places.map((one) => ({ id: one.code, name: `${one.name}, ${one.kecamatan_name}` })),
      officers: (await pages('officers')).map((one) => ({ id: one.account, name: `${one.name}, ${one.post}` })) };
  }

  /* Throws 'notTaken', and then everything is as it was. */
  Wahana.takeAlong = async () => {
    await Wahana.send();
    const { told } = await Wahana.current();
    Object.assign(data, await get());
    const now = await Wahana.current();
    for (const one of await Wahana.entries()) {
      if (one.state === 'sent' || one.paper || one.account !== now.account) continue;
      const note = await Wahana.shown(now.key, one.about).catch(() => null);
      if (note && note.made) Wahana.recorded({ key: one.key, ...note.made });
    }
    await Wahana.keepTaken();
    await Wahana.stand(told || {});  // who was destroyed while this was taken
    return true;
  };
})();
