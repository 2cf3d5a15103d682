"use strict";
// Filters the tree of requirements, and draws the checks and exchanges behind a row when it is opened. What a server
// sent is put into the page as text only; the page's policy forbids anything else.
(() => {
  const tree = document.getElementById("requirements");
  const form = document.getElementById("filters");
  const rows = [...tree.querySelectorAll(".row")];
  const branches = [...tree.querySelectorAll(".branch")];
  const SYMBOLS = { passed: "✓", failed: "✗", error: "‽", blocked: "⊘", warned: "!", noted: "•", "not applicable": "○" };
  const FIRST = 12;
  let data = null;
  let unpacked = null; // a promise; the page can be read and filtered before it is kept
  let words = null;

  async function unpack() {
    await new Promise(requestAnimationFrame);
    const bytes = Uint8Array.from(atob(document.getElementById("data").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    data = await new Response(stream).json();
    document.documentElement.classList.add("ready");
  }

  function spoken(row) {
    const results = data.requirements[row.id].results.map((number) => data.results[number]);
    const said = results.flatMap((result) => [result.check, result.claim, ...(result.said ?? [])]);
    return [row.textContent, row.dataset.feature, ...said].join(" ").toLowerCase();
  }

  function make(tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children.filter((child) => child !== ""));
    return element;
  }

  const tokens = (verdict) => verdict.replace(" ", "_");

  function terms(className, pairs) {
    const told = pairs.filter(([, text]) => text);
    return make("dl", className, ...told.flatMap(([term, text]) => [make("dt", "", term), make("dd", "", text)]));
  }

  function message(title, side, problem) {
    const headers = make("pre", "headers");
    for (const [name, value] of side.headers) headers.append(make("b", "", `${name}:`), ` ${value}\n`);
    const parts = [make("p", "part", title), headers];
    if (problem) parts.push(make("p", "problem", problem));
    if (side.body) parts.push(make("pre", "", side.body));
    if (side.cut) parts.push(make("p", "aside", `… ${side.cut} more characters stand in evidence.har`));
    return parts;
  }

  function exchange(id) {
    const found = data.exchanges[id];
    if (!found) return make("p", "again aside", `${id} in evidence.har`);
    const line = [make("code", "", found.line), " ", make("span", "answer", found.status), " "];
    const box = make("details", "exchange", make("summary", "", ...line, make("span", "aside", `${found.name}, ${found.ms} ms`)));
    box.addEventListener("toggle", () => {
      if (box.childElementCount > 1) return;
      const curl = [make("p", "part", "Send it again"), make("pre", "curl", found.curl)];
      box.append(...message("Request", found.request), ...message("Response", found.response, found.problem), ...curl);
    });
    return box;
  }

  function check(number) {
    const result = data.results[number];
    const mark = make("span", "mark", SYMBOLS[result.verdict]);
    const title = make("summary", "", mark, " ", result.claim, " ", make("span", "aside", result.standing), " ", make("code", "id", result.check));
    const box = make("details", `check ${tokens(result.verdict)}`, title);
    box.addEventListener("toggle", () => {
      if (box.childElementCount > 1) return;
      const sides = terms("sides", [["Expected", result.expected], ["Got", result.came]]);
      const said = (result.said ?? []).map((text) => make("p", "message", text));
      box.append(...(sides.childElementCount ? [sides] : []), ...said, ...(result.exchanges ?? []).map(exchange));
    });
    return box;
  }

  async function fill(row) {
    if (row.dataset.filled) return;
    row.dataset.filled = "yes";
    await unpacked;
    const known = data.requirements[row.id];
    const readings = Object.entries(known.readings).map(([title, all]) => ["Readings", `${title}. ${all.join("; ")}.`]);
    row.append(terms("why", [["Why it matters", known.why], ["How to fix", known.fix], ...readings]));
    row.append(...known.results.slice(0, FIRST).map(check));
    const rest = known.results.slice(FIRST);
    if (!rest.length) return;
    const more = make("button", "", `Show ${rest.length} more checks`);
    more.type = "button";
    more.addEventListener("click", () => more.replaceWith(...rest.map(check)));
    row.append(more);
  }

  // Without scripts an exchange stands in one place, and only behind what failed; with them, wherever it is looked at.
  async function complete(cause) {
    await unpacked;
    for (const line of cause.querySelectorAll("[data-exchange]")) {
      if (data.exchanges[line.dataset.exchange]) line.replaceWith(exchange(line.dataset.exchange));
    }
  }

  async function filter() {
    const asked = new FormData(form);
    const status = new Set(asked.getAll("status"));
    const level = new Set(asked.getAll("level"));
    const feature = asked.get("feature");
    const text = asked.get("words").toLowerCase().split(/\s+/).filter(Boolean);
    const active = Boolean(status.size || level.size || feature || text.length);
    if (text.length && !words) {
      await unpacked;
      words = new Map(rows.map((row) => [row, spoken(row)]));
      return filter(); // with what is asked by now
    }
    let shown = 0;
    for (const row of rows) {
      const { dataset } = row;
      row.hidden = Boolean(
        (status.size && !status.has(dataset.status)) || (level.size && !level.has(dataset.level)) ||
        (feature && feature !== dataset.feature) || !text.every((word) => words.get(row).includes(word)));
      shown += !row.hidden;
    }
    for (const branch of branches) {
      branch.hidden = !branch.querySelector(".row:not([hidden])");
      branch.open = active && !branch.hidden;
    }
    for (const part of tree.querySelectorAll(".document")) part.hidden = !part.querySelector(".branch:not([hidden])");
    document.getElementById("none").hidden = shown > 0;
    document.getElementById("matches").textContent = active ? `${shown} of ${rows.length}` : rows.length.toLocaleString("en");
  }

  function ask({ feature = "", level = "", status = "" }) {
    form.reset();
    form.elements.feature.value = feature;
    for (const [name, value] of [["level", level], ["status", status]]) {
      for (const box of form.querySelectorAll(`input[name=${name}]`)) box.checked = box.value === value;
    }
    filter();
  }

  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) ask({});
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
  }

  function start() {
    unpacked = unpack();
    tree.addEventListener("toggle", (event) => event.target.matches(".row[open]") && fill(event.target), true);
    document.addEventListener("toggle", (event) => event.target.matches(".cause[open]") && complete(event.target), true);
    for (const cause of document.querySelectorAll(".cause[open]")) complete(cause);
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.elements.clear.addEventListener("click", () => ask({}));
    for (const link of document.querySelectorAll("a[data-feature], a[data-status]")) {
      link.addEventListener("click", () => ask(link.dataset));
    }
    addEventListener("hashchange", reveal);
    for (const row of rows) if (row.open) fill(row);
    form.hidden = false;
    performance.mark("ready");
    reveal();
  }

  // A browser that cannot decompress reads the page as one without scripts.
  if ("DecompressionStream" in globalThis) start();
})();
