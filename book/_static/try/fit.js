// The spatial panel family with fixed effects by (quasi) maximum likelihood: the package's
// analysis.spatial.fit in small. A field is an array over periods of Float64Arrays over units.
import { dot, inversePositive, leastSquares, mean, root, sum, triangle, zeros } from "./linalg.js";
import { general, listed, Refusal } from "./normal.js";
import { divide, multiply, oneMinus } from "./operator.js";

export const MODELS = {
  slx: { rho: false, lambda: false, durbin: true },
  sar: { rho: true, lambda: false, durbin: false },
  sdm: { rho: true, lambda: false, durbin: true },
  sem: { rho: false, lambda: true, durbin: false },
};
export const EFFECTS = {
  individual: { units: true, periods: false },
  "two-way": { units: true, periods: true },
};
export const ESTIMATORS = {
  transformation: { transformed: true, corrects: (spec) => spec.dynamic },
  direct: { transformed: false, corrects: () => false },
  "direct-corrected": { transformed: false, corrects: () => true },
};
const GRID = 64, FLAT = 1e-9, ZERO = 1e-10, DEPENDENT = 1e-6;

/** `x`, `x^2`. */
export function term(text) {
  const [name, power] = text.split("^");
  return { name, power: Number(power || 1) };
}

/** Unit means, then period means, taken out. */
export function within(field, effects) {
  let out = field;
  if (effects.units) {
    const means = field[0].map((_, i) => sum(field.map((row) => row[i])) / field.length);
    out = out.map((row) => row.map((value, i) => value - means[i]));
  }
  if (effects.periods) {
    out = out.map((row) => {
      const average = mean(row);
      return row.map((value) => value - average);
    });
  }
  return out;
}

const flat = (field) => {
  const out = new Float64Array(field.length * field[0].length);
  field.forEach((row, t) => out.set(row, t * row.length));
  return out;
};
const unflat = (values, n) =>
  Array.from({ length: values.length / n }, (_, t) => values.slice(t * n, (t + 1) * n));
const norm = (values) => Math.sqrt(dot(values, values));

/** Some units and periods of a panel, by position of the units and by period. */
export function cut(panel, units, periods) {
  const rows = periods.map((period) => panel.periods.indexOf(period));
  const values = {};
  for (const [name, field] of Object.entries(panel.values)) {
    values[name] = rows.map((t) => Float64Array.from(units, (i) => field[t][i]));
  }
  return { ...panel, units: units.map((i) => panel.units[i]), periods, values };
}

function checkSize(panel, spec, skip) {
  const years = panel.periods.length - skip, cities = panel.units.length;
  const label = `${spec.dynamic ? "dynamic" : "static"} ${spec.model.toUpperCase()}, ${spec.effects} effects`;
  if (years < 2) {
    throw new Refusal(
      "SampleSizeError",
      `${panel.source}: ${panel.periods.length} periods leave ${Math.max(years, 0)} after ${skip} for lags; ${label} needs at least 2`,
    );
  }
  if (cities < 2) {
    throw new Refusal("SampleSizeError", `${panel.source}: a spatial model needs at least 2 units, not ${cities}`);
  }
  const parts = MODELS[spec.model], removed = EFFECTS[spec.effects];
  const fixed = (cities - 1) * removed.units + (years - 1) * removed.periods;
  const asked = spec.regressors.length * (parts.durbin ? 2 : 1) + (spec.dynamic ? 2 : 0);
  if (cities * years <= fixed + asked + parts.rho + parts.lambda + 1) {
    throw new Refusal(
      "SampleSizeError",
      `${panel.source}: ${cities} x ${panel.unit} and ${years} x ${panel.period} are too few for ${asked} regressors and ${spec.effects} effects; drop regressors or effects`,
    );
  }
}

function design(panel, spec, operator) {
  const skip = spec.dynamic ? 1 : 0, parts = MODELS[spec.model];
  if (!spec.regressors.length && !spec.dynamic) {
    throw new Refusal("SpecificationError", "regressors: name at least one");
  }
  checkSize(panel, spec, skip);
  const outcome = panel.values[spec.outcome];
  const y = outcome.slice(skip);
  const columns = [];
  if (spec.dynamic) {
    const before = outcome.slice(0, -1);
    columns.push([`L.${spec.outcome}`, before], [`W.L.${spec.outcome}`, operator.lag(before)]);
  }
  const own = spec.regressors.map((text) => {
    const { name, power } = term(text);
    const field = panel.values[name].slice(skip);
    return [text, power > 1 ? field.map((row) => row.map((value) => value ** power)) : field];
  });
  columns.push(...own);
  if (parts.durbin) columns.push(...own.map(([text, field]) => [`W.${text}`, operator.lag(field)]));
  return { y, names: columns.map(([name]) => name), fields: columns.map(([, field]) => field) };
}

