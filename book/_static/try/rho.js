// "What does a printed rho stand for?": a reader's panel, the closed form, the curve, where the sign turns.
import { Criterion, density } from "./implied.js";
import { Refusal, REACH } from "./normal.js";
import { Operator } from "./operator.js";
import { asked, chart, element, field, minus, options, refill, remember, shape, written } from "./page.js";
import { builder } from "./choose.js";

const PREFIX = "rho:";
const GEOMETRY = ["inverse-distance", "inverse-distance-squared", "nearest-3", "nearest-5", "nearest-10", "nearest-20"];
const INCOME = ["additive-nest", "product", "gravity", "diagonal-nest"];
const LABELS = { "inverse-distance": "inverse distance, 1/d", "inverse-distance-squared": "inverse distance squared, 1/d²",
  "additive-nest": "distance and income, added", product: "distance times income difference", gravity: "gravity",
  "diagonal-nest": "distance times the neighbour's income" };
const called = (weights) => LABELS[weights] ?? weights.replace(/^nearest-(\d+)$/, "$1 nearest neighbours");
export const TURN_UNITS = [20, 34, 60, 100, 160], TURN_SHARES = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7];

/** Places spread evenly over a square at random, the same for everybody. */
export function spread(n) {
  let state = 20090131;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const draw = Array.from({ length: n }, () => [110 + 10 * next(), 30 + 8 * next()]);
  return { names: draw.map((_, i) => `place ${i + 1}`), lon: draw.map(([a]) => a), lat: draw.map(([, b]) => b) };
}

/** Longitude and latitude, one place a line, a name before them or not. */
export function pasted(text) {
  const places = { names: [], lon: [], lat: [] };
  const lines = text.split(/\n/).map((line) => line.trim()).filter(Boolean);
  lines.forEach((line, i) => {
    const parts = line.split(/[\t;,]\s*|\s+(?=[-+\d.]+)/).map((part) => part.trim()).filter(Boolean);
    const [lon, lat] = parts.slice(-2).map(Number);
    if (parts.length >= 2 && i === 0 && !(Number.isFinite(lon) && Number.isFinite(lat))) return;  // a head
    if (parts.length < 2 || !Number.isFinite(lon) || !Number.isFinite(lat) || Math.abs(lon) > 180 || Math.abs(lat) > 90) {
      throw new Refusal("DomainError", `line ${i + 1}, “${line.slice(0, 40)}”: write longitude and latitude in degrees, such as 123.43, 41.79`);
    }
    places.names.push(parts.length > 2 ? parts.slice(0, -2).join(" ") : `line ${i + 1}`);
    places.lon.push(lon);
    places.lat.push(lat);
  });
  if (places.lon.length < 6) throw new Refusal("SampleSizeError", `too few places: ${places.lon.length}; paste six or more, one a line`);
  if (places.lon.length > 400) throw new Refusal("SampleSizeError", `${places.lon.length} places are too many for a page; up to 400 are read here, more by analysis.inference.implied_rho`);
  return places;
}

/** Standard error that the information gives without regressors, for those who print none. */
export function errorOf(operator, rho, periods) {
  const n = operator.n, trace = operator.traceG(rho);
  const information = periods * (operator.traceGG(rho) + operator.traceGtG(rho, true) - (2 * trace * trace) / n);
  return 1 / Math.sqrt(information);
}

/** The true rho behind a printed zero, for n places and a share of them as neighbours; one if there is none. */
export function turning(n, share) {
  const k = Math.max(1, Math.round(share * (n - 1)));
  const criterion = new Criterion(new Operator(builder(`nearest-${k}`)(spread(n))));
  return { k, truth: criterion.reach[1] < 0 ? 1 : criterion.invert(0) };
}

