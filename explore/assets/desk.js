// The desk: two plans, what was done to them, and what follows from them as the server says.

import { Chart } from "./chart.js";
import { Grid, element, filled } from "./grid.js";
import { placed, wholeIn } from "./paste.js";

const MOST_STEPS = 100, PAUSE = 150;
const query = `?result=${document.body.dataset.result}`;
const find = (id) => document.getElementById(id);
const copied = (state) => JSON.parse(JSON.stringify(state));
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const given = await (await fetch(`start.json${query}`)).json();
const say = given.texts;
const presets = [...given.presets];
const none = Math.max(0, presets.findIndex((each) => each.key === "none"));
let now = { plan: copied(presets[0].plan), units: { ...presets[0].units }, preset: 0, futures: 0 };
let saved = copied(now), other = none, answer = given.answer, timer = 0, asking = false, again = false;
let past = [], coming = [];

const grid = new Grid(find("grid"), find("note"), given, (cells) => change((state) => {
  for (const { year, region, value } of cells) state.plan[grid.part.first + region][year] = value;
}));
const chart = new Chart(find("drawn"), given);

// ---- what is done to the plan

function change(how) {
  const next = copied(now);
  how(next);
  if (same(next, now)) return;
  past.push(now);
  if (past.length > MOST_STEPS) past.shift();
  coming = [];
  now = next;
  shown();
}

function step(from, to) {
  if (!from.length) return;
  to.push(now);
  now = from.pop();
  grid.clear();
  shown();
}

function shown() {
  showPlan();
  ask();
}

function showPlan() {
  grid.show(now.plan, presets[now.preset].plan);
  find("preset").value = String(now.preset);
  if (find("futures")) find("futures").value = String(now.futures);
  find("undo").disabled = !past.length;
  find("redo").disabled = !coming.length;
  find("reset").disabled = same(now.plan, presets[now.preset].plan) && same(now.units, presets[now.preset].units);
  for (const input of document.querySelectorAll("#units input")) input.value = String(now.units[input.dataset.key]);
  const used = Object.values(now.units).filter((units) => units > 0).length;
  if (find("in-use")) find("in-use").textContent = filled(say.in_use, { count: used });
}

// ---- what follows

function ask() {
  const busy = document.querySelector(".right");
  busy.classList.add("waiting");
  busy.setAttribute("aria-busy", "true");
  find("status").textContent = say.working;
  clearTimeout(timer);
  timer = setTimeout(send, PAUSE);
}

async function send() {
  if (asking) { again = true; return; }
  asking = true;
  again = false;
  const asked = now, b = presets[other];
  const body = JSON.stringify({
    a: { plan: asked.plan, units: asked.units }, b: { plan: b.plan, units: b.units },
    place: Number(find("place").value), group: Number(find("group")?.value ?? 0),
    futures: asked.futures,
  });
  try {
    const said = await fetch(`answer${query}`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const found = await said.json();
    if (said.ok && !again) { answer = found; tell(); } else if (!said.ok) refused(found.problems);
  } catch {
    find("status").textContent = say.lost;
  } finally {
    asking = false;
    if (again) send();
  }
}

function refused(problems) {
  grid.refuse(problems.join(" "));
  find("status").textContent = say.refused_status;
}

function tell() {
  const busy = document.querySelector(".right");
  busy.classList.remove("waiting");
  busy.removeAttribute("aria-busy");
  find("cards").replaceChildren(...answer.cards.map((card) => element("div", {},
    element("dt", {}, card.title),
    element("dd", { class: "number" }, card.number, element("small", {}, ` ${card.unit}`)),
    ...(card.delta ? [element("dd", { class: `delta ${card.tone}` }, card.delta)] : []),
    element("dd", { class: "b" }, card.b))));
  find("warning").className = answer.warning.broken ? "warning" : "warning kept";
  find("warning").replaceChildren(...answer.warning.lines.map((line) => element("p", {}, line)));
  grid.mark(answer.cells);
  strip();
  const heads = ["", "A", "B", "A − B"];
  table("both", say.comparison, heads, answer.comparison);
  table("limits", say.limits_caption, [say.limit, say.allowed, "A", "B", say.kept], answer.limits);
  if (find("waiting")) table("waiting", say.waiting_caption, [say.posts_of, say.opened, say.waiting], answer.waiting);
  side();
  draw();
  find("status").textContent = say.ready;
}

function table(id, caption, heads, rows) {
  find(id).replaceChildren(
    element("caption", id === "both" ? { class: "unseen" } : {}, caption),
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows.map(([name, ...cells]) => element("tr", {},
      element("th", { scope: "row" }, name), ...cells.map((cell) => element("td", {}, cell))))));
}

