/* The service worker: pages come from the office; without a line what was kept is shown. No page with anybody's data is
   ever kept. `FILES`, `NAME` and the core stand before this, see service/web/offline.py. */
'use strict';

self.addEventListener('install', (event) => event.waitUntil(
  caches.open(NAME).then((kept) => kept.addAll(FILES)).then(() => self.skipWaiting())));

self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== NAME && name !== Wahana.SHELL) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (event.request.mode === 'navigate') event.respondWith(page(event.request, url));
  // Without its version too: what a page of yesterday asks for is better than nothing.
  else if (url.pathname.startsWith('/static/') || url.pathname.endsWith('/isian.js')) event.respondWith(
    caches.match(event.request).then((kept) => kept || fetch(event.request).catch(
      () => caches.match(event.request, { ignoreSearch: true }).then((older) => older || Response.error()))));
});

self.addEventListener('sync', (event) => { if (event.tag === 'outbox') event.waitUntil(Wahana.send()); });

async function page(request, url) {
  const leaving = request.method === 'POST' && url.pathname === '/keluar';
  const ending = !leaving && await Wahana.ending().catch(() => false);  // a full disk must not stop anybody who has a line
  try {
    if (ending) await Wahana.ended();
    return await fetch(request);
  } catch (error) {
    if (leaving) {
      await Wahana.close();
      await Wahana.write('meta', true, 'ending');
      return Response.redirect('/kotak-keluar', 303);
    }
    if (request.method !== 'GET') throw error;  // the browser offers to send it again; its id makes it count once
    const shell = url.pathname !== '/kotak-keluar' && await Wahana.current() && await caches.match('/luring');
    return shell || await caches.match('/kotak-keluar');
  }
}
