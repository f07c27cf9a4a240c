// "Try it": a reader changes the model; table, effects and curve follow, beside the book's.
import { choose, unpack } from "./choose.js";
import { covarianceOf, KINDS } from "./effects.js";
import { REACH, twoSided } from "./normal.js";
import { asked, chance, chart, element, field, minus, options, refill, remember, shape, stars, written } from "./page.js";

const PREFIX = "try:";
const NAMES = {
  sdm: "spatial Durbin (SDM)", sar: "spatial lag (SAR)", sem: "spatial error (SEM)", slx: "lagged regressors (SLX)",
  static: "static", dynamic: "dynamic: last year's outcome, here and next door",
  "two-way": "unit and year", individual: "unit only",
  transformation: "transformation likelihood", direct: "dummy variables, uncorrected",
  "direct-corrected": "dummy variables, corrected",
  "additive-nest": "distance and income, added", "inverse-distance": "inverse distance",
  "inverse-distance-squared": "inverse distance squared", "diagonal-nest": "distance times the neighbour's income",
  product: "distance times income difference", gravity: "gravity",
};
const named = (value) => NAMES[value] ?? value.replace(/^nearest-(\d+)$/, "$1 nearest neighbours");

/** The choice of the book, and the choice that the address asks for, what is unknown left out. */
function choices(data) {
  const all = { ...data.book, first: data.periods[0], last: data.periods.at(-1), without: [],
    controls: data.regressors.filter((name) => !data.focus.includes(name)) };
  const wanted = asked(PREFIX);
  if (!wanted) return [all, { ...all }];
  const allowed = { weights: data.weights, model: ["sdm", "sar", "sem", "slx"], dynamics: ["static", "dynamic"],
    effects: ["two-way", "individual"], estimator: ["transformation", "direct", "direct-corrected"] };
  const chosen = { ...all };
  for (const [name, values] of Object.entries(allowed)) if (values.includes(wanted[name])) chosen[name] = wanted[name];
  for (const name of ["first", "last"]) if (data.periods.includes(Number(wanted[name]))) chosen[name] = Number(wanted[name]);
  const list = (text, known) => known.filter((name) => text.split(" ").includes(name));
  if (wanted.without) chosen.without = list(wanted.without, data.units);
  if (wanted.controls !== undefined) chosen.controls = list(wanted.controls, all.controls);
  return [all, chosen];
}

function differing(book, chosen) {
  const out = {};
  for (const [name, value] of Object.entries(chosen)) {
    const text = Array.isArray(value) ? value.join(" ") : String(value);
    if (text !== (Array.isArray(book[name]) ? book[name].join(" ") : String(book[name]))) out[name] = text;
  }
  return out;
}

/** What changed, in sentences. */
function told(data, book, found, changed) {
  if (!Object.keys(changed).length) return "This is the book's own choice. Change something: the book's numbers stay beside yours.";
  if (found.refused) return `No estimate: ${minus(found.message)}.`;
  const label = (name) => data.labels[name] ?? `W × ${data.labels[name.slice(2)]}`;
  const p = (result, name) => twoSided(result.fit.at(name) / result.fit.errors[result.fit.where(name)]);
  const shared = found.fit.names.filter((name) => name !== "sigma2" && book.fit.names.includes(name));
  const turned = shared.filter((name) => found.fit.at(name) * book.fit.at(name) < 0 && Math.min(p(found, name), p(book, name)) < 0.05);
  const lost = shared.filter((name) => p(found, name) >= 0.05 && p(book, name) < 0.05);
  const won = shared.filter((name) => p(found, name) < 0.05 && p(book, name) >= 0.05);
  const words = (names) => names.map(label).join(", ");
  const out = [];
  if (found.turn && book.turn) {
    const same = found.turn.shape === book.turn.shape;
    const [where, before] = [found, book].map(({ turn }) => written(turn.point, turn.error));
    const shaped = same ? `stays ${article(found.turn.shape)}` : `becomes ${article(found.turn.shape)}`;
    const { point, low, high } = found.turn;
    out.push(low < point && point < high
      ? `The curve of ${label(found.turn.name)} ${shaped} and turns at ${where}${where === before ? ", as in the book" : `, in the book at ${before}`}.`
      : `The curve of ${label(found.turn.name)} ${shaped} by its signs, but turns outside the data, at ${where}${where === before ? ", as in the book" : ` (in the book ${before})`}.`);
  }
  for (const name of ["rho", "lambda"]) {
    if (found.fit.where(name) < 0) continue;
    const sign = name === "rho" ? "ρ" : "λ";
    const here = written(found.fit.at(name), found.fit.errors[found.fit.where(name)]);
    if (book.fit.where(name) < 0) out.push(`${sign} is ${here}.`);
    else {
      const before = written(book.fit.at(name), book.fit.errors[book.fit.where(name)]);
      out.push(here === before ? `${sign} stays at ${here}.` : `${sign} goes from ${before} to ${here}.`);
    }
  }
  if (turned.length) out.push(`The sign turns of ${words(turned)}.`);
  if (lost.length) out.push(`No longer significant at 5 %: ${words(lost)}.`);
  if (won.length) out.push(`Now significant at 5 %: ${words(won)}.`);
  if (!turned.length && !lost.length && !won.length) out.push("No coefficient that both have turns its sign or crosses the 5 % line.");
  return out.join(" ");
}

