(() => {
  "use strict";
  const given = JSON.parse(document.getElementById("charts").textContent);
  const views = new Map();
  const buttons = [...document.querySelectorAll("[data-language]")];

  async function draw(element) {
    const name = element.dataset.chart;
    const language = element.closest("main").lang;
    const options = {
      mode: "vega-lite", ast: true, actions: false, renderer: "svg",
      config: given.config, formatLocale: given.locales[language],
    };
    try {
      views.set(name, (await vegaEmbed(element, given.charts[name], options)).view);
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

  for (const button of buttons) {
    button.addEventListener("click", () => show(button.dataset.language));
  }

  for (const slider of document.querySelectorAll("input[type=range]")) {
    const figure = document.getElementById(slider.dataset.figure);
    slider.addEventListener("input", () => {
      const text = figure.querySelectorAll("ol > li")[Number(slider.value)].textContent;
      slider.setAttribute("aria-valuetext", text);
      figure.querySelector("output").textContent = text;
      for (const element of figure.querySelectorAll(".chart")) {
        const view = views.get(element.dataset.chart);
        if (view) view.signal("stop", Number(slider.value)).runAsync();
      }
    });
  }

  // Paper shows what a reader could have unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const element of folded) element.open = true;
  });
  addEventListener("afterprint", () => {
    for (const element of folded) element.open = false;
  });

  const languages = buttons.map((button) => button.dataset.language);
  const norwegian = /^(nb|nn|no)\b/.test(navigator.language) ? "nb" : "en";
  const asked = location.hash.slice(1).split("-")[0];
  show(languages.includes(asked) ? asked : norwegian).then(() => {
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  });
})();
