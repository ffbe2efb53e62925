// Keeps the page of a class up to date: puts in what the server has drawn anew. The page is whole
// without it. It asks for nothing but the events, and knows no words.
"use strict";

const table = document.querySelector("table.class");
const lost = document.getElementById("lost");
const summary = document.getElementById("summary");
const AGAIN = 5000;

function put(name, html) {
  const row = document.getElementById(`pupil-${name}`);
  if (!row) return;
  const drawn = document.createElement("template");
  drawn.innerHTML = html;
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  row.replaceWith(drawn.content);
  if (focused) {
    const parts = document.querySelectorAll(`#pupil-${CSS.escape(name)} :is(a, button)`);
    [...parts].find((part) => part.textContent === focused.textContent)?.focus();
  }
}

function take(event) {
  lost.hidden = true;
  const news = JSON.parse(event.data);
  if (news.roster !== table.dataset.roster) {
    location.reload();
    return;
  }
  Object.entries(news.rows).forEach(([name, html]) => put(name, html));
  if (summary.innerHTML !== news.summary) summary.innerHTML = news.summary;
}

function listen() {
  const events = new EventSource(table.dataset.events);
  events.onmessage = take;
  events.onerror = () => {
    lost.hidden = false;
    // Refused for good: perhaps the sign-in is over, or the park is just restarting.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN);
  };
  addEventListener("pagehide", () => events.close(), { once: true });
}

if (table) {
  document.getElementById("again").hidden = true;
  listen();
}