const article = (shape) => (shape === "U" ? "a U" : "an inverted U");

/** A cell with its error below, and a mark where it left the book's 95 % interval. */
function cell(estimate, error, before) {
  const p = twoSided(estimate / error), far = before && Math.abs(estimate - before.estimate) > REACH * before.error;
  return element("td", { class: far ? "changed" : "" },
    `${written(estimate, error)}${stars(p)}`, element("small", {}, `(${written(error, error)})`),
    ...(far ? [element("b", { title: "outside the book's 95 % interval" }, "≠")] : []));
}

const plain = (estimate, error) => element("td", { class: "before" },
  `${written(estimate, error)}${stars(twoSided(estimate / error))}`, element("small", {}, `(${written(error, error)})`));

function table(caption, heads, rows) {
  return element("div", { class: "tryit-scroll", tabindex: 0, role: "region", "aria-label": caption },
    element("table", {}, element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, ...rows.map(([head, ...cells]) => element("tr", {}, element("th", { scope: "row" }, head), ...cells)))));
}

function coefficients(data, book, found) {
  const names = [...new Set([...found.fit.names, ...book.fit.names])].filter((name) => name !== "sigma2");
  const order = names.sort((a, b) => rank(book, found, a) - rank(book, found, b));
  const value = (result, name) => {
    const i = result.fit.where(name);
    return i < 0 ? null : { estimate: result.fit.values[i], error: result.fit.errors[i] };
  };
  const gap = () => element("td", {}, "–");
  return table("Coefficients, standard errors in brackets", ["term", "yours", "the book"], order.map((name) => {
    const [here, before] = [value(found, name), value(book, name)];
    return [data.labels[name] ?? `W × ${data.labels[name.slice(2)]}`,
      here ? cell(here.estimate, here.error, before) : gap(), before ? plain(before.estimate, before.error) : gap()];
  }));
}

function rank(book, found, name) {
  const at = book.fit.where(name);
  return at >= 0 ? at : 0.5 + found.fit.where(name);
}

function effectsTable(data, book, found, run) {
  const here = found[run], before = book[run];
  const title = run === "short" ? "Short-run effects" : "Long-run effects";
  if (!here) return "";
  if (here.refused) return element("p", { class: "tryit-note" }, minus(here.message), ".");
  const known = before && !before.refused;
  return table(`${title}, standard errors in brackets${known ? "; ≠ where an effect left the book's 95 % interval" : ""}`,
    ["regressor", ...KINDS], Object.entries(here).map(([name, kinds]) =>
      [data.labels[name], ...KINDS.map((kind) => cell(kinds[kind].estimate, kinds[kind].error, known ? before[name]?.[kind] : null))]));
}

