/* Signing on the screen in a form of the device. It comes with the place for the signature and with sign.js, when a form that
   may be signed is opened first. */
'use strict';
Wahana.signing = (form, said) => {
  const box = document.getElementById('signing').content.cloneNode(true).firstElementChild;
  box.dataset.signing = said;
  form.querySelector('button:not([type])').before(box);
  self.signing(box);
};
