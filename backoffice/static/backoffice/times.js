// Keeps the times on a page going: the same words as backoffice/common/admin/times.py.
const UNITS = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]];

const describeSpan = (milliseconds) => {
  const seconds = Math.floor(Math.abs(milliseconds) / 1_000);
  const fits = ([size, unit]) => seconds >= (unit === "d" ? 2 * size : size);
  const [size, unit] = UNITS.find(fits) ?? UNITS.at(-1);
  return `${Math.floor(seconds / size)} ${unit}`;
};

// Two units, so that it is seen to go: "3 h 12 min".
const describeCountdown = (milliseconds) => {
  let seconds = Math.floor(Math.abs(milliseconds) / 1_000);
  const parts = [];
  for (const [size, unit] of UNITS) {
    if (seconds >= size || (parts.length && parts.length < 2)) parts.push(`${Math.floor(seconds / size)} ${unit}`);
    seconds %= size;
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0 s";
};

const TICKS = {
  distance(element, ahead) {
    element.textContent = ahead > 0 ? `in ${describeSpan(ahead)}` : `${describeSpan(ahead)} ago`;
  },
  next(element, ahead) {
    element.textContent = ahead > 0 ? `in ${describeSpan(ahead)}` : "due now";
  },
  deadline(element, ahead) {
    const urgency = ahead < 0 ? "overdue" : ahead < 86_400_000 ? "due" : "ahead";
    const words = { overdue: "overdue by ", due: "due in ", ahead: "in " };
    element.dataset.urgency = urgency;
    element.textContent = words[urgency] + describeSpan(ahead);
  },
  countdown(element, ahead) {
    const urgency = ahead < 0 ? "overdue" : ahead < 86_400_000 ? "due" : "ahead";
    element.dataset.urgency = urgency;
    element.textContent = ahead < 0 ? `overdue by ${describeCountdown(ahead)}` : `${describeCountdown(ahead)} left`;
  },
};

const tick = (selector) => {
  for (const element of document.querySelectorAll(selector)) {
    TICKS[element.dataset.ticks](element, Date.parse(element.dateTime) - Date.now());
  }
};

setInterval(() => tick("time[data-ticks]"), 10_000);
setInterval(() => tick("time[data-ticks=countdown]"), 1_000);
