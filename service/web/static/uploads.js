/* Sends a photograph or paper in pieces as soon as it is chosen (tus 1.0), and goes on where the line broke. The form then
   names the stored file. Without this script, or should it fail, the form sends the file itself. */
'use strict';
(() => {
  const PIECE = 128 * 1024;
  const MOST = 8;
  const tus = { 'Tus-Resumable': '1.0.0' };
  const written = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const pause = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

  /* The answer; null for a refusal that will not change. Throws for what may be tried again. */
  async function asked(address, options) {
    const answer = await fetch(address, options);
    if (answer.ok) return answer;
    if (answer.status >= 500 || answer.status === 429 || answer.status === 409) throw new Error(answer.status);
    return null;
  }

  async function stored(file, address, told) {
    const names = `filename ${written(file.name)},filetype ${written(file.type)}`;
    let place = null;
    for (let failed = 0; failed < MOST;) {
      try {
        if (!place) {
          const headers = { ...tus, 'Upload-Length': file.size, 'Upload-Metadata': names };
          const begun = await asked(address, { method: 'POST', headers });
          if (!begun) return '';
          place = begun.headers.get('Location');
        }
        const known = await asked(place, { method: 'HEAD', headers: tus });
        if (!known) return '';
        for (let at = Number(known.headers.get('Upload-Offset')); at < file.size;) {
          told(at / file.size);
          const headers = { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': at };
          const kept = await asked(place, { method: 'PATCH', headers, body: file.slice(at, at + PIECE) });
          if (!kept) return '';
          at = Number(kept.headers.get('Upload-Offset'));
          failed = 0;
        }
        return place.split('/').pop();
      } catch (error) {
        failed += 1;
        await pause(Math.min(30, 2 ** failed / 2));
      }
    }
    return '';
  }

  for (const field of document.querySelectorAll('input[type=file][data-upload]')) {
    const { form, name } = field;
    const [bar, said] = [field.parentElement.querySelector('progress'), field.parentElement.querySelector('[data-sent]')];
    let running = null;
    field.addEventListener('change', () => {
      form.querySelectorAll(`[data-stored="${field.id}"]`).forEach((one) => one.remove());
      field.name = name;
      said.hidden = true;
      const file = field.files[0];
      bar.hidden = !file;
      running = file && stored(file, field.dataset.upload, (share) => { bar.value = share; }).then((id) => {
        if (field.files[0] !== file) return;
        running = null;
        bar.hidden = true;
        if (!id) return;
        const kept = Object.assign(document.createElement('input'), { type: 'hidden', name, value: id });
        kept.dataset.stored = field.id;
        field.after(kept);
        field.removeAttribute('name');
        said.hidden = false;
      });
    });
    form.addEventListener('submit', (event) => {
      if (!running) return;
      event.preventDefault();
      running.then(() => form.requestSubmit());
    });
  }
})();
