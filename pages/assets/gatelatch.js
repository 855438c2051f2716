// Gatelatch pages work without this file. With it, forms answer in place (so the
// visitor stays on the address asked for, fragment included), codes are cleaned
// and sent when complete, waiting times count down, passwords can be shown, and
// passkeys can be used.
'use strict';
(() => {
  const WAIT = 20000; // ms until a request counts as lost
  const HOME = new URL('../sign-in', document.currentScript.src).pathname;
  const words = document.body.dataset;
  const tried = new Set(); // codes that went out by themselves
  let page = new AbortController(); // ends with the page in <main>
  let sending = false;
  const passkeys = !!window.PublicKeyCredential?.parseRequestOptionsFromJSON;

  const main = () => document.querySelector('main');

  // busy marks a button while its form is on the way. It stays focusable, so
  // that nobody is thrown back to the top of the page.
  function busy(button, on) {
    sending = on;
    if (on) button?.setAttribute('aria-busy', 'true');
    else main().querySelectorAll('[aria-busy]').forEach((b) => b.removeAttribute('aria-busy'));
  }

  // go leaves for a path of this site. The path that is showing already has to
  // be loaded afresh, with its fragment.
  function go(target) {
    const to = new URL(target, location.href);
    if (to.origin !== location.origin) return say(words.offline);
    if (to.pathname + to.search !== location.pathname + location.search) return location.replace(to);
    if (!to.hash) to.hash = location.hash;
    if (!('posted' in words) && to.hash === location.hash) return location.reload();
    // Reloading would post again or do nothing, and replacing an address by
    // itself only jumps to the fragment: step aside first, then come back.
    history.replaceState(null, '', HOME);
    location.replace(to);
  }

  // say shows a calm message at the top of the card.
  function say(text) {
    busy(null, false);
    const card = main().querySelector('.card') || main();
    card.querySelector('.problem')?.remove();
    const box = document.createElement('div');
    const line = document.createElement('p');
    box.className = 'problem';
    box.setAttribute('role', 'alert');
    card.prepend(box);
    box.append(line);
    line.textContent = text;
    box.scrollIntoView({ block: 'nearest' });
  }

  async function send(form, button) {
    page.abort(); // ends a pending wait for a text message
    page = new AbortController();
    busy(button, true);
    form.querySelectorAll('.reveal[aria-pressed=true]').forEach((b) => b.click());
    const body = new URLSearchParams(new FormData(form));
    if (button?.name) body.append(button.name, button.value);
    const lost = new AbortController();
    const timer = setTimeout(() => lost.abort(), WAIT);
    try {
      const answer = await fetch(form.getAttribute('action') || location.href, {
        method: 'POST',
        body,
        mode: 'same-origin',
        credentials: 'same-origin',
        headers: { 'Gatelatch-Script': '1', Accept: 'text/html' },
        signal: lost.signal,
      });
      const target = answer.headers.get('Gatelatch-Location');
      if (target) return go(target);
      if (answer.redirected) return go(answer.url);
      show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    } catch {
      say(lost.signal.aborted ? words.timeout : words.offline);
    } finally {
      clearTimeout(timer);
    }
  }

  // show puts the next page in place of this one, as a full load would.
  function show(next) {
    const fresh = next.querySelector('main');
    if (!fresh) return say(words.offline);
    sending = false;
    document.title = next.title;
    main().replaceWith(fresh);
    scrollTo(0, 0);
    (fresh.querySelector('[autofocus]') || fresh.querySelector('h1'))?.focus();
    enhance();
  }

  // clean turns what people type or paste into plain digits: other scripts'
  // digits, spaces, dashes and invisible marks. The rest is left for the server
  // to explain.
  function clean(text) {
    return text
      .replace(/[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g, (d) => (d.charCodeAt(0) - (d > '\uff00' ? 0xff10 : d < '\u06f0' ? 0x660 : 0x6f0)))
      .replace(/[\s\-_.\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '');
  }

  // find picks the code out of a pasted message, if it holds just one.
  function find(text, length) {
    const whole = clean(text);
    if (/^\d+$/.test(whole)) return whole;
    const runs = text.match(/\p{Nd}[\p{Nd}\s\-]*/gu)?.map(clean).filter((run) => run.length === length);
    return runs?.length === 1 ? runs[0] : whole;
  }

  function codeField(field) {
    const length = Number(field.dataset.length);
    const form = field.form;
    const button = form.querySelector('[value=verify]');
    let before = 0;
    let spent = false; // one send by itself for each page: later edits are corrections

    const changed = () => {
      const grew = field.value.length > before;
      before = field.value.length;
      if (!grew || before !== length || /\D/.test(field.value)) return;
      if (spent || sending || tried.has(field.value)) return;
      if (button?.classList.contains('danger')) return; // what cannot be undone takes a press
      spent = true;
      tried.add(field.value);
      form.requestSubmit?.(button);
    };

    field.addEventListener('input', (e) => {
      if (e.isComposing) return;
      const at = clean(field.value.slice(0, field.selectionStart)).length;
      const value = clean(field.value);
      if (value !== field.value) {
        field.value = value;
        field.setSelectionRange(at, at);
      }
      changed();
    });
    field.addEventListener('compositionend', () => field.dispatchEvent(new Event('input')));
    field.addEventListener('paste', (e) => {
      const text = e.clipboardData?.getData('text');
      if (!text) return;
      e.preventDefault();
      const code = find(text, length);
      if (code.length === length) field.select();
      field.setRangeText(code, field.selectionStart, field.selectionEnd, 'end');
      field.dispatchEvent(new Event('input'));
    });
    if ('webotp' in field.dataset && 'OTPCredential' in window) {
      navigator.credentials.get({ otp: { transport: ['sms'] }, signal: page.signal }).then((otp) => {
        if (!otp || !field.isConnected) return;
        field.value = clean(otp.code);
        changed();
      }, () => {});
    }
  }

  // countdown shows the time left in place of the button until another code may
  // be asked for. Only the text changes; nothing is announced.
  function countdown(span) {
    const end = Date.now() + span.dataset.countdown * 1000;
    const line = span.closest('p');
    const button = span.closest('form').querySelector('[value=resend]');
    const unit = (unit, n) => new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit, unitDisplay: 'long' }).format(n);
    const tick = () => {
      if (!span.isConnected) return clearInterval(timer);
      const left = Math.ceil((end - Date.now()) / 1000);
      if (left > 0) {
        span.textContent = left < 60 ? unit('second', left) : unit('minute', Math.ceil(left / 60));
        return;
      }
      clearInterval(timer);
      line.hidden = true;
      button.hidden = button.disabled = false;
    };
    const timer = setInterval(tick, 1000);
    button.hidden = button.disabled = true;
    tick();
  }

  function localTime(time) {
    time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
  }

  // reveal shows what is typed into a password field, and hides it again.
  function reveal(button) {
    const field = document.getElementById(button.getAttribute('aria-controls'));
    button.hidden = false;
    button.addEventListener('click', () => {
      const show = field.type === 'password';
      field.type = show ? 'text' : 'password';
      button.setAttribute('aria-pressed', show);
    });
  }

  // passkeyUsed has the device sign: at the press of the button, and, where the
  // page says so, whenever somebody picks a passkey in the field for the address.
  function passkeyUsed(form) {
    if (!passkeys) return;
    const button = form.querySelector('button');
    const options = () => PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(form.dataset.passkey));
    const give = (credential) => {
      if (!credential || sending || !form.isConnected) return;
      form.elements.credential.value = JSON.stringify(credential);
      send(form, button);
    };
    form.hidden = false;
    form.addEventListener('submit', async (e) => {
      e.preventDefault();
      if (sending) return;
      page.abort(); // a browser asks for one passkey at a time
      page = new AbortController();
      busy(button, true);
      try {
        const credential = await navigator.credentials.get({ publicKey: options(), signal: page.signal });
        sending = false;
        give(credential);
      } catch (err) {
        if (err.name === 'AbortError') busy(null, false);
        else say(form.dataset.failed);
      }
    });
    if (!('quiet' in form.dataset) || !PublicKeyCredential.isConditionalMediationAvailable) return;
    const { signal } = page;
    PublicKeyCredential.isConditionalMediationAvailable()
      .then((possible) => possible && !signal.aborted && navigator.credentials.get({ publicKey: options(), mediation: 'conditional', signal }))
      .then(give)
      .catch(() => {});
  }

  // copyable puts a list into the clipboard. The button is there only with script.
  function copyable(button) {
    const words = [button.textContent, button.dataset.done];
    button.hidden = !navigator.clipboard;
    button.addEventListener('click', async () => {
      const lines = [...document.getElementById(button.dataset.copy).children].map((line) => line.textContent);
      await navigator.clipboard.writeText(lines.join('\n') + '\n').then(() => {
        button.textContent = words[1];
        setTimeout(() => { button.textContent = words[0]; }, 4000);
      }, () => {});
    });
  }

  // passkeyMade has the device make a passkey and sends what it has made.
  function passkeyMade(form) {
    if (!passkeys) return;
    const button = form.querySelector('button');
    form.hidden = false;
    form.addEventListener('submit', async (e) => {
      e.preventDefault();
      if (sending) return;
      page.abort(); // a browser asks for one passkey at a time
      page = new AbortController();
      busy(button, true);
      try {
        const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(form.dataset.passkeyCreate));
        const made = await navigator.credentials.create({ publicKey, signal: page.signal });
        form.elements.credential.value = JSON.stringify(made);
        send(form, button);
      } catch (err) {
        if (err.name === 'AbortError') busy(null, false);
        else say(err.name === 'InvalidStateError' ? form.dataset.known : form.dataset.failed);
      }
    });
  }

  function enhance() {
    main().querySelectorAll('.reveal').forEach(reveal);
    main().querySelectorAll('form[data-passkey]').forEach(passkeyUsed);
    main().querySelectorAll('[data-if-passkey]').forEach((e) => { e.hidden = !passkeys; });
    main().querySelectorAll('[data-unless-passkey]').forEach((e) => { e.hidden = passkeys; });
    main().querySelectorAll('[data-copy]').forEach(copyable);
    main().querySelectorAll('form[data-passkey-create]').forEach(passkeyMade);
    main().querySelectorAll('input[data-length]').forEach(codeField);
    main().querySelectorAll('[data-countdown]').forEach(countdown);
    main().querySelectorAll('time[data-local]').forEach(localTime);
  }

  document.addEventListener('submit', (e) => {
    if (!('enhance' in e.target.dataset)) return;
    if (sending) return e.preventDefault();
    if (!window.fetch) return;
    e.preventDefault();
    send(e.target, e.submitter || e.target.querySelector('button[name=step]'));
  });
  addEventListener('pagehide', () => page.abort());
  addEventListener('pageshow', (e) => {
    if (!e.persisted) return;
    busy(null, false);
    main().querySelectorAll('input[data-length]').forEach((field) => { field.value = ''; });
  });
  enhance();
})();