function strip() {
  const { cells } = answer, over = given.watched.filter((_, y) => cells.over.some((row) => row[y]));
  const last = Math.max(given.years[0] + 10, over.length ? over[over.length - 1] + 1 : 0);
  const years = given.watched.filter((year) => year <= last);
  const head = years.map((year) => element("th", { scope: "col", "aria-label": String(year) }, String(year).slice(2)));
  find("strip").replaceChildren(
    element("caption", {}, say.strip, element("small", {}, `${say.strip_below}, ${years[0]}–${years[years.length - 1]}`)),
    element("thead", {}, element("tr", {}, element("td"), ...head)),
    element("tbody", {}, ...given.regions.map((region, r) => element("tr", {}, element("th", { scope: "row" }, region.short),
      ...years.map((year, y) => element("td", { class: cells.over[r][y] ? "over" : "", title: `${region.name} ${year}: ${cells.text[r][y] || say.no_capacity}` },
        cells.over[r][y] ? cells.short[r][y] : "·"))))));
}

// Both plans side by side: new posts by year and region, in the years in which either opens any.
function side() {
  const plans = [now.plan, presets[other].plan], { first } = grid.part, { regions } = given;
  const cells = (plan, y) => {
    const found = regions.map((_, r) => plan[first + r][y]);
    return [...found, found.reduce((total, value) => total + value, 0)];
  };
  const years = given.years.map((_, y) => y).filter((y) => plans.some((plan) => cells(plan, y).some((value) => value)));
  const row = (name, values, kind) => element("tr", { class: kind }, element("th", { scope: "row" }, name),
    ...values.map((value, n) => element("td", { class: `${value ? "" : "zero"}${n === regions.length + 1 ? " next" : ""}` }, grid.number(value))));
  const sums = plans.flatMap((plan) => given.years.map((_, y) => cells(plan, y)).reduce((total, each) => total.map((value, n) => value + each[n])));
  const heads = [...regions.map((region) => region.short), say.sum];
  const titles = [`A: ${presets[now.preset].name}${find("reset").disabled ? "" : `, ${say.changed}`}`, `B: ${presets[other].name}`];
  find("side").replaceChildren(
    element("caption", {}, filled(say.plans_side, { part: grid.part.name })),
    element("thead", {},
      element("tr", {}, element("td"), ...titles.map((title, n) => element("th", { scope: "colgroup", colspan: String(heads.length), class: n ? "plan next" : "plan" }, title))),
      element("tr", {}, element("th", { scope: "col" }, say.year), ...[...heads, ...heads].map((head, n) => element("th", { scope: "col", class: n === heads.length ? "next" : "" }, head)))),
    element("tbody", {}, ...years.map((y) => row(String(given.years[y]), plans.flatMap((plan) => cells(plan, y)), "")), row(say.sum, sums, "sum")));
}

function draw() {
  chart.paths = find("paths").checked;
  chart.draw(answer.chart);
  const start = chart.low ? ` ${filled(say.axis, { start: chart.number(chart.low) })}` : "";
  find("chart-below").textContent = chart.paths ? say.paths_below : say.chart_below + start;
  const [heads, ...rows] = chart.rows();
  table("chart-table", answer.chart.said, heads, rows.map(([year, ...cells]) => [year, ...cells.map((value) => chart.number(value))]));
}

// ---- paste, files, presets

function pasteIn(text) {
  grid.clear();
  if (/(^|[,;\t])"?slots"?([,;\t]|$)/im.test(text.split("\n", 1)[0])) return openText("plan.csv", text);
  const at = grid.at ?? { year: 0, region: 0 };
  const cells = placed(text, at, given.years, given.regions);
  if (!Array.isArray(cells)) return grid.refuse(filled(say[cells.problem], cells));
  for (const cell of cells) {
    cell.value = wholeIn(cell.text, grid.part.least[cell.region][cell.year]);
    if (cell.value === undefined) return grid.refuse(grid.refusal(cell.text, cell.region, cell.year));
  }
  const input = document.activeElement;
  if (input?.dataset) delete input.dataset.typed;
  return grid.moved(cells);
}

async function openText(name, text) {
  const said = await fetch(`open${query}&name=${encodeURIComponent(name)}`, { method: "POST", body: text });
  const found = await said.json();
  if (!said.ok) { grid.refuse(found.problems.join(" ")); return; }
  addPreset({ key: `file ${name}`, name, plan: found.plan, units: { ...now.units }, futures: now.futures });
  choose(presets.length - 1);
}

function addPreset(preset) {
  presets.push(preset);
  for (const id of ["preset", "other"]) {
    const number = presets.length - 1, name = id === "other" ? `B: ${preset.name}` : preset.name;
    find(id).insertBefore(element("option", { value: String(number) }, name), find(id).querySelector("[value=file]"));
  }
}

function choose(number) {
  grid.clear();
  change((state) => {
    state.plan = copied(presets[number].plan);
    state.units = { ...presets[number].units };
    state.preset = number;
    state.futures = presets[number].futures;
  });
}

async function save() {
  const said = await fetch(`plan.csv${query}`, { method: "POST", body: JSON.stringify({ plan: now.plan }) });
  const found = await said.json();
  if (!said.ok) { grid.refuse(found.problems.join(" ")); return; }
  download(new Blob([found.text], { type: "text/csv" }), "plan.csv");
  saved = copied(now);
  find("status").textContent = say.saved;
}

