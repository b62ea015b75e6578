"use strict";
(() => {
  const sheet = JSON.parse(document.getElementById("sheet").textContent);
  const column = Object.fromEntries(sheet.columns.map((name, i) => [name, i]));
  const get = (id) => document.getElementById(id);
  const all = (query) => [...document.querySelectorAll(query)];
  const articles = all("article");
  const verdicts = all("[data-verdict]");
  const garments = all("[data-garment]");
  const families = all("[data-family]");
  // Verdicts that need no more words; the two others need a right family or a right garment.
  const [OK, WRONG_COLOR, WRONG_GARMENT] = verdicts.map((button) => button.dataset.verdict);
  let answers = {};
  let at = 0;

  const cell = (item, name) => sheet.rows[item][column[name]];
  const isWhole = (answer) =>
    Boolean(answer) &&
    (answer.verdict !== WRONG_COLOR || Boolean(answer.family)) &&
    (answer.verdict !== WRONG_GARMENT || Boolean(answer.garment));
  const isMarked = (item) => isWhole(answers[item]);

  const tell = (text) => {
    get("trouble").textContent = text;
    get("trouble").hidden = false;
  };

  const recall = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(sheet.key) || "{}");
      const known = verdicts.map((button) => button.dataset.verdict);
      for (const [item, answer] of Object.entries(kept)) {
        if (item in sheet.rows && known.includes(answer.verdict)) answers[item] = answer;
      }
    } catch {
      tell("This browser keeps no answers: save the marked CSV before you close the page.");
    }
  };

  const keep = () => {
    try {
      localStorage.setItem(sheet.key, JSON.stringify(answers));
    } catch {
      tell("This browser keeps no answers: save the marked CSV before you close the page.");
    }
  };

  const show = (moveFocus) => {
    articles.forEach((article, i) => { article.hidden = i !== at; });
    const answer = answers[at] || {};
    const needs = answer.verdict;
    get("garments").hidden = needs !== WRONG_GARMENT;
    get("families").hidden = needs !== WRONG_COLOR && needs !== WRONG_GARMENT;
    get("ask-family").textContent = needs === WRONG_GARMENT
      ? "And its color, where that is wrong too (Shift with the key)"
      : "Which color is most of it?";
    const press = (buttons, name, value, measured) => buttons.forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset[name] === value));
      button.disabled = button.dataset[name] === measured;
    });
    press(verdicts, "verdict", needs);
    press(garments, "garment", answer.garment, cell(at, "garment"));
    press(families, "family", answer.family, cell(at, "family"));
    get("clear").disabled = !needs;
    get("before").disabled = at === 0;
    get("next").disabled = at === articles.length - 1;
    const marked = articles.filter((_, i) => isMarked(i)).length;
    get("unmarked").disabled = marked === articles.length;
    get("progress").value = marked;
    get("count").textContent = `${marked} of ${articles.length} marked`;
    if (moveFocus) {
      articles[at].querySelector("h2").focus({ preventScroll: true });
    }
  };

  const go = (item) => {
    if (item < 0 || item >= articles.length) return;
    at = item;
    show(true);
  };

  const goUnmarked = () => {
    for (let step = 1; step <= articles.length; step += 1) {
      const item = (at + step) % articles.length;
      if (!isMarked(item)) { go(item); return; }
    }
    show(true);
  };

  const answer = (changed) => {
    answers[at] = { ...(answers[at] || {}), ...changed };
    keep();
    const isLast = at === articles.length - 1;
    if (isMarked(at) && !isLast) go(at + 1);
    else show(false);
  };

  const decide = (verdict) => {
    answers[at] = {};
    answer({ verdict });
  };
  const chooseGarment = (garment) => {
    if (garment !== cell(at, "garment")) answer({ garment });
  };
  const chooseFamily = (family) => {
    if (family === cell(at, "family")) return;
    // Beside a wrong garment the family is not the last word: the garment is still to be chosen.
    const isSame = answers[at].verdict === WRONG_GARMENT && answers[at].family === family;
    answer({ family: isSame ? "" : family });
  };
  const clear = () => {
    delete answers[at];
    keep();
    show(false);
  };

  const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const marked = (item) => {
    const row = [...sheet.rows[item]];
    if (!isMarked(item)) return row;
    const given = answers[item];
    row[column.verdict] = given.verdict;
    if ([OK, WRONG_COLOR, WRONG_GARMENT].includes(given.verdict)) {
      row[column.right_garment] = given.garment || cell(item, "garment");
      row[column.right_family] = given.family || cell(item, "family");
    }
    return row;
  };
  const csv = () => [sheet.columns, ...sheet.rows.map((_, item) => marked(item))]
    .map((row) => `${row.map(quoted).join(",")}\n`).join("");

  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv;charset=utf-8" }));
    link.download = "audit-marked.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  const onKey = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("summary")) return;
    if (!get("keys").checked) return;
    const key = event.key.toLowerCase();
    const needs = (answers[at] || {}).verdict;
    const isFamily = needs === WRONG_COLOR || (needs === WRONG_GARMENT && event.shiftKey);
    const named = (buttons) => buttons.find((button) => button.dataset.key === key);
    const number = ["1", "2", "3", "4", "5"].indexOf(key);
    if (number >= 0) decide(verdicts[number].dataset.verdict);
    else if (key === "arrowleft") go(at - 1);
    else if (key === "arrowright") go(at + 1);
    else if (key === "u") goUnmarked();
    else if (key === "x") clear();
    else if (isFamily && named(families)) chooseFamily(named(families).dataset.family);
    else if (needs === WRONG_GARMENT && !event.shiftKey && named(garments)) {
      chooseGarment(named(garments).dataset.garment);
    } else return;
    event.preventDefault();
  };

  verdicts.forEach((button) => button.addEventListener("click", () => decide(button.dataset.verdict)));
  garments.forEach((button) => button.addEventListener("click", () => chooseGarment(button.dataset.garment)));
  families.forEach((button) => button.addEventListener("click", () => chooseFamily(button.dataset.family)));
  get("before").addEventListener("click", () => go(at - 1));
  get("next").addEventListener("click", () => go(at + 1));
  get("unmarked").addEventListener("click", goUnmarked);
  get("clear").addEventListener("click", clear);
  get("save").addEventListener("click", save);
  document.addEventListener("keydown", onKey);
  document.documentElement.classList.add("script");
  recall();
  const first = articles.findIndex((_, item) => !isMarked(item));
  at = Math.max(0, first);
  show(false);
})();