/** The quadratic from its value at the mean of x, with its 95 % band, and the book's. */
function curve(data, book, found) {
  if (!found.turn) return "";
  const { name, low, high } = found.turn, [i, j] = [found.fit.where(name), found.fit.where(`${name}^2`)];
  const middle = (low + high) / 2, xs = Array.from({ length: 61 }, (_, k) => low + ((high - low) * k) / 60);
  const along = (fit, x) => {
    const [a, b] = [x - middle, x * x - middle * middle];
    const gradient = new Float64Array(fit.names.length);
    gradient[fit.where(name)] = a;
    gradient[fit.where(`${name}^2`)] = b;
    const reach = REACH * Math.sqrt(Math.max(covarianceOf(fit, gradient, gradient), 0));
    return [fit.at(name) * a + fit.at(`${name}^2`) * b, reach];
  };
  if (i < 0 || j < 0) return "";
  const mine = xs.map((x) => [x, ...along(found.fit, x)]), theirs = xs.map((x) => [x, along(book.fit, x)[0]]);
  const ends = [...mine.flatMap(([, y, r]) => [y - r, y + r]), ...theirs.map(([, y]) => y)];
  const spread = Math.max(...ends) - Math.min(...ends) || 1;
  const range = [Math.min(...ends) - 0.04 * spread, Math.max(...ends) + 0.04 * spread];
  const said = `${article(found.turn.shape)} that turns at ${written(found.turn.point, found.turn.error)}`;
  const picture = chart({ x: [low, high], y: range, xLabel: data.labels[name], yLabel: `${data.labels[data.outcome]}, from mid-range`,
    alt: `Curve of ${data.labels[data.outcome]} over ${data.labels[name]}: ${said}; the book's beside it, dashed` },
  ({ x, y, add, path }) => {
    const band = [...mine.map(([a, b, r]) => [a, b + r]), ...[...mine].reverse().map(([a, b, r]) => [a, b - r])];
    add("path", { class: "band", d: `${path(band)}Z` });
    add("path", { class: "theirs", d: path(theirs) });
    add("path", { class: "mine", d: path(mine.map(([a, b]) => [a, b])) });
    if (low < found.turn.point && found.turn.point < high) {
      add("circle", { class: "mark", cx: x(found.turn.point), cy: y(along(found.fit, found.turn.point)[0]), r: 5 });
    }
  });
  return element("figure", {}, picture, element("figcaption", {},
    element("span", { class: "key-mine" }, "yours, with its 95 % band"), " ", element("span", { class: "key-theirs" }, "the book's"),
    ` · ${said[0].toUpperCase()}${said.slice(1)} (standard error ${written(found.turn.error, found.turn.error)}; Fieller's 95 % set ${sets(found.turn.fieller)}); `
    + `test of that shape: ${chance(found.turn.p)}; ${found.turn.beyond} of ${found.turn.of} observations lie beyond.`));
}

const sets = (parts) => parts.map(([a, b]) => `${Number.isFinite(a) ? "[" : "("}${written(a, 0.01)}, ${written(b, 0.01)}${Number.isFinite(b) ? "]" : ")"}`).join(" ∪ ");

function notes(data, found) {
  const out = [`${found.fit.observations} observations, log-likelihood ${minus(found.fit.loglik.toFixed(2))}.`];
  if (found.stability) {
    const { root, unitSum } = found.stability;
    out.push(`Largest root ${written(root, 0.01)}: the dynamics are ${root < 1 ? "stable" : "unstable"}; τ + ρ + η = ${written(unitSum, 0.01)}.`);
  }
  if (!found.moran.refused) {
    const values = found.moran.map(({ I }) => I), clear = found.moran.filter(({ p }) => p < 0.05).length;
    out.push(`Moran's I of ${data.labels[data.outcome]} on this W lies between ${written(Math.min(...values), 0.01)} and ${written(Math.max(...values), 0.01)}, with P below 0.05 in ${clear} of ${values.length} years.`);
  }
  return element("p", { class: "tryit-note" }, [...out, ...found.fit.warnings.map((text) => `Mind that ${text}.`)].join(" "));
}

