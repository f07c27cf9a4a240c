// What depends on W alone: spectrum, log-determinants, traces; S(r) = I - r W, G(r) = W S(r)^{-1}.
import { eigenvalues, identity, solve, sum, symmetricEigenvalues, times } from "./linalg.js";

/** Positive d with d_i w_ij = d_j w_ji, by which W is similar to a symmetric matrix; null if none. */
function symmetrisingScale(matrix) {
  const n = matrix.length;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (matrix[i][j] > 0 !== matrix[j][i] > 0) return null;
  const log = new Float64Array(n).fill(NaN);
  for (let start = 0; start < n; start++) {
    if (!Number.isNaN(log[start])) continue;
    log[start] = 0;
    const queue = [start];
    for (const node of queue) {
      for (let j = 0; j < n; j++) {
        if (matrix[node][j] > 0 && Number.isNaN(log[j])) {
          log[j] = log[node] + Math.log(matrix[node][j] / matrix[j][node]);
          queue.push(j);
        }
      }
    }
  }
  const scale = log.map(Math.exp);
  let gap = 0, most = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const flow = scale[i] * matrix[i][j];
      most = Math.max(most, flow);
      gap = Math.max(gap, Math.abs(flow - scale[j] * matrix[j][i]));
    }
  }
  return gap > 1e-10 * most ? null : scale;
}

function spectrumOf(matrix) {
  const scale = symmetrisingScale(matrix);
  if (!scale) return eigenvalues(matrix);
  const symmetric = matrix.map((row, i) =>
    row.map((value, j) => (Math.sqrt(scale[i] / scale[j]) * value + Math.sqrt(scale[j] / scale[i]) * matrix[j][i]) / 2),
  );
  const re = symmetricEigenvalues(symmetric);
  return { re, im: new Float64Array(re.length) };
}

export class Operator {
  constructor(matrix) {
    this.matrix = matrix;
    this.n = matrix.length;
    this.all = spectrumOf(matrix);
    const { re, im } = this.all;
    let unit = 0, low = Infinity, high = -Infinity, largest = 0;
    for (let i = 0; i < this.n; i++) {
      if (Math.hypot(re[i] - 1, im[i]) < Math.hypot(re[unit] - 1, im[unit])) unit = i;
      largest = Math.max(largest, Math.hypot(re[i], im[i]));
      if (Math.abs(im[i]) < 1e-12) {
        low = Math.min(low, re[i]);
        high = Math.max(high, re[i]);
      }
    }
    const others = (values) => values.filter((_, i) => i !== unit);
    this.centred = { re: others(re), im: others(im) };
    this.bounds = [low < 0 ? 1 / low : -1 / largest, 1 / high];
  }

  spectrum(centred) {
    return centred ? this.centred : this.all;
  }

  logDet(r, centred = false) {
    const { re, im } = this.spectrum(centred);
    let total = 0;
    for (let i = 0; i < re.length; i++) total += Math.log(Math.hypot(1 - r * re[i], r * im[i]));
    return total;
  }

  /** Sum of f over the spectrum: f gets w as [re, im] and returns a real part. */
  over(f, centred = false) {
    const { re, im } = this.spectrum(centred);
    let total = 0;
    for (let i = 0; i < re.length; i++) total += f([re[i], im[i]]);
    return total;
  }

  traceG(r, centred = false) {
    return this.over((w) => divide(w, oneMinus(r, w))[0], centred);
  }

  traceGG(r, centred = false) {
    return this.over((w) => {
      const g = divide(w, oneMinus(r, w));
      return g[0] * g[0] - g[1] * g[1];
    }, centred);
  }

  g(r) {
    if (this.lastR !== r) {
      const s = identity(this.n).map((row, i) => row.map((one, j) => one - r * this.matrix[i][j]));
      [this.lastR, this.lastG] = [r, solve(s, this.matrix)];
    }
    return this.lastG;
  }

  traceGtG(r, centred = false) {
    let total = 0;
    const columns = new Float64Array(this.n);
    for (const row of this.g(r)) {
      for (let j = 0; j < this.n; j++) {
        total += row[j] * row[j];
        columns[j] += row[j];
      }
    }
    return centred ? total - sum(columns.map((c) => c * c)) / this.n : total;
  }

  lag(field) {
    return field.map((values) => times(this.matrix, values));
  }
}

export const oneMinus = (r, [a, b]) => [1 - r * a, -r * b];

export function divide([a, b], [c, d]) {
  const size = c * c + d * d;
  return [(a * c + b * d) / size, (b * c - a * d) / size];
}

export const multiply = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];
