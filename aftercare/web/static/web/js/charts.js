// Dense time series by uPlot: shared cursor, drag to zoom (into the address), marks, thresholds, gaps hatched, numbers as a table.
(() => {
  const { say, zone } = window.aftercare;
  const SERIES = 6;
  const DASHES = [[], [6, 3], [2, 3], [10, 3, 2, 3], [], [6, 3]];
  let library = null;

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text || "" });
  const isKnown = (value) => value !== null && value !== undefined && Number.isFinite(value);

  function load() {
    const where = document.querySelector("meta[name=uplot]");
    library ||= new Promise((done, fail) => {
      const script = Object.assign(document.createElement("script"), { src: where.content, onload: () => done(window.uPlot), onerror: fail });
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: where.dataset.styles }), script);
    });
    return library;
  }

  function number(value, digits) {
    return value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }
  function written(value, data) {
    if (!isKnown(value)) return `— ${say("no_data")}`;
    const unit = data.unit || "";
    return number(value, data.digits ?? 1) + (unit && unit !== "%" ? ` ${unit}` : unit);
  }
  function instant(seconds, parts) {
    return new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zone, hour12: false, ...parts }).format(new Date(seconds * 1000));
  }
  const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  const DAY = { month: "numeric", day: "numeric" };
  function zoneName(seconds) {
    const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(new Date(seconds * 1000));
    return (parts.find((part) => part.type === "timeZoneName")?.value || "UTC").replace("GMT", "UTC").replace("-", "−");
  }

  // Hatches what is unknown: runs in which no series has a value.
  function hatch(u, data) {
    const { ctx, bbox } = u;
    const silent = (i) => data.series.every((series) => !isKnown(series.values[i]));
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.strokeStyle = token("--unknown-hatch");
    ctx.lineWidth = devicePixelRatio;
    for (let i = 0; i < data.times.length; i++) {
      if (!silent(i)) continue;
      let end = i;
      while (end + 1 < data.times.length && silent(end + 1)) end++;
      const left = u.valToPos(data.times[Math.max(0, i - 1)], "x", true);
      const right = u.valToPos(data.times[Math.min(data.times.length - 1, end + 1)], "x", true);
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, bbox.top, right - left, bbox.height);
      ctx.clip();
      ctx.beginPath();
      for (let x = left - bbox.height; x < right; x += 7 * devicePixelRatio) {
        ctx.moveTo(x, bbox.top + bbox.height);
        ctx.lineTo(x + bbox.height, bbox.top);
      }
      ctx.stroke();
      ctx.restore();
      i = end;
    }
    ctx.restore();
  }

  function lines(u, data) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px ${token("--font")}`;
    ctx.lineWidth = devicePixelRatio;
    for (const limit of data.thresholds || []) {
      const colour = token(limit.severity === "warning" ? "--warning" : "--breached");
      const y = u.valToPos(limit.value, "y", true);
      if (y < bbox.top || y > bbox.top + bbox.height) continue;
      ctx.strokeStyle = ctx.fillStyle = colour;
      ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.textAlign = "right";
      const above = y - bbox.top > 18 * devicePixelRatio;
      ctx.fillText(limit.label || written(limit.value, data), bbox.left + bbox.width - 4 * devicePixelRatio, y + (above ? -5 : 14) * devicePixelRatio);
    }
    ctx.setLineDash([]);
    ctx.strokeStyle = token("--ink-3");
    for (const mark of data.marks || []) {
      const x = u.valToPos(mark.at, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  function labels(u, data) {
    u.over.querySelectorAll(".chart-mark").forEach((mark) => mark.remove());
    for (const mark of data.marks || []) {
      const x = u.valToPos(mark.at, "x");
      if (x < 0 || x > u.over.clientWidth) continue;
      const label = make(mark.url ? "a" : "span", "chart-mark", mark.label);
      if (mark.url) label.href = mark.url;
      label.title = `${mark.label} · ${instant(mark.at, CLOCK)} ${zoneName(mark.at)}`;
      label.style.left = `${x}px`;
      u.over.append(label);
      const over = x + label.offsetWidth + 6 - u.over.clientWidth;
      if (over > 0) label.style.left = `${x - label.offsetWidth - 6}px`;
    }
  }

  function tip(u, data, colours) {
    const { idx, left, top } = u.cursor;
    let box = u.over.querySelector(".chart-tip");
    if (idx === null || idx === undefined || left < 0) return box?.remove();
    if (!box) u.over.append((box = make("div", "chart-tip")));
    box.replaceChildren(make("strong", "", `${instant(data.times[idx], { ...DAY, ...CLOCK })} ${zoneName(data.times[idx])}`));
    data.series.forEach((series, i) => {
      if (!u.series[i + 1].show) return;
      const line = make("div", "");
      const swatch = make("i", "");
      swatch.style.borderColor = colours[i];
      line.append(swatch, `${series.label} `, make("strong", "", written(series.values[idx], data)));
      if (series.volume && isKnown(series.volume[idx])) line.append(` · ${number(series.volume[idx], 0)} ${data.noun || ""}`);
      box.append(line);
    });
    const flip = left + box.offsetWidth + 24 > u.over.clientWidth;
    box.style.transform = `translate(${flip ? left - box.offsetWidth - 12 : left + 12}px, ${Math.max(0, Math.min(top, u.over.clientHeight - box.offsetHeight))}px)`;
  }

  function zoom(from, to) {
    const address = new URL(location.href);
    const iso = (seconds) => new Date(Math.round(seconds) * 1000).toISOString().replace(".000", "");
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
      return [data.min ?? min - (min === 0 || (min > 0 && min < room) ? min : room), data.max ?? max + room];
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
      cursor: { sync: { key: figure.dataset.chartGroup || "page" }, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
      scales: { x: { time: true }, y: { range } },
      axes: [
        { ...axis, values: times, grid: { show: false }, space: 72, size: 28 },
        { ...axis, size: 52, space: 36, values: (u, splits) => {
          const digits = Math.min(4, Math.max(0, ...splits.map((v) => (String(+v.toFixed(4)).split(".")[1] || "").length)));
          return splits.map((v) => number(v, digits) + (data.unit === "%" ? "%" : ""));
        } },
      ],
      series: [{}, ...data.series.map((series, i) => ({
        label: series.label, stroke: colours[i], width: 1.6, dash: DASHES[i % SERIES], points: { show: false }, spanGaps: false,
        fill: data.series.length === 1 ? `${colours[i]}14` : undefined,
      }))],
      hooks: {
        drawClear: [(u) => hatch(u, data)],
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
    const fetched = () => fetch(figure.dataset.chartSrc, { headers: { Accept: "application/json" } })
      .then((response) => (response.ok ? response.json() : Promise.reject(response)))
      .then((found) => { data = found; return show(); });

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
