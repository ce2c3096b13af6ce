// What charts show besides their lines: hatched gaps, thresholds, marks, the values under the cursor.
(() => {
  const { CLOCK, DAY, token, make, isKnown, number, written, instant, zoneName } = window.aftercare.chart;

  const NARROW_PX = 10;

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
      i = end;
      if (right - left < NARROW_PX * devicePixelRatio) continue;
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
    }
    ctx.restore();
  }

  // What is usual, as a band behind the line; it breaks where nothing is known.
  function band(u, data) {
    if (!data.band) return;
    const { ctx, bbox } = u;
    const { low, high } = data.band;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = token("--accent");
    ctx.globalAlpha = 0.12;
    let start = 0;
    while (start < data.times.length) {
      if (!isKnown(low[start]) || !isKnown(high[start])) { start += 1; continue; }
      let end = start;
      while (end + 1 < data.times.length && isKnown(low[end + 1]) && isKnown(high[end + 1])) end += 1;
      ctx.beginPath();
      for (let i = start; i <= end; i += 1) ctx.lineTo(u.valToPos(data.times[i], "x", true), u.valToPos(high[i], "y", true));
      for (let i = end; i >= start; i -= 1) ctx.lineTo(u.valToPos(data.times[i], "x", true), u.valToPos(low[i], "y", true));
      ctx.fill();
      start = end + 1;
    }
    ctx.restore();
  }

  function lines(u, data) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px ${token("--font")}`;
    ctx.lineWidth = devicePixelRatio;
    const placed = [];
    for (const limit of data.thresholds || []) {
      const colour = token(limit.severity === "warning" ? "--warning" : "--breached");
      const y = u.valToPos(limit.value, "y", true);
      if (y < bbox.top || y > bbox.top + bbox.height) continue;
      ctx.strokeStyle = colour;
      ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      const text = limit.label || written(limit.value, data);
      // Words keep a rim in the ground's colour, so that a line behind them does not strike them out.
      const above = y - bbox.top > 18 * devicePixelRatio ? -7 : 9;
      ctx.setLineDash([]);
      ctx.lineWidth = 4 * devicePixelRatio;
      ctx.lineJoin = "round";
      ctx.strokeStyle = token("--surface");
      ctx.textBaseline = "middle";
      ctx.textAlign = "left";
      const at = y + above * devicePixelRatio;
      // Lines close together: the next one's words stand beside, not upon, those of the last.
      const near = placed.filter((other) => Math.abs(other.at - at) < 13 * devicePixelRatio).map((other) => other.end);
      const left = Math.max(bbox.left + 6 * devicePixelRatio, ...near.map((end) => end + 10 * devicePixelRatio));
      placed.push({ at, end: left + ctx.measureText(text).width });
      ctx.strokeText(text, left, at);
      ctx.lineWidth = devicePixelRatio;
      ctx.fillStyle = colour;
      ctx.fillText(text, left, at);
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

  Object.assign(window.aftercare.chart, { hatch, band, lines, labels, tip });
})();