function problem(panel, spec, operator) {
  const { y: rawY, names, fields } = design(panel, spec, operator);
  const parts = MODELS[spec.model], effects = EFFECTS[spec.effects], { transformed } = ESTIMATORS[spec.estimator];
  const clean = (field) => flat(within(field, effects));
  const y = clean(rawY), z = fields.map(clean);
  const wRaw = operator.lag(rawY);
  const years = rawY.length, cities = rawY[0].length;
  const out = {
    y, z, names, years, cities, operator, parts, effects,
    wy: clean(wRaw),
    mz: parts.lambda ? fields.map((field) => clean(operator.lag(field))) : [],
    units: cities - (transformed && effects.periods ? 1 : 0),
    periods: years - (transformed && effects.units && !spec.dynamic ? 1 : 0),
    centred: transformed && effects.periods,
  };
  out.observations = out.units * out.periods;
  checkRank(out, [norm(flat(rawY)), ...fields.map((field) => norm(flat(field)))], spec.effects);
  return out;
}

function checkRank(p, scales, effects) {
  const average = mean(p.y);
  if (norm(p.y.map((value) => value - average)) <= ZERO * scales[0]) {
    throw new Refusal(
      "ConstantOutcomeError",
      `the outcome does not vary once ${effects} effects are removed; nothing to explain`,
    );
  }
  const norms = p.z.map(norm);
  const none = p.names.filter((_, j) => norms[j] <= ZERO * Math.max(scales[j + 1], 1e-300));
  if (none.length) {
    throw new Refusal(
      "CollinearityError",
      `no variation left after ${effects} effects in ${listed(none)}: constant over the periods of each unit, or common to all units; drop them or choose other effects`,
    );
  }
  if (!p.z.length) return;
  const scaled = p.z.map((column, j) => column.map((value) => value / norms[j]));
  const tail = leastSquares(scaled, []).diagonal.map(Math.abs);
  let dependent = 0;
  tail.forEach((value, j) => {
    if (value < tail[dependent]) dependent = j;
  });
  if (tail.length < norms.length) dependent = tail.length;
  else if (tail[dependent] > DEPENDENT) return;
  const others = leastSquares(scaled.slice(0, dependent), [p.z[dependent]]).coefficients[0].map(Math.abs);
  const most = Math.max(...others);
  const involved = p.names.filter((_, j) => j < dependent && others[j] > 1e-8 * most);
  throw new Refusal(
    "CollinearityError",
    `${p.names[dependent]} is a linear combination of ${listed(involved)}, or nearly, after ${effects} effects; drop one of them`,
  );
}

/** Concentrated likelihood in one spatial parameter, on triangular factors of the data. */
class Likelihood {
  constructor(p) {
    this.p = p;
    this.k = p.z.length;
    this.stack = triangle([p.y, p.wy, ...p.z, ...p.mz]);
  }

  /** Coefficients and residuals of y and W y on Z, or of the filtered y on the filtered Z. */
  at(r) {
    const { stack, k, p } = this;
    if (!p.parts.lambda) {
      this.fixed ??= leastSquares(stack.slice(2, 2 + k), stack.slice(0, 2));
      const [b, bw] = this.fixed.coefficients, [v, vw] = this.fixed.residuals;
      const rest = v.map((value, i) => value - r * vw[i]);
      return { b: b.map((value, i) => value - r * bw[i]), ssr: dot(rest, rest), by: dot(rest, stack[1]) };
    }
    const filter = (a, b) => a.map((value, i) => value - r * b[i]);
    const z = stack.slice(2, 2 + k).map((column, j) => filter(column, stack[2 + k + j]));
    const { coefficients: [b], residuals: [v] } = leastSquares(z, [filter(stack[0], stack[1])]);
    const by = stack[1].map((value, i) => value - sum(Array.from(b, (c, j) => c * stack[2 + k + j][i])));
    return { b, ssr: dot(v, v), by: dot(v, by) };
  }

  value(r, ssr) {
    const { p } = this;
    const spatial = p.parts.rho || p.parts.lambda;
    return (
      (-p.observations / 2) * (Math.log((2 * Math.PI * ssr) / p.observations) + 1) +
      (spatial ? p.periods * p.operator.logDet(r, p.centred) : 0)
    );
  }

