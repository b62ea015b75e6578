/* The map of colors: filters by garment and period, selects by a rectangle or by numbers, adds up.

   Contract with the page (templates/charts/map.html makes it); all of it within [data-color-map]
     <script type="application/json" data-map-data>   what color_map.map_data gives:
        lang, text (messages with {placeholders}), colors [{hex, name, l, chroma, hue, x}] with hue
        null for colors without one, states [{garment, period, denominator, withheld, cells}] with
        null for all garments or all periods and cells [color, numerator, share, low, high],
        strip [from, to] where colors without a hue stand on the axis of hues, chroma_end, radius
        [least, largest], panels {wide, narrow} of {hue, chroma}, which are Vega-Lite
     [data-map-panel="hue"], [data-map-panel="chroma"]   where the panels are drawn
     [data-map-static]                                the static twin, hidden once they are there
     [data-map-form]                                  the form, hidden until then, in it
       select[data-map-garment], select[data-map-period]   value "" is all
       input[data-map-range]                          l-low l-high chroma-low chroma-high hue-low
                                                      hue-high; hue may wrap: 330 to 30
       input[type=checkbox][data-map-neutrals]        whether colors without a hue are selected
       [data-map-reset]                               a button
     [data-map-result]   the sum of what is selected, as text; its data-share and data-numerator
                         have the figures
     [data-map-live]     the same for screen readers, once the hand rests (aria-live)
     [data-map-largest]  what the largest disc stands for

   The form is what is selected: a rectangle writes its numbers into it, and both panels draw the
   numbers as rectangles. So a selection by keyboard is the same as one by hand. */
