(() => {
  "use strict";
  const given = JSON.parse(document.getElementById("charts").textContent);
  const views = new Map();
  const buttons = [...document.querySelectorAll("[data-language]")];
  const pageOf = (element) => element.closest(".page");
  const localeOf = (element) => given.locales[pageOf(element).lang];

  // --- charts -------------------------------------------------------------------------------

  // Charts share specifications and rows: each names the numbers of its own.
  function whole([spec, rows]) {
    const datasets = Object.entries(rows).map(([name, n]) => [name, given.rows[n]]);
    return { ...structuredClone(given.specs[spec]), datasets: Object.fromEntries(datasets) };
  }

  // Of a chart with a narrow version, the version for the room there is.
  function versionFor(element) {
    const versions = given.charts[element.dataset.chart];
    const narrow = versions.length > 1 && element.clientWidth < given.narrow;
    return narrow ? 1 : 0;
  }

  async function draw(element) {
    const name = element.dataset.chart;
    const version = versionFor(element);
    const spec = whole(given.charts[name][version]);
    const before = views.get(name);
    const stop = before && spec.params ? before.view.signal("stop") : null;
    if (stop !== null) spec.params = [{ name: "stop", value: stop }];
    spec.width = element.clientWidth;
    element.style.minHeight = `${spec.height}px`;
    const options = {
      mode: "vega-lite", ast: true, actions: false, renderer: "svg",
      config: given.config, formatLocale: localeOf(element),
    };
    try {
      const { view } = await vegaEmbed(element, spec, options);
      views.set(name, { view, spec, version });
      element.querySelector("svg")?.setAttribute("aria-hidden", "true");
    } catch (error) {
      console.error(name, error);
      element.textContent = element.dataset.failed;
    }
  }

  // A hidden chart has no width: it is drawn when it is first shown.
  async function drawShown(root) {
    for (const element of root.querySelectorAll(".chart:not([data-drawn])")) {
      if (!element.clientWidth) continue;
      element.dataset.drawn = "";
      await draw(element);
    }
    document.documentElement.dataset.drawn = String(views.size);
  }

  // Fits every chart to its place; one that has become narrow or wide is another chart.
  function fit() {
    for (const [name, { view, version }] of views) {
      const place = document.querySelector(`[data-chart="${name}"]`);
      if (!place.clientWidth) continue;
      if (versionFor(place) !== version) draw(place);
      else if (view.width() && view.signal("width") !== place.clientWidth) {
        view.signal("width", place.clientWidth).runAsync();
      }
    }
  }

  // --- numbers, as the tables write them ------------------------------------------------------

  function formed(value, form, view) {
    if (typeof value !== "number") return value ?? "–";
    return form ? view.locale().format(form)(value) : String(value);
  }

  // --- the values of a year, beside the pointer or by the arrow keys ---------------------------

  function tipOf(chart) {
    let parts = [...chart.querySelectorAll(":scope > .rule, :scope > .tip")];
    if (!parts.length) {
      const rule = Object.assign(document.createElement("div"), { className: "rule" });
      const tip = Object.assign(document.createElement("div"), { className: "tip" });
      tip.setAttribute("role", "status");
      chart.append(rule, tip);
      parts = [rule, tip];
    }
    return parts;
  }

  function rowsShown({ view, spec }) {
    const { data, columns } = spec.usermeta;
    const rows = spec.datasets[data];
    const stop = spec.params ? view.signal("stop") : null;
    return { columns, rows: stop === null ? rows : rows.filter((row) => row.stop === stop) };
  }

  function point(chart, year) {
    const drawn = views.get(chart.dataset.chart);
    const { columns, rows } = rowsShown(drawn);
    const row = rows.find((each) => each.x === year);
    if (!row) return;
    const [rule, tip] = tipOf(chart);
    const [left, top] = drawn.view.origin();
    const x = left + drawn.view.scale("x")(year) + 2;
    rule.style.left = `${x}px`;
    rule.style.top = `${top + 4}px`;
    rule.style.height = `${drawn.view.height()}px`;
    const table = document.createElement("table");
    const body = table.createTBody();
    for (const [field, label, form, told] of columns.slice(1)) {
      if (!told) continue;
      const line = body.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = label;
      line.append(head);
      line.insertCell().textContent = formed(row[field], form, drawn.view);
    }
    const title = document.createElement("b");
    title.textContent = year;
    tip.replaceChildren(title, table);
    rule.hidden = tip.hidden = false;
    const room = chart.clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(room, x > chart.clientWidth / 2 ? x - tip.offsetWidth - 10 : x + 10))}px`;
    tip.style.top = `${top + 8}px`;
    chart.dataset.year = year;
  }

  function leave(chart) {
    for (const part of chart.querySelectorAll(":scope > .rule, :scope > .tip")) part.hidden = true;
    delete chart.dataset.year;
  }

  function byYear(chart) {
    const drawn = chart && views.get(chart.dataset.chart);
    return drawn?.spec.usermeta?.byYear ? drawn : null;
  }

  function yearsOf(drawn) {
    return rowsShown(drawn).rows.map((row) => row.x);
  }

  document.addEventListener("pointermove", (event) => {
    const chart = event.target.closest?.(".chart");
    for (const other of document.querySelectorAll(".chart[data-year]")) {
      if (other !== chart && other !== document.activeElement) leave(other);
    }
    const drawn = byYear(chart);
    if (!drawn) return;
    const at = event.clientX - chart.getBoundingClientRect().left - drawn.view.origin()[0] - 2;
    const wanted = drawn.view.scale("x").invert(at);
    const years = yearsOf(drawn);
    if (wanted < years[0] - 0.7 || wanted > years.at(-1) + 0.7) return leave(chart);
    point(chart, years.reduce((best, year) => (Math.abs(year - wanted) < Math.abs(best - wanted) ? year : best)));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideTerm();
    const chart = event.target.closest?.(".chart");
    const drawn = byYear(chart);
    if (!drawn) return;
    if (event.key === "Escape") return leave(chart);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const years = yearsOf(drawn);
    const n = chart.dataset.year ? years.indexOf(Number(chart.dataset.year)) + step : step > 0 ? 0 : years.length - 1;
    point(chart, years[Math.max(0, Math.min(years.length - 1, n))]);
  });

  document.addEventListener("focusout", (event) => {
    if (event.target.matches?.(".chart")) leave(event.target);
  });

  // --- charts as files, made here ---------------------------------------------------------------

  const NAMES = /var\(--[a-z0-9-]+, (#[0-9a-f]{6})\)/g;

  function escaped(text) {
    return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  }

  function wrapped(text, width) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const line = `${lines.at(-1)} ${word}`.trim();
      if (line.length * 7.6 > width && lines.at(-1)) lines.push(word);
      else lines[lines.length - 1] = line;
    }
    return lines;
  }

  // The chart with its title above it, in the colours of a light page.
  async function pictureOf(chart) {
    const { view } = views.get(chart.dataset.chart);
    const inner = (await view.toSVG()).replace(NAMES, "$1");
    const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(inner).map(Number);
    const lines = wrapped(chart.dataset.title, width);
    const font = escaped(given.config.font);
    const head = lines.map((line, n) => `<text x="2" y="${20 + 20 * n}" font-family="${font}" font-size="15" font-weight="600" fill="#16202b">${escaped(line)}</text>`);
    const down = 14 + 20 * lines.length;
    const tall = height + down;
    const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${tall}" viewBox="0 0 ${width} ${tall}"><title>${escaped(chart.getAttribute("aria-label"))}</title><rect width="100%" height="100%" fill="#ffffff"/>${head.join("")}<g transform="translate(0,${down})">${inner}</g></svg>`;
    return { text, width, height: tall };
  }

  async function png({ text, width, height }) {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * width;
    canvas.height = 2 * height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }

  // With the separators that a spreadsheet of the page's language reads.
  function csv(chart) {
    const { columns, rows } = rowsShown(views.get(chart.dataset.chart));
    const { decimal } = localeOf(chart);
    const between = decimal === "," ? ";" : ",";
    const cell = (value) => {
      if (typeof value === "number") return String(value).replace(".", decimal);
      return /[";,\n]/.test(value ?? "") ? `"${value.replaceAll('"', '""')}"` : (value ?? "");
    };
    const lines = [columns.map(([, label]) => cell(label))];
    for (const row of rows) lines.push(columns.map(([field]) => cell(row[field])));
    return `\ufeff${lines.map((line) => line.join(between)).join("\r\n")}\r\n`;
  }

  async function save(button) {
    const chart = button.closest(".panel").querySelector(".chart");
    const form = button.dataset.save;
    let blob;
    if (form === "csv") blob = new Blob([csv(chart)], { type: "text/csv;charset=utf-8" });
    else {
      const picture = await pictureOf(chart);
      blob = form === "png" ? await png(picture) : new Blob([picture.text], { type: "image/svg+xml" });
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${chart.dataset.chart}.${form}`;
    link.click();
    document.documentElement.dataset.saved = `${link.download} ${blob.size}`;
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // --- terms --------------------------------------------------------------------------------------

  const box = document.getElementById("term");
  let shown = null;

  function hideTerm() {
    box.hidden = true;
    shown?.removeAttribute("aria-describedby");
    shown = null;
  }

  function showTerm(term) {
    hideTerm();
    const told = document.getElementById(`${pageOf(term).lang}-term-${term.dataset.term}`);
    box.textContent = told.querySelector("dd").textContent;
    box.lang = pageOf(term).lang;
    box.hidden = false;
    term.setAttribute("aria-describedby", "term");
    shown = term;
    placeTerm();
  }

  // Beside its term, and gone while that is out of sight: focusing one may scroll.
  function placeTerm() {
    if (!shown) return;
    const at = shown.getClientRects()[0];
    box.hidden = !at || at.bottom < 0 || at.top > innerHeight;
    if (box.hidden) return;
    const left = Math.min(at.left, innerWidth - box.offsetWidth - 16);
    const below = at.bottom + box.offsetHeight + 4 < innerHeight;
    box.style.left = `${Math.max(16, left)}px`;
    box.style.top = `${below ? at.bottom : at.top - box.offsetHeight}px`;
  }

  for (const term of document.querySelectorAll(".term")) {
    term.addEventListener("pointerenter", () => showTerm(term));
    term.addEventListener("pointerleave", (event) => event.relatedTarget !== box && hideTerm());
    term.addEventListener("focus", () => showTerm(term));
    term.addEventListener("click", () => showTerm(term));
    term.addEventListener("blur", hideTerm);
  }
  box.addEventListener("pointerleave", hideTerm);
  addEventListener("scroll", placeTerm, { passive: true });

  // --- language, choices, contents ------------------------------------------------------------------

  // What paper has at the foot of each page.
  function foot(page) {
    const quoted = (text) => `"${text.replace(/[\\"<>\n]/g, (sign) => `\\${sign.charCodeAt(0).toString(16)} `)}"`;
    const look = `font:8pt ${given.config.font};color:#555`;
    document.getElementById("paper").textContent =
      `@page{size:A4;margin:17mm 16mm 18mm;@bottom-left{content:${quoted(page.dataset.title)};${look}}` +
      `@bottom-right{content:counter(page) ${quoted(` ${page.dataset.foot} `)} counter(pages);${look}}}`;
  }

  async function show(language) {
    for (const page of document.querySelectorAll(".page")) page.hidden = page.lang !== language;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
    const page = document.getElementById(language);
    document.title = page.dataset.title;
    document.documentElement.lang = language;
    foot(page);
    await drawShown(page);
  }

  // What a slider or the selectors of a figure choose: one stop, told in words, charts and numbers.
  function choose(figure) {
    const controls = [...figure.querySelectorAll("[data-weight]")];
    const stop = controls.reduce((sum, each) => sum + each.value * each.dataset.weight, 0);
    const text = figure.querySelectorAll("ol > li")[stop].textContent;
    figure.querySelector(".stop").textContent = text;
    for (const each of controls) {
      if (each.type === "range") each.setAttribute("aria-valuetext", text);
    }
    for (const each of figure.querySelectorAll("[data-stop]")) {
      each.hidden = Number(each.dataset.stop) !== stop;
    }
    for (const element of figure.querySelectorAll(".chart")) {
      if ("told" in element.dataset) element.setAttribute("aria-label", text);
      const drawn = views.get(element.dataset.chart);
      if (drawn?.spec.params) drawn.view.signal("stop", stop).runAsync();
    }
  }

  for (const control of document.querySelectorAll("[data-weight]")) {
    control.addEventListener("input", () => choose(control.closest("figure")));
  }
  for (const field of document.querySelectorAll("[data-filter]")) {
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/);
      const table = document.getElementById(field.dataset.filter).closest("table");
      for (const row of table.tBodies[0].rows) {
        row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
      }
    });
  }
  for (const button of buttons) {
    button.addEventListener("click", () => {
      show(button.dataset.language).then(() => scrollTo(0, 0));
    });
  }
  for (const button of document.querySelectorAll("[data-save]")) {
    button.addEventListener("click", () => save(button));
  }
  for (const folded of document.querySelectorAll("details")) {
    folded.addEventListener("toggle", () => folded.open && drawShown(folded));
  }

  const wide = matchMedia("(min-width: 1001px)");
  const contents = [...document.querySelectorAll(".toc details")];
  function unfold() {
    for (const each of contents) each.open = wide.matches;
  }
  wide.addEventListener("change", unfold);
  unfold();
  for (const link of document.querySelectorAll(".toc a")) {
    link.addEventListener("click", () => unfold());
  }
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      for (const link of pageOf(target).querySelectorAll(".toc a")) {
        if (link.hash === `#${target.id}`) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  for (const section of document.querySelectorAll("section")) seen.observe(section);

  // --- room and paper -----------------------------------------------------------------------------------

  let resized = 0;
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(fit, 120);
  });
  // Paper shows what a reader could have unfolded and is marked so.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll(".page:not([hidden]) details.printed:not([open])")];
    for (const element of folded) element.open = true;
    document.body.classList.add("paper");
    for (const chart of document.querySelectorAll(".chart[data-year]")) leave(chart);
    hideTerm();
    fit();
    drawShown(document);
  });
  addEventListener("afterprint", () => {
    for (const element of folded) element.open = false;
    document.body.classList.remove("paper");
    fit();
  });

  const languages = [...document.querySelectorAll(".page")].map((page) => page.lang);
  const norwegian = /^(nb|nn|no)\b/.test(navigator.language) ? "nb" : "en";
  const asked = location.hash.slice(1).split("-")[0];
  show(languages.includes(asked) ? asked : norwegian).then(() => {
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  });
})();
