/**
 * The one script of the operator pages: keeps them up to date, draws their charts, eases the keyboard.
 *
 * Every page works without it. It listens to /events, which ends and is asked again with its last id, and
 * then fetches the page it stands on and puts the parts that are marked `data-live` in the place of the old
 * ones. Where it cannot listen, it asks every two seconds. It never sends a form.
 */

const REFRESH_MS_MIN = 1_000;
const POLL_MS = 2_000;
const SILENCE_MS_MAX = 12_000;
const US_PER_MS = 1_000;

const { engine, from } = document.body.dataset;
/** Ids of transitions that were heard; one that comes twice counts once. */
const heard = new Set();
let lastRefreshMs = 0;
let refreshTimer;
let lastHeardMs = Date.now();

function say(text, tone) {
  const place = document.getElementById("link-state");
  if (place === null || place.textContent === text) return;
  place.hidden = false;
  place.textContent = text;
  place.className = `link-state ${tone}`;
}

function refreshSoon() {
  if (refreshTimer !== undefined || document.hidden) return;
  const waitMs = Math.max(0, lastRefreshMs + REFRESH_MS_MIN - Date.now());
  refreshTimer = setTimeout(() => void refresh(), waitMs);
}

async function refresh() {
  refreshTimer = undefined;
  lastRefreshMs = Date.now();
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname === "/login") location.reload();
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) putAnew(part, fresh);
    document.body.dataset.refreshes = String(Number(document.body.dataset.refreshes ?? "0") + 1);
  } catch {
    say("offline", "bad");
  }
}

/** Puts the fresh part in the place of `part`, unless somebody is at work in it. */
function putAnew(part, fresh) {
  const next = fresh.getElementById(part.id);
  if (next === null || next.innerHTML === part.innerHTML) return;
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  const isTyped = [...part.querySelectorAll("input, textarea")].some(
    (field) => field.value !== field.defaultValue,
  );
  if (isTyped || active?.matches("input, select, textarea, button")) return;
  if (part.querySelector("details[open]")) return;
  const href = active?.getAttribute("href");
  part.replaceChildren(...next.childNodes);
  if (href) part.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus();
}

function listen() {
  if (!engine) return;
  const address = `/events?${new URLSearchParams({ engine, from })}`;
  const source = new EventSource(address);
  const onWord = () => {
    lastHeardMs = Date.now();
    say("live", "good");
  };
  source.addEventListener("place", onWord);
  source.addEventListener("status", refreshSoon);
  source.addEventListener("transition", ({ data }) => {
    const { id } = JSON.parse(data);
    if (heard.has(id)) return;
    heard.add(id);
    document.body.dataset.heard = String(heard.size);
    refreshSoon();
  });
  source.addEventListener("reset", refreshSoon);
  source.addEventListener("error", () => {
    // Each answer ends, and the browser comes back by itself; only a refusal ends it for good.
    if (source.readyState === EventSource.CLOSED) poll();
    else if (Date.now() - lastHeardMs > SILENCE_MS_MAX) say("reconnecting", "warn");
  });
}

function poll() {
  say("asking every 2 s", "warn");
  setInterval(refreshSoon, POLL_MS);
}

const AGES = [
  [60_000, 1_000, "s"],
  [3_600_000, 60_000, "min"],
  [172_800_000, 3_600_000, "h"],
  [Number.POSITIVE_INFINITY, 86_400_000, "d"],
];

function age() {
  for (const part of document.querySelectorAll(".age[data-us]")) {
    const us = Number(part.dataset.us);
    if (us === 0) continue;
    const ms = Date.now() - us / US_PER_MS;
    const [, unitMs, unit] = AGES.find(([max]) => ms < max) ?? AGES[3];
    part.textContent = ms < 1_000 ? "just now" : `${Math.floor(ms / unitMs)} ${unit} ago`;
  }
}

/** What a column of the lanes says, beside them; arrow keys go from one to the next. */
function readLanes() {
  const tell = (target) => {
    const text = target.closest?.("[data-text]")?.dataset.text;
    const detail = document.getElementById("lane-detail");
    if (text !== undefined && detail !== null) detail.textContent = text;
  };
  document.addEventListener("pointerover", ({ target }) => tell(target));
  document.addEventListener("focusin", ({ target }) => tell(target));
  document.addEventListener("keydown", (event) => {
    const here = event.target.closest?.(".lanes a");
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: "down", ArrowUp: "up" }[event.key];
    if (!here || step === undefined) return;
    const next = typeof step === "number" ? besideIn(here, step) : inLane(here, step);
    if (next) next.focus();
    event.preventDefault();
  });
}