/** Lines that make the same outside the browser. */
function lines(data, choice, changed) {
  const quoted = (text) => (/^[\w.,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const all = { ...data.asked };
  if (changed.weights) all.weights = choice.weights;
  if (changed.first || changed.last) all.years = `${choice.first}-${choice.last}`;
  const gone = [...(all.without ? all.without.split(", ") : []), ...choice.without];
  if (gone.length) all.without = gone.join(",");
  const given = Object.entries(all).map(([name, value]) => `-p ${name}=${quoted(value)}`);
  const rerun = ["analysis rerun", data.section, ...given].join(" ");
  const model = ["model", "dynamics", "effects", "estimator", "controls"].filter((name) => changed[name] !== undefined);
  if (!model.length) return [rerun, ""];
  const dynamic = choice.dynamics === "dynamic" ? "True" : "False";
  const list = data.regressors.filter((name) => data.focus.includes(name) || choice.controls.includes(name));
  const literal = (name, value) =>
    name === "without" ? JSON.stringify(gone) : /^\d+(\.\d+)?$/.test(value) ? value : JSON.stringify(value);
  const opened = Object.entries(all).map(([name, value]) => `, ${name}=${literal(name, value)}`).join("");
  const python = [
    "from analysis import spatial", "from analysis.study import find_study, open_study", "",
    `sample = open_study(find_study(${JSON.stringify(data.study)})${opened})`,
    `model = spatial.Specification("${data.outcome}", ${JSON.stringify(list)},`,
    `    model="${choice.model}", time_lag=${dynamic}, space_time_lag=${dynamic},`,
    `    effects="${choice.effects}", estimator="${choice.estimator}")`,
    "print(spatial.fit(sample.panel, model, sample.weights).summary)",
  ].join("\n");
  return [rerun, python];
}

/** Units as points; a click leaves one out or takes it back. */
function map(data, choice, toggle) {
  const [west, east] = [Math.min(...data.lon), Math.max(...data.lon)], [south, north] = [Math.min(...data.lat), Math.max(...data.lat)];
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180), wide = Math.max((east - west) * squeeze, 1e-6), tall = Math.max(north - south, 1e-6);
  const width = 560, height = Math.min(Math.max((width * tall) / wide, 200), 380), scale = Math.min((width - 24) / wide, (height - 24) / tall);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height.toFixed(0)}`, class: "tryit-map", role: "img",
    "aria-label": `Map of ${data.units.length - choice.without.length} of ${data.units.length} ${data.several} in the sample; the list of names below it does the same by keyboard` });
  data.units.forEach((unit, i) => {
    const gone = choice.without.includes(unit);
    const dot = svg.appendChild(shape("circle", {
      cx: (width / 2 + (data.lon[i] - (west + east) / 2) * squeeze * scale).toFixed(1),
      cy: (height / 2 - (data.lat[i] - (south + north) / 2) * scale).toFixed(1),
      r: data.units.length > 60 ? 5 : 8, class: gone ? "gone" : "kept" }));
    dot.append(shape("title", {}, `${data.names[i]}${gone ? ", left out" : ""}`));
    dot.addEventListener("click", () => toggle(unit));
  });
  return svg;
}

function start(root) {
  const data = unpack(JSON.parse(root.querySelector("script[type='application/json']").textContent));
  const [standard, choice] = choices(data);
  let book = null;

  const form = element("form", { class: "tryit-form" }), left = element("div"), answer = element("div");
  const sentence = element("p", { class: "tryit-said", role: "status" });
  const line = element("pre"), code = element("pre");
  const copied = element("span", { role: "status" });
  const copy = element("button", { type: "button" }, "Copy the line for a terminal");
  const back = element("button", { type: "button" }, "Back to the book's choice");
  const fold = element("details", { class: "tryit-fold" },
    element("summary", {}, "Try it: another W, other years, without some ", data.several),
    form, left, sentence, answer,
    element("p", { class: "tryit-lines" }, copy, " ", back, " ", copied), line, code);
  root.append(fold);

  function set(name, value) {
    choice[name] = value;
    update();
  }

  function select(name, label, values, text = named) {
    const input = element("select", { name }, ...options(values, choice[name], text));
    input.addEventListener("change", () => set(name, typeof values[0] === "number" ? Number(input.value) : input.value));
    return field(label, input);
  }

  function build() {
    const boxes = standard.controls.map((name) => {
      const input = element("input", { type: "checkbox", value: name, checked: choice.controls.includes(name) });
      input.addEventListener("change", () => set("controls", standard.controls.filter((each) => (each === name ? input.checked : choice.controls.includes(each)))));
      return element("label", {}, input, " ", data.labels[name]);
    });
    refill(form, select("weights", "Neighbours (W)", data.weights), select("model", "Model", ["sdm", "sar", "sem", "slx"]),
      select("dynamics", "Dynamics", ["static", "dynamic"]), select("effects", "Fixed effects", ["two-way", "individual"]),
      select("estimator", "Estimator", ["transformation", "direct", "direct-corrected"]),
      select("first", "First year", data.periods, String), select("last", "Last year", data.periods, String),
      ...(boxes.length ? [element("fieldset", {}, element("legend", {}, "Controls"), ...boxes)] : []));
    units();
  }

  function toggle(unit) {
    choice.without = choice.without.includes(unit) ? choice.without.filter((each) => each !== unit) : data.units.filter((each) => each === unit || choice.without.includes(each));
    units();
    update();
  }

  function units() {
    const name = (unit) => data.names[data.units.indexOf(unit)];
    const input = element("select", { name: "without" }, element("option", { value: "" }, "choose a name"),
      ...options(data.units.filter((unit) => !choice.without.includes(unit)), "", name));
    input.addEventListener("change", () => {
      if (!input.value) return;
      toggle(input.value);
      left.querySelector("select").focus();
    });
    const gone = choice.without.map((unit) => {
      const button = element("button", { type: "button", "aria-label": `take ${name(unit)} back` }, `${name(unit)} ✕`);
      button.addEventListener("click", () => {
        toggle(unit);
        left.querySelector("select").focus();
      });
      return button;
    });
    refill(left, map(data, choice, toggle), element("p", { class: "tryit-left" },
      field(`Leave out (here, or on the map)`, input), ...(gone.length ? [" left out: ", ...gone] : [])));
  }

  function update() {
    const changed = differing(standard, choice);
    remember(PREFIX, changed);
    book ??= choose(data, standard);
    const found = Object.keys(changed).length ? choose(data, choice) : book;
    sentence.textContent = told(data, book, found, changed);
    sentence.classList.toggle("refused", Boolean(found.refused));
    const [rerun, python] = lines(data, choice, changed);
    line.textContent = rerun;
    line.hidden = Boolean(python) && !["weights", "first", "last", "without"].some((name) => changed[name] !== undefined);
    code.textContent = python && `# Model, dynamics, effects, estimator and controls are no parameters of the page. In Python:\n${python}`;
    code.hidden = !python;
    if (found.refused || book.refused) return refill(answer);
    const effects = ["short", "long"].map((run) => effectsTable(data, book, found, run));
    const coefs = coefficients(data, book, found), drawn = curve(data, book, found), note = notes(data, found);
    return refill(answer, ...(data.show === "effects" ? [...effects, drawn, coefs] : [coefs, drawn, ...effects]), note);
  }

  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText([line, code].filter((each) => !each.hidden).map((each) => each.textContent).join("\n\n"));
      copied.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(line.hidden ? code : line);
      copied.textContent = "marked below: copy it";
    }
  });
  back.addEventListener("click", () => {
    Object.assign(choice, structuredClone(standard));
    build();
    update();
  });
  fold.addEventListener("toggle", () => {
    if (fold.open && !book) update();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  build();
  if (asked(PREFIX)) {
    fold.open = true;
    root.scrollIntoView();
  }
}

for (const root of document.querySelectorAll(".tryit[data-kind=estimates]")) start(root);
