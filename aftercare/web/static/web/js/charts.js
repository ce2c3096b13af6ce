// Dense time series by uPlot: shared cursor, drag to zoom (into the address), marks, thresholds, gaps hatched, numbers as a table.
(() => {
  const { say, zone } = window.aftercare;
  const { CLOCK, DAY, token, make, isKnown, number, instant, zoneName, hatch, band, lines, labels, tip } = window.aftercare.chart;
  const SERIES = 6;
  const DASHES = [[], [6, 3], [2, 3], [10, 3, 2, 3], [], [6, 3]];
  let library = null;

  function load() {
    const where = document.querySelector("meta[name=uplot]");
    library ||= new Promise((done, fail) => {
      const script = Object.assign(document.createElement("script"), { src: where.content, onload: () => done(window.uPlot), onerror: fail });
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: where.dataset.styles }), script);
    });
    return library;
  }

  // A value between two gaps has no line; it is shown as a point.
  const lonely = (values) => values.flatMap((value, i) => (isKnown(value) && !isKnown(values[i - 1]) && !isKnown(values[i + 1]) ? [i] : []));

  const iso = (seconds) => new Date(Math.round(seconds) * 1000).toISOString().replace(".000", "");

  function zoom(from, to) {
    const address = new URL(location.href);
    address.searchParams.set("from", iso(from));
    address.searchParams.set("to", iso(to));
    address.searchParams.delete("range");
    address.searchParams.delete("page");
    location.assign(address);
  }

  function options(figure, data, colours) {
    const range = (u, low, high) => {
      const seen = [low, high, ...(data.thresholds || []).map((limit) => limit.value)].filter(isKnown);
      if (!seen.length) return [0, 1];
      const min = data.min ?? Math.min(...seen), max = data.max ?? Math.max(...seen);
      const room = (max - min || Math.abs(max) || 1) * 0.12;
      // A share has no room above all of it, and nothing counted has room below nothing.
      const top = data.unit === "%" && max <= 100 ? Math.min(100, max + room) : max + room;
      const bottom = min >= 0 ? Math.max(0, min - room) : min - room;
      return [data.min ?? bottom, data.max ?? top];
    };
    const axis = { stroke: token("--ink-3"), font: `11px ${token("--font")}`, grid: { stroke: token("--line"), width: 1 }, ticks: { show: false } };
    const times = (u, splits) => {
      const span = splits[splits.length - 1] - splits[0];
      const parts = span > 2 * 86400 ? DAY : span < 600 ? CLOCK : { hour: "2-digit", minute: "2-digit" };
      return splits.map((at) => instant(at, parts));
    };
    const plot = figure.querySelector(".chart-plot");
    return {
      width: plot.clientWidth, height: +figure.dataset.chartHeight || 240,
      padding: [8, 12, 0, 0],
      tzDate: (seconds) => (zone ? window.uPlot.tzDate(new Date(seconds * 1000), zone) : new Date(seconds * 1000)),
      legend: { show: false },
      cursor: { y: false, sync: { key: figure.dataset.chartGroup || "page" }, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
      scales: { x: { time: true }, y: { range } },
      axes: [
        { ...axis, values: times, grid: { show: false }, space: 72, size: 24 },
        { ...axis, size: 52, space: 36, values: (u, splits) => {
          const digits = Math.min(4, Math.max(0, ...splits.map((v) => (String(+v.toFixed(4)).split(".")[1] || "").length)));
          return splits.map((v) => number(v, digits) + (data.unit === "%" ? "%" : ""));
        } },
      ],
      series: [{}, ...data.series.map((series, i) => ({
        label: series.label, stroke: colours[i], width: 1.6, dash: DASHES[i % SERIES], spanGaps: false,
        points: { size: 4, fill: colours[i], filter: (u) => lonely(u.data[i + 1]) },
        fill: data.series.length === 1 ? `${colours[i]}14` : undefined,
      }))],
      hooks: {
        drawClear: [(u) => hatch(u, data), (u) => band(u, data)],
        draw: [(u) => lines(u, data)],
        ready: [(u) => labels(u, data)],
        setSize: [(u) => labels(u, data)],
        setCursor: [(u) => tip(u, data, colours)],
        setSelect: [(u) => { if (u.select.width > 4) zoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")); }],
      },
    };
  }

  function legend(figure, data, colours, u) {
    const box = figure.querySelector(".chart-legend");
    if (data.series.length < 2) return box.replaceChildren();
    box.replaceChildren(...data.series.map((series, i) => {
      const button = make("button", "");
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      const line = make("i", "");
      line.style.borderColor = colours[i];
      line.style.borderTopStyle = DASHES[i % SERIES].length ? "dashed" : "solid";
      button.append(line, series.label);
      button.addEventListener("click", () => {
        const shows = !u.series[i + 1].show;
        u.setSeries(i + 1, { show: shows });
        button.setAttribute("aria-pressed", String(shows));
      });
      return button;
    }));
  }

  function table(data) {
    const result = make("table", "table");
    const head = result.createTHead().insertRow();
    const cell = (row, text, tag = "td", kind = "number") => row.append(make(tag, kind, text));
    cell(head, `${say("time")} (${zoneName(data.times[0])})`, "th", "");
    for (const series of data.series) {
      cell(head, series.label + (data.unit ? ` (${data.unit})` : ""), "th");
      if (series.volume) cell(head, data.noun || "n", "th");
    }
    head.querySelectorAll("th").forEach((th) => { th.scope = "col"; });
    const body = result.createTBody();
    for (let i = data.times.length - 1; i >= 0; i--) {
      const row = body.insertRow();
      cell(row, instant(data.times[i], { ...DAY, ...CLOCK }), "th", "");
      for (const series of data.series) {
        cell(row, isKnown(series.values[i]) ? number(series.values[i], data.digits ?? 1) : `— ${say("no_data")}`);
        if (series.volume) cell(row, isKnown(series.volume[i]) ? number(series.volume[i], 0) : "—");
      }
    }
    return result;
  }

  function draw(figure, data) {
    const plot = figure.querySelector(".chart-plot");
    figure.aftercareChart?.destroy();
    figure.aftercareChart = null;
    const isEmpty = !data.times.length || data.series.every((series) => !series.values.some(isKnown));
    figure.querySelector(".chart-unit").textContent = [data.unit, data.times.length ? zoneName(data.times[0]) : ""].filter(Boolean).join(" · ");
    const toggle = figure.querySelector(".chart-switch");
    toggle.hidden = isEmpty;
    if (isEmpty) return plot.replaceChildren(make("p", "chart-note", say("chart_empty")));
    plot.replaceChildren();
    const colours = data.series.map((series, i) => token(`--series-${(i % SERIES) + 1}`));
    figure.aftercareChart = new window.uPlot(options(figure, data, colours), [data.times, ...data.series.map((series) => series.values)], plot);
    legend(figure, data, colours, figure.aftercareChart);
    const numbers = figure.querySelector(".chart-table");
    if (!numbers.hidden) numbers.replaceChildren(table(data));
  }

  function start(figure) {
    const plot = figure.querySelector(".chart-plot");
    plot.style.minHeight = `${figure.dataset.chartHeight || 240}px`;
    let data = null;
    const show = () => data && load().then(() => draw(figure, data)).catch(failed);
    const failed = () => plot.replaceChildren(make("p", "chart-note", say("chart_failed")));
    const json = (address) => fetch(address, { headers: { Accept: "application/json" } })
      .then((response) => (response.ok ? response.json() : Promise.reject(response)));
    // What happened in the time shown, by the address of the room that knows it; a chart without it is still a chart.
    const marked = (found) => {
      const { chartMarks } = figure.dataset;
      if (!chartMarks || !found.times.length) return found;
      const last = found.times.length - 1;
      const until = 2 * found.times[last] - found.times[Math.max(0, last - 1)];
      return json(`${chartMarks}?from=${iso(found.times[0])}&to=${iso(until)}`)
        .then((more) => ({ ...found, marks: [...(found.marks || []), ...more.marks] }))
        .catch(() => found);
    };
    const fetched = () => json(figure.dataset.chartSrc).then(marked).then((found) => { data = found; return show(); });

    const toggle = figure.querySelector(".chart-switch");
    toggle.addEventListener("click", () => {
      const numbers = figure.querySelector(".chart-table");
      const asTable = numbers.hidden;
      if (asTable) numbers.replaceChildren(table(data));
      numbers.hidden = !asTable;
      plot.hidden = asTable;
      toggle.setAttribute("aria-pressed", String(asTable));
      toggle.textContent = say(asTable ? "show_chart" : "show_table");
    });
    if (new URLSearchParams(location.search).has("from")) {
      const reset = make("a", "chart-switch chart-reset", say("reset_zoom"));
      const address = new URL(location.href);
      address.searchParams.delete("from");
      address.searchParams.delete("to");
      reset.href = address;
      toggle.after(reset);
    }

    new ResizeObserver(() => {
      const u = figure.aftercareChart;
      if (u && plot.clientWidth && plot.clientWidth !== u.width) u.setSize({ width: plot.clientWidth, height: u.height });
    }).observe(plot);
    new MutationObserver(show).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);

    const inline = figure.querySelector("script[type='application/json']");
    if (inline) { data = JSON.parse(inline.textContent); show(); return; }
    if (!figure.dataset.chartSrc) return;
    fetched().catch(failed);
    const every = +figure.dataset.refreshS;
    if (every) {
      const timer = setInterval(() => {
        if (!figure.isConnected) return clearInterval(timer);
        // A failed refresh leaves the last picture; the next one tries again.
        if (!document.hidden) fetched().catch(() => {});
      }, every * 1000);
    }
  }

  window.aftercare.each("[data-chart]", start);
})();
