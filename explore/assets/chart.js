// The chart: need as a fan, supply under both plans; drawn at the width at which it is seen.

import { element } from "./grid.js";

const SPACE = "http://www.w3.org/2000/svg";
const APART = 30;

function shape(name, attributes, ...children) {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Round steps of an axis that hold both ends, four to six of them.
export function steps(low, high) {
  const span = high - low || Math.abs(high) || 1, power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => span / each <= 5) ?? 10 * power;
  const first = Math.floor(low / step) * step, found = [];
  for (let at = first; at < high + step; at += step) found.push(at);
  return found;
}

function apart(labels, bottom) {
  labels.sort((one, other) => one.y - other.y);
  labels.forEach((label, n) => { if (n) label.y = Math.max(label.y, labels[n - 1].y + APART); });
  const beyond = labels.length ? labels[labels.length - 1].y + 15 - bottom : 0;
  if (beyond > 0) for (const label of labels) label.y -= beyond;
  return labels;
}

export class Chart {
  constructor(place, given) {
    Object.assign(this, { place, given, at: null });
    this.format = new Intl.NumberFormat(given.language === "nb" ? "nb-NO" : "en-GB", { maximumFractionDigits: 0 });
    new ResizeObserver(() => { if (this.data && place.clientWidth !== this.width) this.draw(this.data); }).observe(place);
  }

  number(value) { return this.format.format(value).replace("-", "\u2212").replace(/\u00a0/g, "\u202f"); }

  // `data` is what the server says of the chart.
  draw(data) {
    const { given, place } = this, say = given.texts, years = given.all_years;
    Object.assign(this, { data, width: place.clientWidth });
    const width = Math.max(280, place.clientWidth), narrow = width < 560;
    const height = narrow ? 270 : 290, left = 56, right = narrow ? 92 : 138, top = 38, bottom = height - 26;
    const alone = this.paths;
    const all = alone ? data.paths.flat() : [...data.need.flat(), ...data.supply.flat(), ...data.other];
    const ticks = steps(Math.min(...all, ...(alone ? [0] : [])), Math.max(...all));
    const low = ticks[0], high = ticks[ticks.length - 1];
    this.low = low;
    const x = (n) => left + ((width - left - right) * n) / (years.length - 1);
    const y = (value) => bottom - ((bottom - top) * (value - low)) / (high - low);
    const line = (values) => values.map((value, n) => `${n ? "L" : "M"}${x(n).toFixed(1)},${y(value).toFixed(1)}`).join("");
    const band = (lower, upper) => `${line(upper)}${[...lower].map((value, n) => [value, n]).reverse().map(([value, n]) => `L${x(n).toFixed(1)},${y(value).toFixed(1)}`).join("")}Z`;
    const path = (kind, d) => shape("path", { class: kind, d });
    const text = (kind, at, words, anchor = "start") => shape("text", { class: kind, x: at[0], y: at[1], "text-anchor": anchor }, words);
    const drawn = shape("svg", { class: "fan", viewBox: `0 0 ${width} ${height}`, role: "img", tabindex: "0", "aria-labelledby": "fan-title fan-said" });
    drawn.append(shape("title", { id: "fan-title" }, say.chart_title), shape("desc", { id: "fan-said" }, data.said));
    const [from, to] = given.window.map((year) => x(years.indexOf(year)));
    drawn.append(shape("rect", { class: "window", x: from, y: top - 10, width: to - from, height: bottom - top + 10 }));
    drawn.append(text("", [(from + to) / 2, top - 16], `${say.judged} ${given.window.join("–")}`, "middle"));
    drawn.append(text("", [0, 12], alone ? say.gap_unit : say.unit));
    for (const tick of ticks) {
      drawn.append(shape("line", { class: tick === low ? "axis" : "rule", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }));
      drawn.append(text("", [left - 8, y(tick) + 4.5], this.number(tick), "end"));
    }
    const every = narrow ? 10 : 5;
    years.forEach((year, n) => {
      if (year % every) return;
      drawn.append(shape("line", { class: "axis", x1: x(n), x2: x(n), y1: bottom, y2: bottom + 5 }));
      drawn.append(text("", [x(n), bottom + 20], String(year), "middle"));
    });
    if (alone) {
      for (const values of data.paths) drawn.append(path("line path", line(values)));
    } else {
      this.fans(drawn, { path, line, band, text, x, y, width, right, bottom, narrow });
    }
    this.pointer = shape("line", { class: "pointer", y1: top - 10, y2: bottom, visibility: "hidden" });
    this.tip = element("div", { class: "tip", hidden: true });
    drawn.append(this.pointer);
    place.replaceChildren(drawn, this.tip);
    this.listen(drawn, x, years.length, width);
  }