function besideIn(here, step) {
  const all = [...here.closest("svg").querySelectorAll("a")].sort(
    (first, second) => leftOf(first) - leftOf(second),
  );
  return all[all.indexOf(here) + step];
}

function inLane(here, way) {
  const lanes = [...document.querySelectorAll(".lane-axis")];
  const lane = lanes[lanes.indexOf(here.closest("svg")) + (way === "down" ? 1 : -1)];
  const columns = [...(lane?.querySelectorAll("a") ?? [])];
  const left = leftOf(here);
  return columns.sort((a, b) => Math.abs(leftOf(a) - left) - Math.abs(leftOf(b) - left))[0];
}

function leftOf(part) {
  return part.getBoundingClientRect().left;
}

const LINES = ["--line-1", "--line-2", "--line-3", "--line-4", "--line-5", "--line-6"];

/** Seconds only where the marks are closer than a minute. */
function clocksOf(marks) {
  const end = marks.length > 1 && marks[1] - marks[0] < 60 ? 19 : 16;
  return marks.map((seconds) => new Date(seconds * 1_000).toISOString().slice(11, end));
}

/** Draws a chart out of the table of numbers that stands under it. */
function draw(figure) {
  const { shape, unit, log, min, max } = figure.dataset;
  const rows = [...figure.querySelectorAll("tbody tr")];
  const times = rows.map((row) => Number(row.cells[0].dataset.us) / 1_000_000);
  const names = [...figure.querySelectorAll("thead th")].slice(1).map((head) => head.textContent);
  const columns = names.map((_name, at) =>
    rows.map((row) =>
      row.cells[at + 1].textContent === "" ? null : Number(row.cells[at + 1].textContent),
    ),
  );
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = {
    stroke: color("--faint"),
    grid: { stroke: color("--rule"), width: 1 },
    ticks: { stroke: color("--rule") },
  };
  const stepped = shape === "steps" ? uPlot.paths.stepped({ align: -1 }) : undefined;
  const plot = figure.querySelector(".plot");
  const options = {
    width: plot.clientWidth,
    height: 180,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
    cursor: { points: { size: 6 } },
    scales: {
      y: {
        distr: log === "true" ? 3 : 1,
        ...(min === undefined ? {} : { range: [Number(min), Number(max) * 1.02] }),
      },
    },
    axes: [
      { ...axis, values: (_plot, splits) => clocksOf(splits) },
      { ...axis, size: 58, label: unit, labelSize: 18 },
    ],
    legend: { live: true },
    series: [
      {
        label: "UTC",
        value: (_plot, seconds) =>
          seconds === null ? "" : new Date(seconds * 1_000).toISOString().slice(11, 19),
      },
      ...names.map((label, at) => ({
        label,
        stroke: color(LINES[at % LINES.length]),
        width: 1.5,
        points: { show: false },
        dash: at < LINES.length ? [] : [6, 3],
        ...(stepped === undefined ? {} : { paths: stepped }),
      })),
    ],
  };
  plot.replaceChildren();
  return new uPlot(options, [times, ...columns], plot);
}

function drawCharts() {
  const figures = [...document.querySelectorAll("[data-chart]")];
  if (figures.length === 0 || typeof uPlot === "undefined") return;
  for (const figure of figures) {
    let drawn = draw(figure);
    const watch = new ResizeObserver(() => {
      const width = figure.querySelector(".plot").clientWidth;
      if (width > 0 && width !== drawn.width) drawn.setSize({ width, height: 180 });
    });
    watch.observe(figure);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      drawn.destroy();
      drawn = draw(figure);
    });
  }
}

/** Marks limits that are not as they were, before anything is sent. */
function markChanges() {
  document.querySelector("[data-limits]")?.addEventListener("input", ({ target }) => {
    target.closest(".field")?.classList.toggle("changed", target.value !== target.defaultValue);
  });
}

listen();
age();
setInterval(age, 1_000);
readLanes();
markChanges();
drawCharts();
document.addEventListener("visibilitychange", refreshSoon);