  score(r) {
    const { ssr, by } = this.at(r), { p } = this;
    return (p.observations / ssr) * by - p.periods * p.operator.traceG(r, p.centred);
  }

  point(r) {
    const { b, ssr } = this.at(r);
    return { b, r, sigma2: ssr / this.p.observations, loglik: this.value(r, ssr) };
  }
}

function maximise(p) {
  const likelihood = new Likelihood(p);
  if (!p.parts.rho && !p.parts.lambda) return likelihood.point(0);
  const symbol = p.parts.rho ? "rho" : "lambda";
  const [least, most] = p.operator.bounds, margin = 1e-6 * (most - least);
  const low = least + margin, high = most - margin;
  const grid = Array.from({ length: GRID }, (_, i) =>
    (low + high) / 2 - ((high - low) / 2) * Math.cos((Math.PI * i) / (GRID - 1)));
  const values = grid.map((r) =>
    p.periods * p.operator.logDet(r, p.centred) - (p.observations / 2) * Math.log(likelihood.at(r).ssr));
  const best = values.indexOf(Math.max(...values));
  const left = grid[Math.max(best - 1, 0)], right = grid[Math.min(best + 1, GRID - 1)];
  const inner = values.slice(GRID / 8, -GRID / 8);
  if (Math.max(...inner) - Math.min(...inner) < FLAT * p.observations) {
    throw new Refusal(
      "EstimationError",
      `the likelihood does not depend on ${symbol}: on these data W y says nothing that the effects have not said, as where each unit has all others as equal neighbours; try another W, or other effects`,
    );
  }
  const score = (r) => likelihood.score(r);
  if (!(score(left) > 0 && score(right) < 0)) {
    throw new Refusal(
      "EstimationError",
      `the likelihood has no interior maximum in ${symbol}: it still rises at the edge of the parameter space. The panel does not identify it; try another W, a simpler model, fewer spatially lagged regressors or more periods`,
    );
  }
  return likelihood.point(root(score, left, right));
}

/** Expected information, not divided by the sample size: coefficients, rho or lambda, sigma2. */
function information(p, { b, r, sigma2 }) {
  const k = p.z.length, spatial = p.parts.rho || p.parts.lambda, size = k + (spatial ? 2 : 1);
  const z = p.parts.lambda ? p.z.map((c, j) => c.map((v, i) => v - r * p.mz[j][i])) : p.z;
  const out = zeros(size);
  const set = (i, j, value) => {
    out[i][j] = out[j][i] = value;
  };
  for (let i = 0; i < k; i++) for (let j = i; j < k; j++) set(i, j, dot(z[i], z[j]) / sigma2);
  set(size - 1, size - 1, p.observations / (2 * sigma2 ** 2));
  if (!spatial) return out;
  const { operator: o, centred } = p;
  let quadratic = p.periods * (o.traceGG(r, centred) + o.traceGtG(r, centred));
  if (p.parts.rho) {
    const signal = p.y.map((_, i) => sum(Array.from(b, (c, j) => c * p.z[j][i])));
    const g = o.g(r);
    const direction = flat(within(
      unflat(signal, p.cities).map((values) => Float64Array.from(g, (row) => dot(row, values))),
      { periods: centred },
    ));
    for (let i = 0; i < k; i++) set(i, k, dot(z[i], direction) / sigma2);
    quadratic += dot(direction, direction) / sigma2;
  }
  set(k, k, quadratic);
  set(k, k + 1, (p.periods * o.traceG(r, centred)) / sigma2);
  return out;
}

function invert(matrix) {
  const inverse = inversePositive(matrix);
  if (inverse) return inverse;
  throw new Refusal(
    "EstimationError",
    "the information matrix is not positive definite at the estimate: the model is not identified on these data; drop regressors or their spatial lags",
  );
}

function moved(p, point, shift) {
  const k = point.b.length, spatial = p.parts.rho || p.parts.lambda, [low, high] = p.operator.bounds;
  const r = spatial ? point.r + shift[k] : point.r;
  if (spatial && !(low < r && r < high)) {
    throw new Refusal(
      "UnstableError",
      `the bias correction moves ${p.parts.rho ? "rho" : "lambda"} to ${general(r)}, outside (${general(low)}, ${general(high)}); use the transformation estimator, or more units or periods`,
    );
  }
  return { ...point, b: point.b.map((v, i) => v + shift[i]), r, sigma2: point.sigma2 + shift[shift.length - 1] };
}

