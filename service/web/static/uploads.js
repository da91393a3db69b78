/* Sends a photograph or paper in pieces as soon as it is chosen (tus 1.0), and goes on where the line broke. The form then
   names the stored file. Without this script, or should it fail, the form sends the file itself. */
'use strict';
(() => {
  const PIECE = 128 * 1024;
  const MOST = 8;
  const LARGEST = 20 * 1024 * 1024;
  const OF_THE_FILE = ['picture_unreadable', 'file_empty', 'file_too_large', 'media_type'];
  const tus = { 'Tus-Resumable': '1.0.0' };
  const written = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const pause = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

  /* Will not change; with a sentence where the file itself is at fault. */
  class Refusal extends Error {}

  /* The answer. Throws a `Refusal`, or another error for what may be tried again. */
  async function asked(address, options) {
    const answer = await fetch(address, options);
    if (answer.ok) return answer;
    if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
    const { rule, detail } = await answer.json().catch(() => ({}));
    if (rule === 'wrong_offset') throw new Error(rule);
    throw new Refusal(OF_THE_FILE.includes(rule) ? detail : '');
  }

  async function stored(file, address, told) {
    const names = `filename ${written(file.name)},filetype ${written(file.type)}`;
    let place = null;
    for (let failed = 0; failed < MOST;) {
      try {
        if (!place) {
          const headers = { ...tus, 'Upload-Length': file.size, 'Upload-Metadata': names };
          const begun = await asked(address, { method: 'POST', headers });
          place = begun.headers.get('Location');
        }
        const known = await asked(place, { method: 'HEAD', headers: tus });
        for (let at = Number(known.headers.get('Upload-Offset')); at < file.size;) {
          told(at / file.size);
          const headers = { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': at };
          const kept = await asked(place, { method: 'PATCH', headers, body: file.slice(at, at + PIECE) });
          at = Number(kept.headers.get('Upload-Offset'));
          failed = 0;
        }
        return place.split('/').pop();
      } catch (error) {
        if (error instanceof Refusal) throw error;
        failed += 1;
        await pause(Math.min(30, 2 ** failed / 2));
      }
    }
    return '';
  }

  for (const field of document.querySelectorAll('input[type=file][data-upload]')) {
    const { form, name } = field;
    const [bar, said] = [field.parentElement.querySelector('progress'), field.parentElement.querySelector('[data-sent]')];
    const well = said.textContent;
    let running = null;
    const tell = (sentence, wrong = false) => {
      said.textContent = sentence;
      said.className = wrong ? 'wrong' : '';
      said.hidden = false;
      field.setCustomValidity(wrong ? sentence : '');
    };
    const amiss = (file) => {
      if (file.size > LARGEST) return field.dataset.large;
      return file.size && field.accept.split(',').includes(file.type) ? '' : field.dataset.unfit;
    };
    field.addEventListener('invalid', () => { field.closest('details').open = true; });
    field.addEventListener('change', () => {
      form.querySelectorAll(`[data-stored="${field.id}"]`).forEach((one) => one.remove());
      field.name = name;
      said.hidden = true;
      field.setCustomValidity('');
      const file = field.files[0];
      const wrong = file ? amiss(file) : '';
      if (wrong) tell(wrong, true);
      bar.hidden = !file || Boolean(wrong);
      const sent = bar.hidden ? null : stored(file, field.dataset.upload, (share) => { bar.value = share; });
      running = sent && sent.catch((refusal) => refusal).then((id) => {
        if (field.files[0] !== file) return;
        running = null;
        bar.hidden = true;
        said.hidden = true;
        if (id instanceof Refusal && id.message) tell(id.message, true);
        if (!id || id instanceof Error) return;
        const kept = Object.assign(document.createElement('input'), { type: 'hidden', name, value: id });
        kept.dataset.stored = field.id;
        field.after(kept);
        field.removeAttribute('name');
        tell(well);
      });
    });
    form.addEventListener('submit', (event) => {
      if (!running) return;
      event.preventDefault();
      tell(field.dataset.waits);
      running.then(() => form.requestSubmit());
    });
  }
})();