function begin(root) {
  const data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const usual = { places: "0", weights: data.weights, n: "50", t: String(data.periods), printed: String(data.printed), error: String(data.error), own: "" };
  const choice = { ...usual };
  for (const [name, value] of Object.entries(asked(PREFIX) ?? {})) if (name in choice) choice[name] = value;
  const criteria = new Map();
  const form = element("form", { class: "tryit-form" }), answer = element("p", { class: "tryit-said answer", role: "status" });
  const more = element("p", { class: "tryit-note" }), drawn = element("figure"), turns = element("figure");
  const frame = element("div", { class: "tryit-open" }, form, answer, more, drawn, turns);
  root.append(frame);
  const kinds = [...data.places.map(({ label }, i) => [String(i), label]), ["random", "N places spread at random"], ["own", "my own: paste coordinates"]];
  const input = (name, attributes) => {
    const made = element("input", { name, value: choice[name], ...attributes });
    made.addEventListener("input", () => change(name, made.value));
    return made;
  };

  function offered() {
    const set = data.places[Number(choice.places)];
    return [...GEOMETRY, ...(set?.income ? INCOME : [])];
  }

  function build() {
    const places = element("select", { name: "places" }, ...kinds.map(([value, label]) => element("option", { value, selected: value === choice.places }, label)));
    places.addEventListener("change", () => change("places", places.value, true));
    if (!offered().includes(choice.weights) && !/^nearest-\d+$/.test(choice.weights)) choice.weights = "inverse-distance";
    const list = offered().includes(choice.weights) ? offered() : [...offered(), choice.weights];
    const weights = element("select", { name: "weights" }, ...options(list, choice.weights, called));
    weights.addEventListener("change", () => change("weights", weights.value));
    const own = element("textarea", { name: "own", rows: 5, cols: 34, placeholder: "123.43, 41.79\n125.32, 43.88\n…" });
    own.value = choice.own;
    own.addEventListener("input", () => change("own", own.value));
    refill(form, field("Places", places),
      ...(choice.places === "random" ? [field("N", input("n", { type: "number", min: 6, max: 400 }))] : []),
      ...(choice.places === "own" ? [field("Longitude, latitude; one place a line", own)] : []),
      field("Neighbours (W), rows summing to one", weights),
      field("T, years", input("t", { type: "number", min: 2, max: 500 })),
      field("printed ρ", input("printed", { type: "number", step: "any" })),
      field("its standard error, empty if not printed", input("error", { type: "number", step: "any", min: 0 })));
  }

  function change(name, value, again = false) {
    choice[name] = value;
    if (again) build();
    update();
    if (again) form.querySelector(`[name=${name}]`)?.focus();
  }

  function criterion() {
    const key = `${choice.places}|${choice.weights}|${choice.places === "random" ? choice.n : ""}|${choice.places === "own" ? choice.own : ""}`;
    if (!criteria.has(key)) {
      const n = Number(choice.n);
      if (choice.places === "random" && !(Number.isInteger(n) && n >= 6 && n <= 400)) {
        throw new Refusal("SampleSizeError", "N: give a whole number from 6 to 400");
      }
      const places = choice.places === "own" ? pasted(choice.own) : choice.places === "random" ? spread(n) : data.places[Number(choice.places)];
      const operator = new Operator(builder(choice.weights)(places));
      if (criteria.size > 8) criteria.clear();
      criteria.set(key, { criterion: new Criterion(operator, 0, called(choice.weights)), operator, ...density(operator.matrix) });
    }
    return criteria.get(key);
  }

  function curveOf(made) {
    made.curve ??= Array.from({ length: 31 }, (_, i) => -0.6 + 0.05 * i)
      .filter((rho) => made.criterion.low < rho && rho < made.criterion.high)
      .map((rho) => [rho, made.criterion.estimate(rho)]);
    return made.curve;
  }

  function update() {
    const changed = Object.fromEntries(Object.entries(choice).filter(([name, value]) => value !== usual[name] && (name !== "own" || choice.places === "own") && (name !== "n" || choice.places === "random")));
    remember(PREFIX, changed);
    try {
      show(criterion());
      answer.classList.remove("refused");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer.textContent = minus(`${error.message[0].toUpperCase()}${error.message.slice(1)}.`).replace("?.", "?");
      answer.classList.add("refused");
      refill(more);
      refill(drawn);
    }
  }

  function show(made) {
    const printed = Number(choice.printed), periods = Number(choice.t), n = made.operator.n;
    if (choice.printed === "" || !Number.isFinite(printed)) throw new Refusal("DomainError", "printed ρ: give a number");
    if (!(periods >= 2)) throw new Refusal("SampleSizeError", "T: two years or more");
    if (choice.error !== "" && !(Number(choice.error) >= 0)) throw new Refusal("DomainError", "standard error: give a number that is not negative, or nothing");
    const given = choice.error !== "", error = given ? Number(choice.error) : errorOf(made.operator, printed, periods);
    const found = made.criterion.read(printed, Number.isFinite(error) ? error : NaN);
    const at = (value) => written(value, 0.5);
    const end = (value) => (value <= made.criterion.low ? "the lower bound" : value >= made.criterion.high ? "the upper bound" : at(value));
    const sign = printed * found.truth < 0 ? " The sign turns." : "";
    const about = found.lower <= 0 && found.upper >= 0 ? " Zero is among them." : "";
    answer.textContent = `A printed ρ of ${minus(choice.printed)} stands for a true ρ of ${at(found.truth)}; its 95 % interval stands for ${end(found.lower)} to ${end(found.upper)}.${sign}${about}`;
    const zero = at(made.criterion.estimate(0));
    more.textContent = `${n} places, ${made.effective.toFixed(made.effective < 10 ? 1 : 0)} neighbours that count (${Math.round((100 * made.effective) / (n - 1))} % of the others). Where nothing spills over, this estimator tends to ${zero}.`
      + (given ? "" : ` No error was given: ${written(error, error)} is what N × T observations without regressors would give at the printed value.`)
      + (periods < 10 ? " T is short: the formula is the limit for many years, and a few more hundredths may be lost." : "");
    refill(drawn, picture(made, printed, error, found), element("figcaption", {},
      element("span", { class: "key-mine" }, "what uncorrected maximum likelihood tends to"), " · dotted: what an unbiased one would"
      + (pointsOf().length ? " · orange: means of the book's simulated samples" : "") + ". The blue dot is your number."));
    mark(made);
  }

  const pointsOf = () => data.points.filter(([place, weights]) => String(place) === choice.places && weights === choice.weights);

  function picture(made, printed, error, found) {
    const curve = curveOf(made), points = pointsOf();
    const values = [...curve.map(([, y]) => y).filter((y) => y > -2), printed, -0.6, 0.9, ...points.map(([, , , y]) => y)];
    const range = [Math.max(Math.min(...values), -2), Math.max(...values)];
    return chart({ x: [Math.min(-0.6, Math.max(found.truth, -2)), 0.95], y: range, xLabel: "true ρ", yLabel: "printed ρ",
      alt: `Printed against true ρ on this W: the curve rises below the diagonal; ${choice.printed} is reached at ${written(found.truth, 0.5)}` },
    ({ x, y, add, path }) => {
      const low = Math.max(range[0], -0.6), inside = curve.filter(([, value]) => value >= range[0]);
      add("path", { class: "rule", d: path([[low, low], [0.9, 0.9]]), fill: "none" });
      add("path", { class: "mine", d: path(inside) });
      for (const [, , truth, estimate] of points) add("circle", { class: "point", cx: x(truth), cy: y(estimate), r: 5 });
      const left = Math.min(-0.6, Math.max(found.truth, -2));
      add("path", { class: "rule", d: path([[left, printed], [found.truth, printed], [found.truth, range[0]]]), fill: "none" });
      const ends = [printed - REACH * error, printed + REACH * error].map((value) => Math.min(Math.max(value, range[0]), range[1]));
      if (Number.isFinite(ends[0])) add("path", { class: "mine", d: path([[found.truth, ends[0]], [found.truth, ends[1]]]), "stroke-opacity": 0.5 });
      add("circle", { class: "mark", cx: x(found.truth), cy: y(printed), r: 6 });
    });
  }

  /* Where the sign turns: a map by N and density, filled a cell at a time so that the page stays awake. */
  const left = 96, top = 12, wide = 62, high = 34, cells = new Map();
  const [across, down] = [TURN_SHARES.length, TURN_UNITS.length];
  const map = shape("svg", { viewBox: `0 0 ${left + across * wide + 10} ${top + down * high + 48}`, role: "img",
    "aria-label": "Map of the true ρ that a printed zero stands for, by number of places and share of them that are neighbours: it grows with density, and far less so with few neighbours" });
  TURN_UNITS.forEach((n, i) => map.appendChild(shape("text", { x: left - 8, y: top + i * high + 22, "text-anchor": "end" }, `N = ${n}`)));
  TURN_SHARES.forEach((share, j) => {
    map.appendChild(shape("text", { x: left + (j + 0.5) * wide, y: top + down * high + 17, "text-anchor": "middle" }, `${Math.round(100 * share)} %`));
    TURN_UNITS.forEach((n, i) => {
      const rect = map.appendChild(shape("rect", { x: left + j * wide, y: top + i * high, width: wide - 2, height: high - 2, fill: "#c2571a", "fill-opacity": 0 }));
      const text = map.appendChild(shape("text", { x: left + (j + 0.5) * wide - 1, y: top + i * high + 21, "text-anchor": "middle" }, "…"));
      cells.set(`${i},${j}`, { n, share, rect, text });
    });
  });
  map.appendChild(shape("text", { x: left + (across * wide) / 2, y: top + down * high + 40, "text-anchor": "middle" }, "share of the other places that are neighbours"));
  const here = map.appendChild(shape("rect", { class: "here", width: wide - 2, height: high - 2, fill: "none" }));
  refill(turns, map, element("figcaption", {}, "Where the sign turns: every true ρ between zero and the number in a cell is printed as negative. “All”: no ρ below one is printed as positive. Places spread at random, each with its nearest as equal neighbours; framed: the cell nearest to your W."));

  function mark({ operator, effective }) {
    const nearest = (list, value, scale) => list.reduce((best, each, i) => (Math.abs(scale(each) - scale(value)) < Math.abs(scale(list[best]) - scale(value)) ? i : best), 0);
    const i = nearest(TURN_UNITS, operator.n, Math.log), j = nearest(TURN_SHARES, effective / (operator.n - 1), Math.log);
    here.setAttribute("x", left + j * wide);
    here.setAttribute("y", top + i * high);
  }

  const waiting = [...cells.values()];
  function fillNext() {
    const cell = waiting.shift();
    if (!cell) return root.setAttribute("data-filled", "");
    const { truth } = turning(cell.n, cell.share);
    cell.text.textContent = truth === 1 ? "all" : truth.toFixed(2);
    cell.rect.setAttribute("fill-opacity", Math.min(0.08 + 0.62 * Math.max(truth, 0), 0.5).toFixed(2));
    return setTimeout(fillNext, 0);
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  build();
  update();
  setTimeout(fillNext, 50);
}

for (const root of document.querySelectorAll(".tryit[data-kind=rho]")) begin(root);