  fans(drawn, { path, line, band, text, x, y, width, right, bottom, narrow }) {
    const { data, given } = this, say = given.texts, last = given.all_years.length - 1;
    const [outer, inner, middle, upper, top] = data.need;
    drawn.append(
      path("band need outer", band(outer, top)),
      path("band need half", band(inner, upper)),
      path("band plan", band(data.supply[0], data.supply[4])),
      path("line need", line(middle)),
      path("line other", line(data.other)),
      path("line plan", line(data.supply[2])),
    );
    if (!narrow) {
      const n = Math.round(0.93 * last);
      drawn.append(text("need halo", [x(n), y(top[n]) + 17], say.eight_in_ten, "end"));
      drawn.append(text("need halo", [x(n), y(upper[n]) + 15], say.half, "end"));
    }
    const labels = [
      { y: y(middle[last]), kind: "need", name: say.need, value: middle[last] },
      { y: y(data.supply[2][last]), kind: "plan", name: narrow ? "A" : say.supply_a, value: data.supply[2][last] },
      { y: y(data.other[last]), kind: "other", name: narrow ? "B" : say.supply_b, value: data.other[last] },
    ];
    for (const label of apart(labels, bottom)) {
      drawn.append(text(`${label.kind} strong`, [width - right + 8, label.y], label.name));
      drawn.append(text(label.kind, [width - right + 8, label.y + 15], this.number(label.value)));
    }
  }

  // One rule on the year under the pointer, or moved by arrow keys; all values in one box.
  listen(drawn, x, count, width) {
    const show = (n) => {
      this.at = Math.max(0, Math.min(count - 1, n));
      this.pointer.setAttribute("x1", x(this.at));
      this.pointer.setAttribute("x2", x(this.at));
      this.pointer.setAttribute("visibility", "visible");
      this.tip.replaceChildren(element("b", {}, String(this.given.all_years[this.at])), ...this.values(this.at).map((each) => element("div", {}, each)));
      this.tip.hidden = false;
      const right = x(this.at) > width / 2;
      this.tip.style.left = right ? "" : `${x(this.at) + 10}px`;
      this.tip.style.right = right ? `${width - x(this.at) + 10}px` : "";
    };
    const hide = () => {
      this.pointer.setAttribute("visibility", "hidden");
      this.tip.hidden = true;
    };
    drawn.addEventListener("pointermove", (event) => {
      const box = drawn.getBoundingClientRect(), at = ((event.clientX - box.left) * width) / box.width;
      show(Math.round(((at - x(0)) / (x(count - 1) - x(0))) * (count - 1)));
    });
    drawn.addEventListener("pointerleave", hide);
    drawn.addEventListener("blur", hide);
    drawn.addEventListener("focus", () => { if (drawn.matches(":focus-visible")) show(this.at ?? this.given.all_years.indexOf(this.given.window[1])); });
    drawn.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") hide();
      if (!by) return;
      show((this.at ?? 0) + by);
      event.preventDefault();
    });
  }

  values(n) {
    const { data, given } = this, say = given.texts;
    if (this.paths) {
      const sorted = data.paths.map((each) => each[n]).sort((one, other) => one - other);
      return [`${say.gap_span} ${this.number(sorted[0])}–${this.number(sorted[sorted.length - 1])}`];
    }
    const span = (rows) => `(${this.number(rows[0][n])}–${this.number(rows[4][n])})`;
    return [
      `${say.need} ${this.number(data.need[2][n])} ${span(data.need)}`,
      `${say.supply_a} ${this.number(data.supply[2][n])} ${span(data.supply)}`,
      `${say.supply_b} ${this.number(data.other[n])}`,
    ];
  }

  // The numbers of the chart by year: headings, then rows.
  rows() {
    const { data, given } = this, say = given.texts;
    const heads = [say.year, say.need, `${say.need} 10 %`, `${say.need} 90 %`, say.supply_a, `${say.supply_a} 10 %`, `${say.supply_a} 90 %`, say.supply_b];
    const pick = [data.need[2], data.need[0], data.need[4], data.supply[2], data.supply[0], data.supply[4], data.other];
    return [heads, ...given.all_years.map((year, n) => [String(year), ...pick.map((values) => values[n])])];
  }

  // The chart as SVG that stands alone: every look written out.
  alone() {
    const drawn = this.place.querySelector("svg"), copy = drawn.cloneNode(true);
    const [of, to] = [drawn, copy].map((each) => [each, ...each.querySelectorAll("*")]);
    of.forEach((each, n) => {
      const look = getComputedStyle(each);
      for (const key of ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "font-size", "font-weight", "font-family", "paint-order", "visibility"]) {
        to[n].setAttribute(key, look.getPropertyValue(key));
      }
      to[n].removeAttribute("class");
    });
    const box = drawn.viewBox.baseVal;
    copy.setAttribute("xmlns", SPACE);
    copy.setAttribute("width", box.width);
    copy.setAttribute("height", box.height);
    const ground = shape("rect", { width: box.width, height: box.height, fill: getComputedStyle(document.body).backgroundColor });
    copy.insertBefore(ground, copy.children[2]);
    return new XMLSerializer().serializeToString(copy);
  }
}
