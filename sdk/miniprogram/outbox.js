/** Lines on their way by wx.request: in batches, each sent under one name until it is answered. */

const MOST_LINES = 600;
const BATCH_LINES = 100;

const newId = () => [Date.now(), Math.random(), Math.random()].map((n) => n.toString(36).slice(-10)).join("");

class Outbox {
  constructor({ url, key }) {
    this.address = `${String(url).replace(/\/+$/, "")}/v1/samples/${key}?batch=`;
    this.lines = [];
    this.dropped = this.failures = this.resumes = 0;
    this.stopped = !url || !key;
  }

  /** Keep a line; when full, the oldest interval report goes. */
  add(line) {
    if (this.stopped) return;
    this.lines.push(line);
    if (this.lines.length <= MOST_LINES) return;
    this.lines.splice(Math.max(0, this.lines.findIndex(({ event }) => !event)), 1);
    this.dropped += 1;
  }

  /** The batch to send now. Each tells its sessions' facts anew: a lost one takes nothing along. */
  next() {
    if (this.batch || !this.lines.length) return this.batch;
    const said = {};
    const lines = this.lines.splice(0, BATCH_LINES).map((line) => {
      const told = Object.assign({}, line);
      if (said[line.session] === line.facts) delete told.facts;
      said[line.session] = line.facts;
      return told;
    });
    if (this.dropped) lines[0].detail = `reports dropped: ${this.dropped}; ${lines[0].detail || ""}`;
    this.dropped = 0;
    this.batch = { url: this.address + newId(), data: lines.map((line) => JSON.stringify(line)).join("\n") };
    return this.batch;
  }

  flush() {
    if (this.busy || this.stopped || Date.now() < this.resumes || !this.next()) return;
    this.busy = true;
    wx.request({
      url: this.batch.url,
      method: "POST",
      data: this.batch.data,
      header: { "content-type": "text/plain" },
      success: ({ statusCode, header }) => this.settle(statusCode, header || {}),
      fail: () => this.settle(0, {}),
    });
  }

  settle(status, header) {
    this.busy = false;
    if (status === 401 || status === 410) {
      this.stopped = true;
      this.lines = [];
    } else if (!status || status === 408 || status === 429 || status >= 500) {
      const wait = (header["Retry-After"] || header["retry-after"]) * 1000;
      const pause = wait || Math.min(60000, 1000 * Math.pow(2, this.failures));
      this.failures += 1;
      this.resumes = Date.now() + pause * (1 + Math.random() / 2);
      setTimeout(() => this.flush(), this.resumes - Date.now() + 1);
    } else {
      this.batch = null;
      this.failures = 0;
      this.flush();
    }
  }
}

module.exports = { Outbox, newId };
