/* What is taken along from the office: villages, people and cases within reach, put into `data` and kept. */
'use strict';
(() => {
  const MOST = 2000;  // rows of a list
  const MOST_WHOLE = 200;  // cases with their tasks, visits and referrals, one's own first

  async function pages(path, query = { limit: 200 }) {
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
    } while (cursor && rows.length < MOST);
    return rows;
  }

  const born = (row) => row.person.birth_date || row.person.birth_year || '';
  const named = (row) => (row.person && (row.person.name || row.person.initials)) || row.name || row.id.slice(-6);

  /* Throws 'notTaken', and then everything is as it was. */
  Wahana.takeAlong = async (data) => {
    await Wahana.send();
    const me = (await Wahana.current()).account;
    const waiting = new Set((await Wahana.entries()).filter((one) => one.state !== 'sent').map((one) => one.key));
    const stay = (rows) => rows.filter((row) => row.pending && waiting.has(row.id));
    const people = (await pages('beneficiaries')).map((row) => ({
      id: row.id, name: named(row), born: row.person ? born(row) : '', village: row.village, kind: row.kind, version: row.version }));
    const cases = [];
    const open = await pages('cases', { open: true, limit: 200 });
    for (const row of open.sort((a, b) => (b.worker === me) - (a.worker === me))) {
      const whole = cases.length < MOST_WHOLE;
      const told = whole && await fetch(`/api/v1/cases/${row.id}`);
      const more = told && told.ok ? (await told.json()).data : {};
      cases.push({
        id: row.id, name: named(row), beneficiary: row.beneficiary, village: row.village, version: row.version, risk: row.risk,
        due: row.next_due_on, story: more.story, tasks: (more.tasks || []).filter((one) => one.state === 'terbuka'),
        referrals: more.referrals || [] });
    }
    const villages = (await pages('villages', {})).map((row) => ({
      code: row.code, name: row.name, kecamatan: row.kecamatan_name,
      wksbm: row.wksbm.map((one) => ({ id: one.id, name: one.name, stage: one.stage, version: one.version })) }));
    data.people = [...stay(data.people), ...people];
    data.cases = [...stay(data.cases), ...cases];
    data.villages = villages;
    data.taken = Date.now();
    for (const name of Object.keys(data)) await Wahana.keep(name, data[name]);
    return true;
  };
})();