(() => {
  "use strict";

  const REST = 400; // milliseconds until a change is read out
  const CLICK = 4; // pixels that a hand may move in a click

  const filled = (message, values) =>
    message.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  /* One decimal, rounded as Python rounds: a tie, which only .25 and .75 are, goes to even. */
  function decimal(value) {
    const rest = value % 1;
    if (rest !== 0.25 && rest !== 0.75) return value.toFixed(1);
    const tenths = Math.floor(value * 10);
    return ((tenths % 2 === 0 ? tenths : tenths + 1) / 10).toFixed(1);
  }
  const percent = (share) => `${decimal(100 * share)}%`;

  function isSelected(color, range) {
    if (color.l < range.l[0] || color.l > range.l[1]) return false;
    if (color.chroma < range.chroma[0] || color.chroma > range.chroma[1]) return false;
    if (color.hue === null) return range.neutrals;
    const [from, to] = range.hue;
    const isBelow = color.hue < to || to >= 360;
    return from <= to ? color.hue >= from && isBelow : color.hue >= from || isBelow;
  }

  class ColorMap {
    constructor(root) {
      this.root = root;
      this.data = JSON.parse(this.find("[data-map-data]").textContent);
      this.form = this.find("[data-map-form]");
      this.count = new Intl.NumberFormat(this.data.lang, { maximumFractionDigits: 0 });
      this.views = {};
      this.kind = null;
    }

    find(selector) { return this.root.querySelector(selector); }
    input(name) { return this.find(`[data-map-range="${name}"]`); }

    async start() {
      await this.drawPanels();
      this.find("[data-map-static]").hidden = true;
      this.form.hidden = false;
      this.form.addEventListener("input", () => this.show());
      this.form.addEventListener("change", () => this.show());
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.find("[data-map-reset]").addEventListener("click", () => this.reset());
      for (const panel of ["hue", "chroma"]) this.listen(panel);
      new ResizeObserver(() => this.drawPanels()).observe(this.root);
    }

    async drawPanels() {
      const kind = window.trendcolorCharts.kindOf(this.root);
      if (kind === this.kind) return;
      this.kind = kind;
      for (const [panel, spec] of Object.entries(this.data.panels[kind])) {
        this.views[panel]?.finalize();
        const place = this.find(`[data-map-panel="${panel}"]`);
        this.views[panel] = await window.trendcolorCharts.draw(place, spec);
      }
      this.show();
    }

    /* What is selected, as the form says it. */
    range() {
      const whole = this.whole();
      const pair = (name) => ["low", "high"].map((end, place) => {
        const value = this.input(`${name}-${end}`).valueAsNumber;
        return Number.isFinite(value) ? value : whole[name][place];
      });
      const rising = ([a, b]) => [Math.min(a, b), Math.max(a, b)];
      return {
        l: rising(pair("l")),
        chroma: rising(pair("chroma")),
        hue: pair("hue"),
        neutrals: this.find("[data-map-neutrals]").checked,
      };
    }

    whole() {
      return { l: [0, 100], chroma: [0, this.data.chroma_end], hue: [0, 360], neutrals: true };
    }

    write(range) {
      for (const name of ["l", "chroma", "hue"]) {
        this.input(`${name}-low`).value = range[name][0];
        this.input(`${name}-high`).value = range[name][1];
      }
      this.find("[data-map-neutrals]").checked = range.neutrals;
      this.show();
    }

    reset() { this.write(this.whole()); }

    state() {
      const garment = this.find("[data-map-garment]")?.value || null;
      const period = this.find("[data-map-period]")?.value || null;
      return this.data.states.find((state) => state.garment === garment && state.period === period);
    }

    /* The largest share in any period of this garment: so periods can be compared by eye. */
    largest(garment) {
      const cells = this.data.states.filter((state) => state.garment === garment)
        .flatMap((state) => state.cells);
      return cells.reduce((most, cell) => Math.max(most, cell[2]), 0);
    }

    show() {
      const state = this.state();
      const range = this.range();
      const rows = state ? this.rows(state, range) : [];
      const boxes = this.boxes(range);
      for (const [panel, view] of Object.entries(this.views)) {
        view.data("cells", rows).data("range", boxes[panel]).runAsync();
      }
      this.tell(state, rows);
    }

    rows(state, range) {
      const [least, most] = this.data.radius;
      const largest = this.largest(state.garment);
      const rows = state.cells.map(([place, numerator, share, low, high]) => {
        const color = this.data.colors[place];
        const size = Math.max((2 * least) ** 2, ((2 * most) ** 2 * share) / largest);
        const on = isSelected(color, range);
        const tip = this.tip(state, color, { numerator, share, low, high });
        return { ...color, numerator, share, size, on, tip };
      });
      return rows.sort((one, other) => other.size - one.size);
    }

    tip(state, color, { numerator, share, low, high }) {
      const ends = { low: decimal(100 * low), high: decimal(100 * high) };
      const counts = {
        numerator: this.count.format(numerator),
        denominator: this.count.format(state.denominator),
      };
      const lines = [color.name, color.hex];
      lines.push(`${percent(share)} (${filled(this.data.text.interval, ends)})`);
      lines.push(filled(this.data.text.count, counts));
      return lines.join("\n");
    }

    /* The numbers of the form as rectangles; none in a panel where all of it is selected. */
    boxes(range) {
      const whole = this.whole();
      const isAll = (name) => range[name][0] <= whole[name][0] && range[name][1] >= whole[name][1];
      const [low, high] = range.l;
      const box = (left, right) => ({ left, right, low, high });
      const [from, to] = range.hue;
      const hues = from <= to ? [[from, to]] : [[from, 360], [0, to]];
      const strip = range.neutrals ? [box(...this.data.strip)] : [];
      const hue = [...strip, ...hues.filter(([a, b]) => a < b).map((ends) => box(...ends))];
      return {
        hue: isAll("hue") && isAll("l") && range.neutrals ? [] : hue,
        chroma: isAll("chroma") && isAll("l") ? [] : [box(...range.chroma)],
      };
    }

    tell(state, rows) {
      const { text } = this.data;
      const result = this.find("[data-map-result]");
      const largest = this.find("[data-map-largest]");
      const isTold = state && state.denominator !== null;
      if (isTold) {
        const numerator = rows.filter((row) => row.on)
          .reduce((sum, row) => sum + row.numerator, 0);
        const share = state.denominator > 0 ? numerator / state.denominator : 0;
        result.dataset.numerator = numerator;
        result.dataset.share = share;
        result.textContent = filled(text.selected, {
          share: percent(share),
          garments: this.count.format(state.denominator),
          withheld: percent(state.withheld),
        });
        largest.textContent = rows.length
          ? filled(text.largest, { share: percent(this.largest(state.garment)) }) : "";
      } else {
        delete result.dataset.numerator;
        delete result.dataset.share;
        result.textContent = state ? text.all_withheld : text.missing;
        largest.textContent = "";
      }
      clearTimeout(this.rest);
      this.rest = setTimeout(() => {
        this.find("[data-map-live]").textContent = result.textContent;
      }, REST);
    }

    /* A rectangle drawn in a panel: its numbers go into the form. A click selects all again. */
    listen(panel) {
      const place = this.find(`[data-map-panel="${panel}"]`);
      let start = null;
      const at = (event) => {
        const view = this.views[panel];
        const svg = place.querySelector("svg");
        const shown = svg.getBoundingClientRect();
        const zoom = svg.viewBox.baseVal.width / shown.width;
        const [left, top] = this.corner(view);
        const within = (value, end) => Math.min(end, Math.max(0, value));
        const x = within((event.clientX - shown.left) * zoom - left, view.signal("width"));
        const y = within((event.clientY - shown.top) * zoom - top, view.signal("height"));
        return { x: view.scale("x").invert(x), y: view.scale("y").invert(y) };
      };
      place.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        event.preventDefault();
        start = { at: at(event), x: event.clientX, y: event.clientY };
        place.setPointerCapture(event.pointerId);
      });
      place.addEventListener("pointermove", (event) => {
        if (start && !this.isClick(start, event)) this.select(panel, start.at, at(event));
      });
      place.addEventListener("pointerup", (event) => {
        if (start && this.isClick(start, event)) this.clear(panel);
        start = null;
      });
      place.addEventListener("pointercancel", () => { start = null; });
    }

    /* Where a view's marks begin within its picture. */
    corner(view) {
      const [x, y] = view.origin();
      const padding = view.padding();
      return [x + (padding.left ?? padding), y + (padding.top ?? padding)];
    }

    isClick(start, event) {
      return Math.hypot(event.clientX - start.x, event.clientY - start.y) < CLICK;
    }

    select(panel, one, other) {
      const ends = (a, b, [low, high]) => [Math.min(a, b), Math.max(a, b)]
        .map((value) => Math.round(Math.min(high, Math.max(low, value))));
      const whole = this.whole();
      const range = { ...this.range(), l: ends(one.y, other.y, whole.l) };
      if (panel === "chroma") {
        range.chroma = ends(one.x, other.x, whole.chroma);
      } else {
        range.hue = ends(one.x, other.x, whole.hue);
        range.neutrals = Math.min(one.x, other.x) < this.data.strip[1];
      }
      this.write(range);
    }

    clear(panel) {
      const { l, chroma, hue, neutrals } = this.whole();
      const part = panel === "chroma" ? { l, chroma } : { l, hue, neutrals };
      this.write({ ...this.range(), ...part });
    }
  }

  for (const root of document.querySelectorAll("[data-color-map]")) {
    new ColorMap(root).start().catch((error) => console.error(error));
  }
})();
