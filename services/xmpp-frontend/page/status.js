// SPDX-License-Identifier: BSD-3-Clause
// Keeps the page as it is now. Without this it is made anew every ten seconds.
'use strict';

const EVERY_MS = 2000;
const PATIENCE_MS = 8000;
const root = document.documentElement;
const live = document.getElementById('live');
const lost = document.getElementById('lost');
const problems = document.getElementById('problems');
let since = document.querySelector('[data-text="time"]').textContent;

// What an attribute like "apps.0.sent" leads to.
const pick = (facts, way) => way.split('.').reduce((at, step) => at[step], facts);

// Says only what has changed, so that screen readers read nothing twice.
function put(attribute, facts, old, change) {
  for (const element of document.querySelectorAll(`[${attribute}]`)) {
    const value = pick(facts, element.getAttribute(attribute));
    if (old(element) !== value) {
      change(element, value);
    }
  }
}

function listProblems(list) {
  const items = list.map(({ what, remedy }) => {
    const item = document.createElement('li');
    const strong = document.createElement('strong');
    strong.textContent = `${what}:`;
    item.append(strong, ` ${remedy}`);
    return item;
  });
  const text = items.map((item) => item.textContent).join();
  if ([...problems.children].map((item) => item.textContent).join() !== text) {
    problems.replaceChildren(...items);
  }
}

function show(facts) {
  if (facts.shape !== root.dataset.shape) {
    location.reload(); // more rows or fewer, or another version
    return;
  }
  put('data-text', facts, (e) => e.textContent, (e, text) => { e.textContent = text; });
  put('data-state-of', facts, (e) => e.dataset.state, (e, state) => { e.dataset.state = state; });
  put('data-path', facts, (e) => e.getAttribute('d'), (e, path) => e.setAttribute('d', path));
  put('data-value-of', facts, (e) => e.getAttribute('value'), (e, value) => e.setAttribute('value', value));
  listProblems(facts.problems);
  live.querySelector('time').dateTime = facts.instant;
  document.title = `${facts.headline} · Wakebus`;
  since = facts.time;
  delete root.dataset.lost;
  lost.hidden = true;
}

function lose() {
  if (lost.hidden) {
    lost.textContent = `This frontend does not answer. What you see is from ${since} UTC.`;
    lost.hidden = false;
    root.dataset.lost = '';
    document.title = 'No answer · Wakebus';
  }
}

async function refresh() {
  try {
    const answer = await fetch('status.json', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) {
      throw new Error(answer.statusText);
    }
    show(await answer.json());
  } catch {
    lose();
  }
}

// One after the other, and not while nobody looks.
async function watch() {
  if (!document.hidden) {
    await refresh();
  }
  setTimeout(watch, EVERY_MS);
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) {
    refresh();
  }
});
setTimeout(watch, EVERY_MS);
