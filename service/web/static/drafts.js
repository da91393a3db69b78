/* Keeps what is typed into a form until it is recorded: a lost line, a reload or an empty battery costs nothing.
   Drafts are encrypted. One half of their key comes with the page, for whoever is signed in or holds the letter; the other lies
   here and is wiped with the drafts at sign-out. Papers and photographs are not kept. */
(() => {
  'use strict';
  const OURS = 'wahana-draft-', SALT = `${OURS}salt`, SENT = `${OURS}sent`, WEEK = 7 * 864e5;
  const all = () => Object.keys(localStorage).filter(name => name.startsWith(OURS));
  const text = new TextEncoder();
  const base64 = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const bytes = written => Uint8Array.from(atob(written), one => one.charCodeAt(0));

  document.addEventListener('submit', event => {
    if (new URL(event.target.action).pathname === '/keluar') all().forEach(name => localStorage.removeItem(name));
  });

  /* What was recorded is named by its command in the address of the page that follows. */
  const [key, recorded] = (sessionStorage.getItem(SENT) || '').split(' ');
  if (recorded && location.href.includes(key)) {
    localStorage.removeItem(recorded);
    sessionStorage.removeItem(SENT);
  }

  const form = document.querySelector('form[data-draft]');
  if (!form || !window.crypto?.subtle) return;
  const typed = () => [...form.elements].filter(one =>
    one.name && !['file', 'password', 'submit', 'button'].includes(one.type) && (one.type !== 'hidden' || one.name === 'kunci'));
  const ticked = one => one.type === 'checkbox' || one.type === 'radio';
  const chosen = one => one.multiple ? [...one.selectedOptions].map(option => option.value) : one.value;
  const held = one => String(ticked(one) ? one.checked : chosen(one));

  async function opened() {
    if (!localStorage.getItem(SALT)) localStorage.setItem(SALT, base64(crypto.getRandomValues(new Uint8Array(32))));
    const salt = localStorage.getItem(SALT), address = new URL(form.action);
    const half = await crypto.subtle.importKey('raw', text.encode(form.dataset.draft), 'HKDF', false, ['deriveKey']);
    const way = {name: 'HKDF', hash: 'SHA-256', salt: bytes(salt), info: text.encode('draft')};
    const made = await crypto.subtle.deriveKey(way, half, {name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']);
    const where = text.encode(form.dataset.draft + salt + address.pathname + address.search);
    return {made, name: OURS + base64(await crypto.subtle.digest('SHA-256', where))};
  }

  async function keep({made, name}) {
    const fields = typed().map(one => ticked(one) ? [one.name, one.value, one.checked] : [one.name, chosen(one)]);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const box = await crypto.subtle.encrypt({name: 'AES-GCM', iv}, made, text.encode(JSON.stringify(fields)));
    if (localStorage.getItem(SALT)) localStorage.setItem(name, `${Date.now()} ${base64(iv)} ${base64(box)}`);
  }

  async function restore({made, name}) {
    const [, iv, box] = (localStorage.getItem(name) || '').split(' ');
    if (!box || 'typed' in form.dataset) return;
    const plain = await crypto.subtle.decrypt({name: 'AES-GCM', iv: bytes(iv)}, made, bytes(box));
    const kept = JSON.parse(new TextDecoder().decode(plain));
    for (const one of typed()) {
      /* A box is the one of its value, wherever it stands by now: others may have come before it. */
      const at = kept.findIndex(([field, value]) => field === one.name && (!ticked(one) || value === one.value));
      if (at < 0) continue;
      const [[, value, checked]] = kept.splice(at, 1), fold = one.closest('details'), blank = held(one);
      if (ticked(one)) one.checked = checked;
      else if (one.multiple) [...one.options].forEach(option => option.selected = value.includes(option.value));
      else one.value = value;
      if (fold && held(one) !== blank) fold.open = true;
    }
    form.querySelector('[data-restored]').hidden = false;
  }

  (async () => {
    for (const name of all()) {
      const [at] = (localStorage.getItem(name) || '').split(' ');
      if (name !== SALT && Date.now() - Number(at) > WEEK) localStorage.removeItem(name);
    }
    const place = await opened();
    await restore(place).catch(() => localStorage.removeItem(place.name));
    let waiting;
    form.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => keep(place), 150);
    });
    form.addEventListener('submit', () => {
      clearTimeout(waiting);
      keep(place);
      sessionStorage.setItem(SENT, `${form.elements.kunci.value} ${place.name}`);
    });
    form.querySelector('[data-restored] button').addEventListener('click', () => {
      localStorage.removeItem(place.name);
      location.reload();
    });
    form.dataset.kept = '';
  })();
})();
