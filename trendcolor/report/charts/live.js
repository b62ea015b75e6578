/* Draws a chart over its static twin, so that figures show under the pointer.

   Contract with the page
     <figure data-chart>                          one chart
       <div data-chart-static> ... </div>         its static twin, hidden once the live one is there
       <script type="application/json" data-chart-spec="wide">   Vega-Lite, for wide figures
       <script type="application/json" data-chart-spec="narrow"> and for narrow ones
     </figure>

   Without this script, or where a chart can't be drawn, the static twin stays. Nothing is loaded:
   the loader refuses everything, and specs are interpreted, so that no code is made from text.
   Other scripts draw by trendcolorCharts.draw(element, spec), which promises a Vega view. */
(() => {
  "use strict";

  const NARROW_BELOW = 560; // pixels
  const refuse = () => Promise.reject(new Error("charts load nothing"));
  const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

  const tip = document.createElement("div");
  tip.className = "chart-tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);

  /* Vega's tooltip handler: text only, so that a name from a table is never markup. */
  function showTip(handler, event, item, value) {
    tip.hidden = value === null || value === undefined || value === "";
    if (tip.hidden) return;
    const [first, ...rest] = String(value).split("\n");
    const head = document.createElement("b");
    head.textContent = first;
    tip.replaceChildren(head, ...rest.flatMap((line) => [document.createElement("br"), line]));
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - width - 4);
    const top = event.clientY + 18 + height > window.innerHeight
      ? event.clientY - height - 10 : event.clientY + 18;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${Math.max(4, top)}px`;
  }

  async function draw(element, spec) {
    const result = await window.vegaEmbed(element, spec, {
      mode: "vega-lite",
      renderer: "svg",
      ast: true,
      actions: false,
      defaultStyle: false,
      hover: false,
      loader,
      tooltip: showTip,
    });
    // One picture with one label: marks have roles of their own, which say nothing.
    element.setAttribute("role", "img");
    if (spec.description) element.setAttribute("aria-label", spec.description);
    element.querySelector("svg")?.setAttribute("aria-hidden", "true");
    return result.view;
  }

  const kindOf = (element) => (element.clientWidth < NARROW_BELOW ? "narrow" : "wide");

  function specOf(figure, kind) {
    const script = figure.querySelector(`script[data-chart-spec="${kind}"]`)
      ?? figure.querySelector("script[data-chart-spec]");
    return JSON.parse(script.textContent);
  }

  async function enliven(figure) {
    const place = document.createElement("div");
    place.className = "chart-live";
    place.dataset.chartLive = "";
    const twin = figure.querySelector("[data-chart-static]");
    let drawn = null;
    async function redraw() {
      const kind = kindOf(figure);
      if (kind === drawn) return;
      drawn = kind;
      const view = await draw(place, specOf(figure, kind));
      if (drawn !== kind) view.finalize();
    }
    twin.after(place);
    try {
      await redraw();
      twin.hidden = true;
      new ResizeObserver(() => redraw()).observe(figure);
    } catch (error) {
      place.remove();
      console.error(error);
    }
  }

  window.trendcolorCharts = { draw, kindOf };
  for (const figure of document.querySelectorAll("[data-chart]")) enliven(figure);
})();
