// Gatelatch pages work without this file. With it, forms answer in place (so the
// visitor stays on the address asked for, fragment included), codes are cleaned
// and sent when complete, waiting times count down, passwords can be shown, and
// passkeys can be used.
'use strict';
(() => {
  const WAIT = 20000; // ms until a request counts as lost
  const HEADERS = { 'Gatelatch-Script': '1', Accept: 'text/html' };
  const HOME = new URL('../sign-in', document.currentScript.src).pathname;
  const FIRST = [HOME, HOME.replace(/in$/, 'up')];
  const STEPS = ['sign-in/', 'sign-up/'].map((path) => new URL(`../${path}`, document.currentScript.src).pathname);
  const words = document.body.dataset;
  const tried = new Set(); // codes that went out by themselves
  let plain = false; // an answer could not be shown in place: the next try does without
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

  const here = () => location.pathname + location.search;

  // keep notes the step that is showing, for this tab and this address: pages follow
  // each other in place, so a reload alone would begin again. kept takes the note,
  // unless somebody has come here anew.
  function keep() {
    const { step } = main().dataset;
    try {
      if (step && step !== here()) sessionStorage.setItem('gatelatch', JSON.stringify([here(), step]));
      else sessionStorage.removeItem('gatelatch');
    } catch { /* a browser that keeps nothing begins again */ }
  }

  function kept() {
    try {
      const [at, step] = JSON.parse(sessionStorage.getItem('gatelatch')) || [];
      if (at !== here() || main().matches('.page-error, .page-frame')) return '';
      sessionStorage.removeItem('gatelatch');
      const again = document.wasDiscarded || performance.getEntriesByType('navigation')[0].type !== 'navigate';
      return again && STEPS.some((path) => step.startsWith(path)) ? step : '';
    } catch {
      return '';
    }
  }

  // resume shows the step that was under way when this page was left, and leaves the
  // first page as it is when there is none any more.
  async function resume(step) {
    const lost = new AbortController();
    const timer = setTimeout(() => lost.abort(), 4000);
    main().classList.add('resuming');
    try {
      const answer = await fetch(step, { headers: HEADERS, mode: 'same-origin', credentials: 'same-origin', signal: lost.signal });
      if (answer.status === 200) show(parse(await answer.text()));
    } catch { /* the first page is as good as any */ }
    clearTimeout(timer);
    if (!main().classList.contains('resuming')) return;
    main().classList.remove('resuming');
    enhance();
    main().querySelector('[autofocus]')?.focus();
  }

  // go leaves for a path of this site. The path that is showing already has to
  // be loaded afresh, with its fragment.
  function go(target) {
    const to = new URL(target, location.href);
    if (to.origin !== location.origin) return say(words.offline);
    delete main().dataset.step;
    keep();
    if (!to.hash) to.hash = location.hash;
    if (to.pathname + to.search !== here()) return location.replace(to);
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

  const parse = (text) => new DOMParser().parseFromString(text, 'text/html');

  function send(form, button) {
    form.querySelectorAll('.reveal[aria-pressed=true]').forEach((b) => b.click());
    const body = new URLSearchParams(new FormData(form));
    if (button?.name) body.append(button.name, button.value);
    return load(form.getAttribute('action') || location.href, { method: 'POST', body }, button);
  }

  // load shows the answer to a form or a link in place.
  async function load(url, init, pressed) {
    let answer;
    page.abort(); // ends a pending wait for a text message
    page = new AbortController();
    busy(pressed, true);
    const lost = new AbortController();
    const timer = setTimeout(() => lost.abort(), WAIT);
    try {
      answer = await fetch(url, { ...init, mode: 'same-origin', credentials: 'same-origin', headers: HEADERS, signal: lost.signal });
      const target = answer.headers.get('Gatelatch-Location');
      if (target) return go(target);
      if (answer.redirected) return go(answer.url);
      show(parse(await answer.text()));
    } catch {
      plain = answer !== undefined;
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
    keep();
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
    let timer;
    tick(); // an old browser that has no words for this keeps the server's, and the button
    if (line.hidden) return;
    button.hidden = button.disabled = true;
    timer = setInterval(tick, 1000);
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

  // enhance makes the page smoother, part by part: a browser that lacks what one part
  // needs gets the others.
  function enhance() {
    const each = (selector, part) => main().querySelectorAll(selector).forEach((e) => {
      try { part(e); } catch { /* it works without */ }
    });
    each('.reveal', reveal);
    each('form[data-passkey]', passkeyUsed);
    each('[data-if-passkey]', (e) => { e.hidden = !passkeys; });
    each('[data-unless-passkey]', (e) => { e.hidden = passkeys; });
    each('[data-copy]', copyable);
    each('form[data-passkey-create]', passkeyMade);
    each('input[data-length]', codeField);
    each('[data-countdown]', countdown);
    each('time[data-local]', localTime);
  }

  document.addEventListener('submit', (e) => {
    if (!('enhance' in e.target.dataset)) return;
    if (sending) return e.preventDefault();
    if (!window.fetch || plain) return;
    send(e.target, e.submitter || e.target.querySelector('button[name=step]'));
    e.preventDefault(); // last: when the script fails, the browser sends the form
  });
  document.addEventListener('click', (e) => {
    const link = e.target.closest?.('a[href]');
    if (!link) return;
    if (link.matches('.problem [href^="#"]')) { // the fragment that was asked for stays
      e.preventDefault();
      return document.querySelector(link.getAttribute('href'))?.focus();
    }
    if (FIRST.includes(link.pathname) && !link.hash) link.hash = location.hash;
    if (!('place' in link.dataset) || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey || !window.fetch || plain) return;
    e.preventDefault();
    if (!sending) load(link.href, {}, link);
  });
  addEventListener('pagehide', () => page.abort());
  addEventListener('pageshow', (e) => {
    if (!e.persisted) return;
    busy(null, false);
    main().querySelectorAll('input[data-length]').forEach((field) => { field.value = ''; });
  });
  const step = kept();
  if (step) resume(step);
  else enhance();
})();