function correct(p, point, spec, warnings) {
  const spatial = p.parts.rho || p.parts.lambda;
  const timeBias = () => [...point.b.map(() => 0), ...(spatial ? [1 / (1 - point.r)] : []), 1 / (2 * point.sigma2)];
  const inverse = invert(information(p, point).map((row) => row.map((value) => value * p.observations ** -1)));
  const by = (bias, size) => inverse.map((row) => dot(row, Float64Array.from(bias)) / size);
  if (spec.dynamic) {
    nearUnitRoots(p, point, warnings);
    let shift = by(dynamicBias(p, point), p.years);
    if (p.effects.periods && !p.centred) {
      const more = by(timeBias(), p.cities);
      shift = shift.map((value, i) => value + more[i]);
    }
    return moved(p, point, shift);
  }
  const corrected = p.effects.periods ? moved(p, point, by(timeBias(), p.cities)) : point;
  return { ...corrected, sigma2: (corrected.sigma2 * p.years) / (p.years - 1) };
}

/** Mean of minus the score per unit effect, with a lagged outcome. */
function dynamicBias(p, point) {
  const [tau, eta] = point.b, rho = p.parts.rho ? point.r : 0, n = p.units;
  const h = (w) => divide([1, 0], [1 - tau - (rho + eta) * w[0], -(rho + eta) * w[1]]);
  const g = (w) => divide(w, oneMinus(rho, w));
  const trace = (f) => p.operator.over((w) => f(w)[0], p.centred);
  const out = [trace(h), trace((w) => multiply(w, h(w))), ...new Array(point.b.length - 2).fill(0)];
  if (p.parts.rho) {
    out.push(
      tau * trace((w) => multiply(g(w), h(w))) +
        eta * trace((w) => multiply(multiply(g(w), w), h(w))) +
        trace(g),
    );
  }
  if (p.parts.lambda) out.push(p.operator.traceG(point.r, p.centred));
  return [...out.map((value) => value / n), 1 / (2 * point.sigma2)];
}

function rootsOf(operator, tau, eta, rho, centred) {
  const { re, im } = operator.spectrum(centred);
  return Array.from(re, (w, i) => divide([tau + eta * w, eta * im[i]], oneMinus(rho, [w, im[i]])));
}

function nearUnitRoots(p, point, warnings) {
  const roots = rootsOf(p.operator, point.b[0], point.b[1], p.parts.rho ? point.r : 0, p.centred).map(([a]) => a);
  const beyond = roots.filter((value) => value > 1 - 1 / p.operator.n).length;
  if (beyond) {
    warnings.push(
      `the bias correction divides by the distance from one of ${beyond} of ${roots.length} roots that lie above 1 - 1/${p.operator.n}; the largest is ${Math.max(...roots).toFixed(4)}`,
    );
  }
}

/**
 * Estimate a model.
 *
 * panel: units, periods, values by variable (fields), source, unit, period.
 * spec: outcome, regressors, model, dynamic, effects, estimator.
 */
export function fit(panel, spec, operator) {
  const p = problem(panel, spec, operator), warnings = [];
  const maximum = maximise(p);
  const point = ESTIMATORS[spec.estimator].corrects(spec) ? correct(p, maximum, spec, warnings) : maximum;
  const covariance = invert(information(p, point));
  const spatial = p.parts.rho ? ["rho"] : p.parts.lambda ? ["lambda"] : [];
  const names = [...p.names, ...spatial, "sigma2"];
  const values = [...point.b, ...(spatial.length ? [point.r] : []), point.sigma2];
  return {
    spec, operator, names, values, covariance, warnings,
    errors: covariance.map((row, i) => Math.sqrt(row[i])),
    loglik: maximum.loglik,
    observations: p.years * p.cities,
    at: (name) => (names.includes(name) ? values[names.indexOf(name)] : 0),
    where: (name) => names.indexOf(name),
  };
}

/** Largest roots on W and around the common trend, tau + rho + eta and the Wald test of one. */
export function stability(fitted) {
  const { spec, operator, covariance } = fitted;
  const parts = [`L.${spec.outcome}`, `W.L.${spec.outcome}`, "rho"].map(fitted.at);
  const [tau, eta, rho] = parts;
  const largest = (centred) => Math.max(...rootsOf(operator, tau, eta, rho, centred).map(([a, b]) => Math.hypot(a, b)));
  const present = [`L.${spec.outcome}`, `W.L.${spec.outcome}`, "rho"].map(fitted.where).filter((i) => i >= 0);
  const variance = sum(present.flatMap((i) => present.map((j) => covariance[i][j])));
  const unitSum = tau + rho + eta;
  return { root: largest(false), rootAroundTrend: largest(true), unitSum, wald: (unitSum - 1) ** 2 / variance };
}
