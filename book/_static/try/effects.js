// Direct, indirect and total effects with delta-method errors; the turning point of a quadratic.
import { dot, sum } from "./linalg.js";
import { MODELS, stability } from "./fit.js";
import { REACH, Refusal, twoSided, upperTail } from "./normal.js";

export const KINDS = ["direct", "indirect", "total"];

function requireLongRun(fitted) {
  if (!fitted.spec.dynamic) {
    throw new Refusal(
      "SpecificationError",
      "a static model has no long run apart from the short; use horizon='short'",
    );
  }
  const s = stability(fitted);
  if (s.root < 1) return;
  const trend =
    s.rootAroundTrend < 1
      ? "the dynamics around the common trend are stable, the trend itself is not"
      : "the dynamics are unstable around the common trend as well";
  throw new Refusal(
    "UnstableError",
    `long-run effects do not exist at this estimate: largest root ${s.root.toFixed(4)} on W, ${s.rootAroundTrend.toFixed(4)} around a common trend; tau + rho + eta = ${s.unitSum.toFixed(4)} (Wald test of one: chi2(1) = ${s.wald.toFixed(2)}, P = ${twoSided(Math.sqrt(s.wald)).toFixed(3)}); ${trend}. Report short-run effects or responses by horizon instead`,
  );
}

/** Effects of every regressor: { term: { direct: {estimate, error, gradient}, ... } }. */
export function effects(fitted, horizon = "short") {
  const long = horizon === "long";
  if (long) requireLongRun(fitted);
  const { spec, operator, names, covariance } = fitted;
  const [tauAt, etaAt, rhoAt] = [`L.${spec.outcome}`, `W.L.${spec.outcome}`, "rho"].map(fitted.where);
  const [tau, eta, rho] = [`L.${spec.outcome}`, `W.L.${spec.outcome}`, "rho"].map(fitted.at);
  const a = long ? 1 - tau : 1, c = long ? rho + eta : rho, r = c / a, n = operator.n;
  const levels = {
    direct: [operator.traceG(r) / n, operator.traceGG(r) / n],
    total: [1 / (1 - r), 1 / (1 - r) ** 2],
  };
  const variance = (gradient) => dot(gradient, Float64Array.from(covariance, (row) => dot(row, gradient)));
  const out = {};
  for (const name of spec.regressors) {
    const beta = fitted.at(name), theta = MODELS[spec.model].durbin ? fitted.at(`W.${name}`) : 0;
    const own = {};
    for (const [kind, [g, dg]] of Object.entries(levels)) {
      const estimate = (beta * (1 + r * g) + theta * g) / a;
      const byR = (beta * (g + r * dg) + theta * dg) / a;
      const gradient = new Float64Array(names.length);
      gradient[fitted.where(name)] += (1 + r * g) / a;
      if (MODELS[spec.model].durbin) gradient[fitted.where(`W.${name}`)] += g / a;
      if (rhoAt >= 0) gradient[rhoAt] += byR / a;
      if (long && etaAt >= 0) gradient[etaAt] += byR / a;
      if (long && tauAt >= 0) gradient[tauAt] += estimate / a + (byR * r) / a;
      own[kind] = { estimate, gradient };
    }
    own.indirect = {
      estimate: own.total.estimate - own.direct.estimate,
      gradient: own.total.gradient.map((value, i) => value - own.direct.gradient[i]),
    };
    out[name] = Object.fromEntries(
      KINDS.map((kind) => [kind, { ...own[kind], error: Math.sqrt(variance(own[kind].gradient)) }]),
    );
  }
  return out;
}

/** Covariance of two quantities with their gradients in the parameters. */
export function covarianceOf(fitted, first, second) {
  return dot(first, Float64Array.from(fitted.covariance, (row) => dot(row, second)));
}

/** Coefficients of `x` and `x^2` with their covariance. */
export function quadratic(fitted, name) {
  const [i, j] = [fitted.where(name), fitted.where(`${name}^2`)];
  const v = fitted.covariance;
  return { b1: fitted.values[i], b2: fitted.values[j], v11: v[i][i], v12: v[i][j], v22: v[j][j] };
}

/** Where b1 x + b2 x^2 turns: delta method, Fieller's set, Lind and Mehlum's test on [low, high]. */
export function turningPoint({ b1, b2, v11, v12, v22 }, low, high) {
  const point = -b1 / (2 * b2);
  const [d1, d2] = [-1 / (2 * b2), b1 / (2 * b2 ** 2)];
  const error = Math.sqrt(Math.max(d1 * d1 * v11 + 2 * d1 * d2 * v12 + d2 * d2 * v22, 0));
  const t = [low, high].map((x) => (b1 + 2 * b2 * x) / Math.sqrt(Math.max(v11 + 4 * x * v12 + 4 * x * x * v22, 0)));
  const statistic = b2 > 0 ? Math.min(-t[0], t[1]) : Math.min(t[0], -t[1]);
  return {
    point, error, t,
    shape: b2 > 0 ? "U" : "inverted U",
    fieller: fieller({ b1, b2, v11, v12, v22 }),
    statistic,
    p: upperTail(statistic),
  };
}

function fieller({ b1, b2, v11, v12, v22 }) {
  const c2 = REACH ** 2;
  const a = 4 * (b2 ** 2 - c2 * v22), half = 2 * (b1 * b2 - c2 * v12), c = b1 ** 2 - c2 * v11;
  const line = [[-Infinity, Infinity]];
  if (a === 0) {
    if (half === 0) return line;
    const end = -c / (2 * half);
    return half > 0 ? [[-Infinity, end]] : [[end, Infinity]];
  }
  const quarter = 4 * c2 * (b1 ** 2 * v22 + b2 ** 2 * v11 - 2 * b1 * b2 * v12 - c2 * (v11 * v22 - v12 ** 2));
  if (quarter <= 0 && a < 0) return line;
  const q = -(half + (half < 0 ? -1 : 1) * Math.sqrt(Math.max(quarter, 0)));
  const [first, second] = [q / a, q !== 0 ? c / q : 0].sort((x, y) => x - y);
  return a > 0 ? [[first, second]] : [[-Infinity, first], [second, Infinity]];
}

/** Moran's I of a variable in each period, with z and two-sided P under randomisation. */
export function moran(panel, variable, operator) {
  const w = operator.matrix, n = w.length;
  if (n < 4) {
    throw new Refusal(
      "SampleSizeError",
      `${variable} in ${panel.periods[0]}: Moran's I needs at least four units for its moments, there are ${n}`,
    );
  }
  let s0 = 0, s1 = 0, s2 = 0;
  for (let i = 0; i < n; i++) {
    let row = 0, column = 0;
    for (let j = 0; j < n; j++) {
      s0 += w[i][j];
      s1 += (w[i][j] + w[j][i]) ** 2 / 2;
      row += w[i][j];
      column += w[j][i];
    }
    s2 += (row + column) ** 2;
  }
  return panel.periods.map((period, t) => {
    const values = panel.values[variable][t], average = sum(values) / n;
    const z = values.map((value) => value - average), squares = dot(z, z);
    const I = ((n / s0) * sum(w.map((row, i) => z[i] * dot(row, z)))) / squares, expected = -1 / (n - 1);
    const kurtosis = sum(z.map((value) => value ** 4)) / n / (squares / n) ** 2;
    const second =
      (n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0 * s0) -
        kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0 * s0)) /
      ((n - 1) * (n - 2) * (n - 3) * s0 * s0);
    const zScore = (I - expected) / Math.sqrt(second - expected ** 2);
    return { period, I, z: zScore, p: twoSided(zScore) };
  });
}
