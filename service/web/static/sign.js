/* A consent signed on the screen: what the form says is shown in full, whoever agrees signs below it or draws the outline of a
   thumb, and both become one picture that goes the way of any paper. Its number is the SHA-256 of the text that was shown,
   which ends in a word of chance, so that nobody can guess a text to the number. Without this script the form is as before. */
'use strict';
self.signing = (box) => {
  if (!window.crypto?.subtle) return;
  const [WIDE, HIGH, LINE, MARGIN, LETTERS] = [640, 240, 22, 16, 72];
  const form = box.closest('form');
  const part = (name) => box.querySelector(`[data-${name}]`);
  const [read, panel, shown, canvas, use, again, said] = ['read', 'panel', 'shown', 'canvas', 'use', 'again', 'said'].map(part);
  const pen = canvas.getContext('2d');
  let row = 0;
  const paper = (name, at = row) => form.querySelector(`#f-evidence-${at}-${name}`);
  const signed = (at = row) => paper('number', at)?.value.startsWith('sha256:');
  const kept = (at = row) => form.querySelector(`input[type=hidden][name="evidence.${at}.file"]`);
  const filled = (at) => paper('file', at).files.length || kept(at) || paper('kind', at).value || paper('number', at).value;
  const rows = () => Array.from(form.querySelectorAll('details.paper'), (_, at) => at);
  row = rows().find((at) => signed(at)) ?? 0;
  let drawn = false;
  let own = false;
  let chance = '';

  const hex = (bytes) => Array.from(new Uint8Array(bytes), (one) => one.toString(16).padStart(2, '0')).join('');

  function text() {
    const lines = [box.dataset.signing];
    for (const field of form.querySelectorAll('select, input:not([type=hidden]):not([type=file]), textarea')) {
      const value = field.tagName === 'SELECT' ? field.selectedOptions[0]?.text : field.value.trim();
      if (!field.value || field.id.startsWith('f-evidence')) continue;
      const label = form.querySelector(`label[for="${field.id}"]`);
      if (label) lines.push(`${label.firstChild.textContent.trim()}: ${value}`);
    }
    return [...lines, `${box.dataset.word}: ${chance}`].join('\n');
  }

  function wiped() {
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, WIDE, HIGH);
    drawn = false;
  }

  function changed() {
    own = true;
    paper('file').dispatchEvent(new Event('change', { bubbles: true }));
    own = false;
  }

  function taken() {
    for (const name of ['kind', 'number', 'dated', 'file']) paper(name).value = '';
    kept()?.remove();
    changed();
    said.textContent = '';
  }

  function wrapped(line) {
    return line.match(new RegExp(`.{1,${LETTERS}}(?:\\s|$)|.{1,${LETTERS}}`, 'gu')) ?? [''];
  }

  function picture(told, number) {
    const lines = [...told.split('\n'), number].flatMap(wrapped);
    const whole = Object.assign(document.createElement('canvas'), { width: WIDE, height: MARGIN * 2 + lines.length * LINE + HIGH });
    const ink = whole.getContext('2d');
    ink.fillStyle = '#fff';
    ink.fillRect(0, 0, whole.width, whole.height);
    ink.fillStyle = '#000';
    ink.font = '15px sans-serif';
    lines.forEach((line, at) => ink.fillText(line, MARGIN, MARGIN + (at + 1) * LINE - 6, WIDE - 2 * MARGIN));
    ink.drawImage(canvas, 0, whole.height - HIGH);
    return new Promise((done) => { whole.toBlob(done, 'image/png'); });
  }

  async function used() {
    if (!drawn) {
      said.textContent = box.dataset.empty;
      return;
    }
    const told = shown.textContent;
    const digest = hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(told)));
    const number = `sha256:${digest.match(/.{8}/g).join(':')}`;
    const files = new DataTransfer();
    files.items.add(new File([await picture(told, number)], 'tanda-tangan.png', { type: 'image/png' }));
    paper('kind').value = 'tanda_tangan_layar';
    paper('number').value = number;
    paper('dated').value = new Date().toLocaleDateString('sv', { timeZone: box.dataset.zone });
    paper('file').files = files.files;
    changed();
    said.textContent = box.dataset.used;
  }

  function place(event) {
    const at = canvas.getBoundingClientRect();
    return [((event.clientX - at.left) * WIDE) / at.width, ((event.clientY - at.top) * HIGH) / at.height];
  }

  canvas.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    Object.assign(pen, { lineWidth: 3, lineCap: 'round', lineJoin: 'round', strokeStyle: '#000' });
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...place(event));
    pen.stroke();
    drawn = true;
  });
  read.addEventListener('click', () => {
    if (!form.reportValidity()) return;
    const free = rows().find((at) => signed(at) || !filled(at));
    said.textContent = free === undefined ? box.dataset.full : '';
    if (free === undefined) return;
    row = free;
    chance = hex(crypto.getRandomValues(new Uint8Array(16)));
    wiped();
    taken();
    shown.textContent = text();
    panel.hidden = false;
    panel.scrollIntoView();
  });
  again.addEventListener('click', () => { wiped(); taken(); });
  use.addEventListener('click', used);
  form.addEventListener('input', (event) => { /* what was signed is what is sent */
    if (event.target.id.startsWith('f-evidence')) return;
    if (panel.hidden ? !signed() : text() === shown.textContent) return;
    taken();
    panel.hidden = true;
  });
  form.addEventListener('change', (event) => { /* another picture is not the one that was signed */
    if (own || event.target !== paper('file') || !signed()) return;
    for (const name of ['kind', 'number', 'dated']) paper(name).value = '';
  });
  form.addEventListener('submit', () => { /* a draft brings back the number, not the picture */
    if (signed() && !paper('file').files.length && !kept()) taken();
  });
  box.hidden = false;
};
document.querySelectorAll('[data-signing]').forEach((one) => self.signing(one));
