/* A form as the body of a command, by the same rules as service/web/forms.py, and its papers. */
'use strict';
(() => {
  const WIDEST = 1600;
  const LARGEST = 20 * 1024 * 1024;
  const IMAGES = ['image/jpeg', 'image/png', 'image/webp'];

  function said(field) {
    const kind = field.dataset.kind;
    if (field.multiple) {
      const chosen = Array.from(field.selectedOptions, (one) => one.value);
      return chosen.length ? chosen : undefined;
    }
    if (kind === 'flag') return field.checked || (field.hasAttribute('data-always') ? false : undefined);
    const typed = field.value.trim();
    if (kind === 'lines') {
      if (field.type === 'checkbox') return field.checked ? [field.value] : undefined;
      const lines = typed.split('\n').map((line) => line.trim()).filter(Boolean);
      return lines.length ? lines : undefined;
    }
    if (kind === 'whole') {
      const digits = typed.replaceAll('.', '').replaceAll(' ', '');
      if (/^\d{1,15}$/.test(digits)) return Number(digits);
    }
    // A paper's kind is typed as words and kept as a code.
    if (/^evidence\.\d+\.kind$/.test(field.name)) return typed.toLowerCase().split(/\s+/).join('_') || undefined;
    return typed || undefined;
  }

  function put(into, path, value) {
    const last = path.length - 1;
    path.forEach((step, at) => {
      if (at === last) into[step] = Array.isArray(into[step]) ? into[step].concat(value) : value;
      else into = into[step] = into[step] || (/^\d+$/.test(path[at + 1]) ? [] : {});
    });
  }

  // Rows that were left empty, and groups without anything in them, are not sent.
  const filledIn = (row) => row !== undefined && (typeof row !== 'object' || Object.values(row).some((one) => one !== false));
  function pruned(value) {
    if (Array.isArray(value)) {
      const rows = value.map(pruned).filter(filledIn);
      return rows.length ? rows : undefined;
    }
    if (typeof value !== 'object') return value;
    const kept = Object.entries(value).map(([name, one]) => [name, pruned(one)]).filter(([, one]) => one !== undefined);
    return kept.length ? Object.fromEntries(kept) : undefined;
  }

  // The office would refuse it when nobody can take the photograph any more.
  const unfit = () => { throw new Error('unfit'); };

  async function content(file, accepted) {
    if (!file.size || !accepted.split(',').includes(file.type)) unfit();
    if (!IMAGES.includes(file.type)) return { bytes: await file.arrayBuffer(), type: file.type };
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(unfit);
    try {  // smaller for a bad line; and what the camera noted of the place is gone
      const scale = Math.min(1, WIDEST / Math.max(picture.width, picture.height));
      const sheet = document.createElement('canvas');
      sheet.width = Math.round(picture.width * scale);
      sheet.height = Math.round(picture.height * scale);
      sheet.getContext('2d').drawImage(picture, 0, 0, sheet.width, sheet.height);
      const made = await new Promise((fine) => { sheet.toBlob(fine, 'image/jpeg', 0.82); });
      return { bytes: await made.arrayBuffer(), type: 'image/jpeg' };
    } catch (error) {
      return { bytes: await file.arrayBuffer(), type: file.type };
    }
  }

  /* {body, papers} of a form. `whose` is the id of whom it is about, `stream` the record that there is already; `fresh`
     names the place of the numbers of what is new, and `numbers` holds them: they stay when the form is mended, because a
     later entry may name them. Throws 'tooLarge' or 'unfit'. */
  Wahana.filled = async (form, { whose, stream, fresh, numbers = {} }) => {
    const body = {};
    const papers = [];
    for (const field of form.elements) {
      if (!field.name) continue;
      if (field.type === 'file') {
        const file = field.files[0];
        if (!file) continue;
        const { bytes, type } = await content(file, field.accept);
        if (bytes.byteLength > LARGEST) throw new Error('tooLarge');
        const id = Wahana.newId();
        papers.push({ id, bytes, title: file.name, paper: { name: file.name, type, stream } });
        put(body, field.name.split('.'), id);
      } else if (field.dataset.kind) {
        const value = said(field);
        if (value !== undefined) put(body, field.name.split('.'), value);
      }
    }
    const [rows, name] = fresh.split('.');
    const number = (at) => { numbers[at] = numbers[at] || Wahana.newId(); return numbers[at]; };
    if (name) (body[rows] || []).forEach((row, at) => { if (filledIn(pruned(row))) row[name] = row[name] || number(at); });
    const made = pruned(body) || {};
    if (form.elements.on && !made.on) made.on = Wahana.today();
    if (fresh && !name) made[fresh] = made[fresh] || number(fresh);
    for (const one of papers) one.paper.subject = made.beneficiary || made.subject || whose;
    return { body: made, papers };
  };

  /* What was typed, to be shown or mended; and back into a form. */
  const valuesOf = (one) => (one.multiple ? Array.from(one.selectedOptions, (chosen) => chosen.value) : [one.type !== 'checkbox' || one.checked ? one.value : '']);
  Wahana.typed = (form) => Array.from(form.elements).filter((one) => one.name && one.type !== 'file')
    .flatMap((one) => valuesOf(one).map((value) => [one.name, value])).filter(([, value]) => value);
  Wahana.retype = (form, typed) => {
    for (const [name, value] of typed) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === 'checkbox') field.checked = field.checked || field.value === value;
        else if (field.multiple) for (const one of field.options) one.selected = one.selected || one.value === value;
        else if (field.type !== 'file') field.value = value;
      }
    }
  };

  const words = {};
  const kept = document.getElementById('words');
  if (kept) for (const one of kept.content.querySelectorAll('[data-word]')) words[one.dataset.word] = one.textContent;
  Wahana.word = (name) => words[name] || name;

  // By the office's clock, whatever the device's says.
  const timeZone = words.zone;
  Wahana.time = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short', timeZone });
  Wahana.today = () => new Date().toLocaleDateString('sv-SE', { timeZone });  // as a day is written: 2026-11-27

  // As the office recognises a sentence with values in it: each stands where the sentence has its {name}.
  function pattern(sentence) {
    const named = new Set();
    const place = (name) => (named.has(name) ? `\\k<${name}>` : `(?<${name}>.+?)`);
    const parts = sentence.split(/\{(\w+)\}/).map((part, at) => {
      if (at % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const found = place(part);
      named.add(part);
      return found;
    });
    return new RegExp(`^${parts.join('')}$`, 's');
  }

  const filled = kept ? Array.from(kept.content.querySelectorAll('[data-sentence]'), (one) => [pattern(one.dataset.sentence), one.textContent]) : [];

  /* A sentence of the office in the language of the page, with the values that a rule has put into it. */
  Wahana.sentence = (told) => {
    for (const [known, said] of words[told] ? [] : filled) {
      const found = known.exec(told);
      if (found) return said.replace(/\{(\w+)\}/g, (whole, name) => found.groups[name]);
    }
    return Wahana.word(told);
  };

  /* An element with its text and children; whatever is shown is text, never markup. */
  Wahana.el = (tag, given = {}, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (typeof value === 'function') made.addEventListener(name, value);
      else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...inside.filter((one) => one !== undefined && one !== null && one !== false));
    return made;
  };
})();
