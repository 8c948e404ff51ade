(() => {
  "use strict";
  const given = JSON.parse(document.getElementById("charts").textContent);
  const views = new Map();
  const buttons = [...document.querySelectorAll("[data-language]")];

  // Charts share specifications and rows: each names the numbers of its own.
  function whole([spec, rows]) {
    const datasets = Object.entries(rows).map(([name, n]) => [name, given.rows[n]]);
    return { ...structuredClone(given.specs[spec]), datasets: Object.fromEntries(datasets) };
  }

  async function draw(element) {
    const name = element.dataset.chart;
    const language = element.closest("main").lang;
    const options = {
      mode: "vega-lite", ast: true, actions: false, renderer: "svg",
      config: given.config, formatLocale: given.locales[language],
    };
    try {
      views.set(name, (await vegaEmbed(element, whole(given.charts[name]), options)).view);
    } catch (error) {
      console.error(name, error);
      element.textContent = element.dataset.failed;
    }
  }

  // A hidden chart has no width, so each language's charts are drawn when it is first shown.
  async function show(language) {
    for (const main of document.querySelectorAll("main")) main.hidden = main.lang !== language;
    for (const button of buttons) {
      const pressed = button.dataset.language === language;
      button.setAttribute("aria-pressed", String(pressed));
      if (pressed) document.title = button.dataset.title;
    }
    document.documentElement.lang = language;
    const waiting = document.querySelectorAll(`main[lang=${language}] .chart:not([data-drawn])`);
    for (const element of waiting) {
      element.dataset.drawn = "";
      await draw(element);
    }
    document.documentElement.dataset.drawn = String(views.size);
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
      const view = views.get(element.dataset.chart);
      if (view) view.signal("stop", stop).runAsync();
    }
  }

  for (const control of document.querySelectorAll("[data-weight]")) {
    control.addEventListener("input", () => choose(control.closest("figure")));
  }
  for (const button of buttons) {
    button.addEventListener("click", () => show(button.dataset.language));
  }

  // A chart is as wide as its place; vega notices only when the window changes.
  function fit() {
    for (const [name, view] of views) {
      const place = document.querySelector(`[data-chart="${name}"]`);
      if (place.clientWidth) view.signal("width", place.clientWidth).runAsync();
    }
  }

  // Paper shows what a reader could have unfolded, but for the numbers of charts it shows.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.printed:not([open])")];
    for (const element of folded) element.open = true;
    document.body.classList.add("paper");
    fit();
  });
  addEventListener("afterprint", () => {
    for (const element of folded) element.open = false;
    document.body.classList.remove("paper");
    fit();
  });

  const languages = buttons.map((button) => button.dataset.language);
  const norwegian = /^(nb|nn|no)\b/.test(navigator.language) ? "nb" : "en";
  const asked = location.hash.slice(1).split("-")[0];
  show(languages.includes(asked) ? asked : norwegian).then(() => {
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  });
})();
