// The grid: rows are years, columns regions; typed, moved by keys, pasted. One cell is one input.

import { wholeIn } from "./paste.js";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== "") made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export const filled = (text, values) =>
  text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));

const DOWN = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };

export class Grid {
  // `moved(cells)` is told of cells that get other values, [{year, region, value}].
  constructor(table, note, given, moved) {
    Object.assign(this, { table, note, given, moved, inputs: [], sums: [], columns: [], part: given.grids[0] });
    this.format = new Intl.NumberFormat(given.language === "nb" ? "nb-NO" : "en-GB");
    table.addEventListener("keydown", (event) => this.pressed(event));
    table.addEventListener("focusin", (event) => this.entered(event.target));
    table.addEventListener("focusout", (event) => this.settle(event.target));
    table.addEventListener("input", (event) => { event.target.dataset.typed = "1"; });
  }

  number(value) { return this.format.format(value).replace("-", "\u2212"); }

  build(part) {
    const { given } = this, say = given.texts;
    this.part = part;
    this.inputs = [];
    this.sums = [];
    const head = element("tr", {}, element("th", { scope: "col" }, say.year));
    for (const region of given.regions) {
      head.append(element("th", { scope: "col", title: region.name }, region.short));
    }
    head.append(element("th", { scope: "col" }, say.sum), element("th", { scope: "col" }, say.running));
    const body = element("tbody");
    given.years.forEach((year, y) => {
      const row = element("tr", {}, element("th", { scope: "row" }, String(year)));
      this.inputs.push(given.regions.map((region, r) => {
        const input = element("input", { inputmode: "numeric", autocomplete: "off" });
        Object.assign(input.dataset, { year: y, region: r });
        row.append(element("td", {}, input));
        return input;
      }));
      const total = element("td", { class: "total" }), running = element("td", { class: "running" });
      row.append(total, running);
      this.sums.push([total, running]);
      body.append(row);
    });
    this.columns = [...given.regions, 0].map(() => element("td"));
    body.append(element("tr", { class: "sum" }, element("th", { scope: "row" }, say.sum), ...this.columns, element("td")));
    const title = filled(say.grid_title, { part: part.name });
    this.table.replaceChildren(element("caption", {}, title), element("thead", {}, head), body);
  }

  // Show a plan [row][year] beside the one it began from; a cell being typed in is left alone.
  show(plan, from) {
    const { first } = this.part, sums = this.columns.map(() => 0);
    let running = 0;
    this.inputs.forEach((row, y) => {
      let total = 0;
      row.forEach((input, r) => {
        const value = plan[first + r][y];
        if (!input.dataset.typed) input.value = String(Math.round(value * 100) / 100);
        input.parentElement.classList.toggle("zero", value === 0);
        input.parentElement.classList.toggle("changed", value !== from[first + r][y]);
        total += value;
        sums[r] += value;
      });
      running += total;
      this.sums[y][0].textContent = total ? this.number(total) : "–";
      this.sums[y][1].textContent = this.number(running);
    });
    sums[sums.length - 1] = running;
    this.columns.forEach((cell, n) => { cell.textContent = this.number(sums[n]); });
    this.plan = plan;
  }

  // Mark what a plan breaks: cells by capacity, sums by pace and number.
  mark(cells) {
    this.cells = cells;
    const { given } = this, from = given.watched.indexOf(given.years[0]);
    this.inputs.forEach((row, y) => {
      row.forEach((input, r) => {
        const over = cells.over[r][from + y], use = cells.text[r][from + y], cell = input.parentElement;
        cell.classList.toggle("over", over);
        cell.title = use;
        const name = `${given.regions[r].name} ${given.years[y]}`;
        input.setAttribute("aria-label", over ? `${name}, ${given.texts.over_capacity}: ${use}` : name);
      });
      const broken = cells.sums[`${this.part.family} ${given.years[y]}`] ?? "";
      this.sums[y][0].classList.toggle("over", Boolean(broken));
      this.sums[y][0].title = broken;
    });
    if (document.activeElement?.dataset?.year !== undefined) this.tell(document.activeElement);
  }

  tell(input) {
    const { year, region } = input.dataset;
    if (!this.cells || this.note.classList.contains("bad")) return;
    const { given } = this, from = given.watched.indexOf(given.years[0]);
    const use = this.cells.text[region][from + Number(year)];
    const broken = this.cells.sums[`${this.part.family} ${given.years[year]}`] ?? "";
    const where = `${given.regions[region].name} ${given.years[year]}`;
    this.note.textContent = [use && `${where}: ${use}`, broken].filter(Boolean).join(". ");
  }

  entered(input) {
    if (input.dataset?.year === undefined) return;
    this.at = { year: Number(input.dataset.year), region: Number(input.dataset.region) };
    input.select();
    this.tell(input);
  }

  refuse(text, input) {
    this.note.classList.add("bad");
    this.note.textContent = text;
    input?.parentElement.classList.add("refused");
    input?.setAttribute("aria-invalid", "true");
  }

  clear() {
    this.note.classList.remove("bad");
    this.note.textContent = "";
    for (const cell of this.table.querySelectorAll(".refused")) {
      cell.classList.remove("refused");
      cell.firstChild.removeAttribute("aria-invalid");
    }
  }

  // Take what was typed, or refuse it and put the old value back.
  settle(input) {
    if (!input.dataset?.typed) return;
    const year = Number(input.dataset.year), region = Number(input.dataset.region);
    const typed = input.value, old = this.plan[this.part.first + region][year];
    const value = wholeIn(typed, this.part.least[region][year]);
    delete input.dataset.typed;
    this.clear();
    if (value === undefined) {
      input.value = String(old);
      this.refuse(this.refusal(typed, region, year), input);
    } else {
      input.value = String(value);
      if (value !== old) this.moved([{ year, region, value }]);
    }
  }

  refusal(typed, region, year) {
    const { given } = this, least = this.part.least[region][year];
    const where = `${given.regions[region].name} ${given.years[year]}`;
    return filled(least < 0 ? given.texts.refused_below : given.texts.refused, { where, typed: typed.slice(0, 20), least });
  }

  pressed(event) {
    const input = event.target;
    if (input.dataset?.year === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const old = () => String(this.plan[this.part.first + Number(input.dataset.region)][Number(input.dataset.year)]);
    if (event.key === "Escape") {
      delete input.dataset.typed;
      input.value = old();
      input.select();
      this.clear();
      this.tell(input);
    } else if (event.key === "Delete" && !input.dataset.typed) {
      input.value = "0";
      input.dataset.typed = "1";
      this.settle(input);
      input.select();
    } else if (event.key in DOWN) {
      const [down, right] = DOWN[event.key];
      this.settle(input);
      this.go(Number(input.dataset.year) + (event.shiftKey ? -down : down), Number(input.dataset.region) + right);
    } else {
      return;
    }
    event.preventDefault();
  }

  go(year, region) {
    const to = this.inputs[Math.max(0, Math.min(year, this.inputs.length - 1))];
    to[Math.max(0, Math.min(region, to.length - 1))].focus();
  }
}