function download(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function take(kind) {
  if (kind === "csv") {
    const mark = given.language === "nb" ? ";" : ",";
    const text = chart.rows().map((row) => row.join(mark)).join("\r\n");
    download(new Blob([`\ufeff${text}\r\n`], { type: "text/csv" }), "chart.csv");
    return;
  }
  const svg = new Blob([chart.alone()], { type: "image/svg+xml" });
  if (kind === "svg") { download(svg, "chart.svg"); return; }
  const image = new Image();
  image.onload = () => {
    const canvas = element("canvas", { width: 2 * image.width, height: 2 * image.height });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => download(blob, "chart.png"), "image/png");
    URL.revokeObjectURL(image.src);
  };
  image.src = URL.createObjectURL(svg);
}

// ---- the page

function fill() {
  presets.forEach((preset, n) => {
    find("preset").append(element("option", { value: String(n) }, preset.name));
    find("other").append(element("option", { value: String(n) }, `B: ${preset.name}`));
  });
  find("preset").append(element("option", { value: "file" }, say.from_file));
  find("other").append(element("option", { value: "file", disabled: true, hidden: true }));
  find("other").value = String(other);
  given.places.forEach((name, n) => find("place").append(element("option", { value: String(n) }, name)));
  given.futures.forEach((name, n) => find("futures")?.append(element("option", { value: String(n) }, name)));
  given.groups.forEach((name, n) => find("group")?.append(element("option", { value: String(n) }, name)));
  for (const each of given.measures) {
    const input = element("input", { type: "number", min: "0", max: String(each.most), step: "any", disabled: Boolean(each.problem), "aria-label": `${each.name}: ${each.unit}` });
    input.dataset.key = each.key;
    input.addEventListener("change", () => {
      const value = Number(input.value);
      if (input.value === "" || !(value >= 0 && value <= each.most)) {
        input.value = String(now.units[each.key]);
        grid.refuse(filled(say.refused_units, { name: each.name, most: each.most }));
        return;
      }
      grid.clear();
      change((state) => { state.units[each.key] = value; });
    });
    const below = each.problem || `${each.unit}, ${filled(say.at_most, { most: grid.number(each.most) })}`;
    find("units").append(element("tr", {}, element("th", { scope: "row" }, each.name, element("small", {}, below)), element("td", {}, input)));
  }
}

fill();
grid.build(given.grids[0]);
const on = (id, kind, what) => find(id)?.addEventListener(kind, what);
on("undo", "click", () => step(past, coming));
on("redo", "click", () => step(coming, past));
on("reset", "click", () => choose(now.preset));
on("save", "click", save);
on("open", "click", () => find("file").click());
on("file", "change", async (event) => {
  const [file] = event.target.files;
  if (file) openText(file.name, await file.text());
  event.target.value = "";
});
on("preset", "change", (event) => {
  if (event.target.value !== "file") { choose(Number(event.target.value)); return; }
  event.target.value = String(now.preset);
  find("file").click();
});
on("other", "change", (event) => { other = Number(event.target.value); ask(); });
on("keep", "click", () => {
  const count = presets.filter((each) => each.key.startsWith("kept ")).length + 1;
  addPreset({ key: `kept ${count}`, name: filled(say.kept_name, { count }), plan: copied(now.plan), units: { ...now.units }, futures: now.futures });
  other = presets.length - 1;
  find("other").value = String(other);
  ask();
});
on("part", "change", (event) => { grid.build(given.grids[Number(event.target.value)]); grid.show(now.plan, presets[now.preset].plan); grid.mark(answer.cells); side(); });
on("place", "change", ask);
on("futures", "change", (event) => change((state) => { state.futures = Number(event.target.value); }));
on("group", "change", ask);
on("paths", "change", draw);
on("result", "change", (event) => { location.search = `?result=${event.target.value}`; });
on("paste", "click", () => { find("pasted").value = ""; find("pasting").showModal(); });
on("pasting", "close", () => { if (find("pasting").returnValue === "yes" && find("pasted").value) pasteIn(find("pasted").value); });
for (const button of document.querySelectorAll("[data-take]")) button.addEventListener("click", () => take(button.dataset.take));
find("grid").addEventListener("paste", (event) => {
  event.preventDefault();
  pasteIn(event.clipboardData.getData("text/plain"));
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.localName === "textarea") return;
  const key = event.key.toLowerCase(), typed = event.target.dataset?.typed;
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  if (typed) {
    delete event.target.dataset.typed;
    shown();
  } else if (key === "y" || event.shiftKey) step(coming, past);
  else step(past, coming);
  if (event.target.dataset?.year !== undefined) event.target.select();
});
addEventListener("beforeunload", (event) => { if (!same(now.plan, saved.plan)) event.preventDefault(); });
showPlan();
tell();
document.documentElement.dataset.ready = "1";
