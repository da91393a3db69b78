/* On every page: the service worker, the outbox, and signing out, which takes the key of what the device keeps. */
'use strict';
(() => {
  if (!('serviceWorker' in navigator) || !('indexedDB' in self) || !navigator.locks) return;
  const EVERY = 10 * 60 * 1000;
  let asked = 0;
  navigator.serviceWorker.register('/sw.js');

  async function look() {
    const badge = document.querySelector('[data-outbox]');
    const open = (await Wahana.entries()).filter((one) => one.state !== 'sent').length;
    if (badge) { badge.hidden = !open; badge.querySelector('b').textContent = open; }
    return open;
  }

  // Refused for a destruction: its copy goes at once, even if others were told of that earlier.
  async function afterwards() {
    const now = await Wahana.current();
    if (now && (await Wahana.entries()).some((one) => one.account === now.account && Wahana.unheard(one))) await Wahana.stand({});
  }

  async function meet() {
    try {
      const known = await Wahana.current();
      if (!known) await Wahana.sweep();
      const signedIn = document.body.hasAttribute('data-account');
      const other = !known || known.account !== document.body.dataset.account;
      const back = signedIn && other && await Wahana.used() && await Wahana.resume();
      if (back || (known && Date.now() - asked > EVERY)) {
        await Wahana.stand();  // keeps no session awake
        asked = Date.now();
      }
    } catch (error) { /* no line */ }
    if (await look()) {
      await Wahana.send();
      await afterwards().catch(() => 0);  // no line
      await look();
      document.dispatchEvent(new Event('wahana-sent'));
    }
  }

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.getAttribute('action') !== '/keluar' || form.dataset.closed) return;
    event.preventDefault();
    for (const name of Object.keys(localStorage)) if (name.startsWith('wahana-draft-')) localStorage.removeItem(name);
    Wahana.leaving = true;
    Wahana.close().finally(() => { form.dataset.closed = 'yes'; form.submit(); });
  });
  self.addEventListener('online', meet);
  setInterval(meet, 60000);
  Wahana.meet = meet;
  Wahana.look = look;
  meet();
})();
