// Small dense linear algebra. A matrix is an array of rows, each a Float64Array.

export const zeros = (n, m = n) => Array.from({ length: n }, () => new Float64Array(m));

export function identity(n) {
  const out = zeros(n);
  for (let i = 0; i < n; i++) out[i][i] = 1;
  return out;
}

export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export const times = (matrix, vector) => Float64Array.from(matrix, (row) => dot(row, vector));

export function sum(values) {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

export const mean = (values) => sum(values) / values.length;

/** Solve A X = B by LU with partial pivoting; B has as many rows as A and any number of columns. */
export function solve(A, B) {
  const n = A.length;
  const a = A.map((row) => Float64Array.from(row));
  const x = B.map((row) => Float64Array.from(row));
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i][k]) > Math.abs(a[pivot][k])) pivot = i;
    [a[k], a[pivot]] = [a[pivot], a[k]];
    [x[k], x[pivot]] = [x[pivot], x[k]];
    const top = a[k], right = x[k];
    for (let i = k + 1; i < n; i++) {
      const row = a[i], factor = row[k] / top[k];
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) row[j] -= factor * top[j];
      const other = x[i];
      for (let j = 0; j < right.length; j++) other[j] -= factor * right[j];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    const row = x[k];
    for (let j = 0; j < row.length; j++) row[j] /= a[k][k];
    for (let i = 0; i < k; i++) {
      const factor = a[i][k], other = x[i];
      if (factor !== 0) for (let j = 0; j < row.length; j++) other[j] -= factor * row[j];
    }
  }
  return x;
}

/** Inverse of a symmetric positive definite matrix, scaled to unit diagonal first; null if it is not. */
export function inversePositive(A) {
  const n = A.length;
  const scale = Float64Array.from(A, (row, i) => Math.sqrt(Math.abs(row[i])));
  const l = zeros(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let value = A[i][j] / (scale[i] * scale[j]);
      for (let k = 0; k < j; k++) value -= l[i][k] * l[j][k];
      if (i === j) {
        if (!(value > 0)) return null;
        l[i][i] = Math.sqrt(value);
      } else l[i][j] = value / l[j][j];
    }
  }
  const out = zeros(n);
  for (let column = 0; column < n; column++) {
    const x = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let value = i === column ? 1 : 0;
      for (let k = 0; k < i; k++) value -= l[i][k] * x[k];
      x[i] = value / l[i][i];
    }
    for (let i = n - 1; i >= 0; i--) {
      let value = x[i];
      for (let k = i + 1; k < n; k++) value -= l[k][i] * x[k];
      x[i] = value / l[i][i];
    }
    for (let i = 0; i < n; i++) out[i][column] = x[i] / (scale[i] * scale[column]);
  }
  return out;
}

/**
 * Householder QR of columns, in place: the upper triangle stays in `columns`, the reflectors apply
 * themselves to the columns of `others`. Returns the diagonal of R.
 */
function reflect(columns, others) {
  const m = columns.length ? columns[0].length : 0;
  const diagonal = new Float64Array(Math.min(columns.length, m));
  const reflectors = [];
  for (let k = 0; k < diagonal.length; k++) {
    const column = columns[k];
    let norm = 0;
    for (let i = k; i < m; i++) norm += column[i] * column[i];
    norm = Math.sqrt(norm);
    const alpha = column[k] > 0 ? -norm : norm;
    const v = column.slice(k);
    v[0] -= alpha;
    const size = dot(v, v);
    const turn = (target) => {
      if (size === 0) return;
      let factor = 0;
      for (let i = 0; i < v.length; i++) factor += v[i] * target[k + i];
      factor *= 2 / size;
      for (let i = 0; i < v.length; i++) target[k + i] -= factor * v[i];
    };
    for (let j = k; j < columns.length; j++) turn(columns[j]);
    for (const other of others) turn(other);
    reflectors.push(turn);
    diagonal[k] = alpha;
    column[k] = alpha;
    column.fill(0, k + 1);
  }
  return { diagonal, reflectors };
}

/** Triangular factor of columns, which carries all their cross products, again as columns. */
export function triangle(columns) {
  const scale = columns.map((c) => Math.sqrt(dot(c, c)) || 1);
  const work = columns.map((c, j) => c.map((value) => value / scale[j]));
  reflect(work, []);
  const size = Math.min(columns.length, columns[0].length);
  return work.map((c, j) => c.slice(0, size).map((value) => value * scale[j]));
}

/** Least squares of each target on columns: coefficients and residuals, and the diagonal of R. */
export function leastSquares(columns, targets) {
  const k = columns.length;
  const work = columns.map((c) => Float64Array.from(c));
  const turned = targets.map((c) => Float64Array.from(c));
  const { diagonal, reflectors } = reflect(work, turned);
  const coefficients = turned.map((target) => {
    const b = new Float64Array(k);
    for (let i = k - 1; i >= 0; i--) {
      let value = target[i];
      for (let j = i + 1; j < k; j++) value -= work[j][i] * b[j];
      b[i] = value / work[i][i];
    }
    return b;
  });
  for (const target of turned) target.fill(0, 0, k);
  for (const turn of [...reflectors].reverse()) for (const target of turned) turn(target);
  return { coefficients, residuals: turned, diagonal };
}

/** Eigenvalues of a symmetric matrix, by Householder tridiagonalisation and implicit QL. */
export function symmetricEigenvalues(A) {
  const n = A.length;
  const a = A.map((row) => Float64Array.from(row));
  const d = new Float64Array(n), e = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    let h = 0, scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(a[i][k]);
    if (i === 1 || scale === 0) e[i] = a[i][i - 1];
    else {
      for (let k = 0; k < i; k++) h += (a[i][k] /= scale) ** 2;
      let f = a[i][i - 1];
      const g = f >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      a[i][i - 1] = f - g;
      f = 0;
      for (let j = 0; j < i; j++) {
        let s = 0;
        for (let k = 0; k <= j; k++) s += a[j][k] * a[i][k];
        for (let k = j + 1; k < i; k++) s += a[k][j] * a[i][k];
        e[j] = s / h;
        f += e[j] * a[i][j];
      }
      const half = f / (h + h);
      for (let j = 0; j < i; j++) {
        const aij = a[i][j];
        const s = (e[j] -= half * aij);
        for (let k = 0; k <= j; k++) a[j][k] -= aij * e[k] + s * a[i][k];
      }
    }
  }
  for (let i = 0; i < n; i++) d[i] = a[i][i];
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let rounds = 0; ; rounds++) {
      let m = l;
      for (; m < n - 1; m++) {
        const size = Math.abs(d[m]) + Math.abs(d[m + 1]);
        if (Math.abs(e[m]) + size === size) break;
      }
      if (m === l) break;
      if (rounds === 60) throw new Error("the eigenvalues do not converge");
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      let r = Math.hypot(g, 1);
      g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
      let s = 1, c = 1, p = 0, i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i], b = c * e[i];
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
      }
      if (r === 0 && i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
  return d;
}

/** Real and imaginary parts of the eigenvalues of any real matrix: Hessenberg form, shifted QR. */
export function eigenvalues(A) {
  const n = A.length;
  const a = A.map((row) => Float64Array.from(row));
  for (let m = 1; m < n - 1; m++) {
    const v = Float64Array.from({ length: n - m }, (_, i) => a[m + i][m - 1]);
    const length = Math.sqrt(dot(v, v));
    v[0] += v[0] > 0 ? length : -length;
    const size = dot(v, v);
    if (size === 0) continue;
    const factors = new Float64Array(n);
    for (let i = 0; i < v.length; i++) for (let j = 0; j < n; j++) factors[j] += v[i] * a[m + i][j];
    for (let i = 0; i < v.length; i++) for (let j = 0; j < n; j++) a[m + i][j] -= ((2 * v[i]) / size) * factors[j];
    for (const row of a) {
      let factor = 0;
      for (let i = 0; i < v.length; i++) factor += v[i] * row[m + i];
      factor *= 2 / size;
      for (let i = 0; i < v.length; i++) row[m + i] -= factor * v[i];
    }
    for (let i = m + 1; i < n; i++) a[i][m - 1] = 0;
  }
  return hessenbergEigenvalues(a);
}

function hessenbergEigenvalues(a) {
  const n = a.length;
  const re = new Float64Array(n), im = new Float64Array(n);
  const sign = (size, of) => (of >= 0 ? Math.abs(size) : -Math.abs(size));
  let norm = 0;
  for (let i = 0; i < n; i++) for (let j = Math.max(i - 1, 0); j < n; j++) norm += Math.abs(a[i][j]);
  let last = n - 1, shift = 0;
  while (last >= 0) {
    let rounds = 0, l;
    do {
      for (l = last; l >= 1; l--) {
        // beside the whole matrix where it takes long: in a multiple eigenvalue all the rest is rounding
        const whole = norm * (rounds < 12 ? 1 / n : rounds < 24 ? 1 : rounds < 50 ? 30 : 3000);
        const size = Math.max(Math.abs(a[l - 1][l - 1]) + Math.abs(a[l][l]), whole);
        if (Math.abs(a[l][l - 1]) <= Number.EPSILON * size) {
          a[l][l - 1] = 0;
          break;
        }
      }
      let x = a[last][last];
      if (l === last) {
        re[last--] = x + shift;
        break;
      }
      let y = a[last - 1][last - 1], w = a[last][last - 1] * a[last - 1][last];
      if (l === last - 1) {
        const p = 0.5 * (y - x), q = p * p + w;
        let z = Math.sqrt(Math.abs(q));
        x += shift;
        if (q >= 0) {
          z = p + sign(z, p);
          re[last - 1] = re[last] = x + z;
          if (z !== 0) re[last] = x - w / z;
        } else {
          re[last - 1] = re[last] = x + p;
          im[last] = z;
          im[last - 1] = -z;
        }
        last -= 2;
        break;
      }
      if (rounds === 90) throw new Error("the eigenvalues do not converge");
      if (rounds && rounds % 10 === 0) {
        shift += x;
        for (let i = 0; i <= last; i++) a[i][i] -= x;
        const s = Math.abs(a[last][last - 1]) + Math.abs(a[last - 1][last - 2]);
        y = x = 0.75 * s;
        w = -0.4375 * s * s;
      }
      rounds++;
      let m, p, q, r, z;
      for (m = last - 2; m >= l; m--) {
        z = a[m][m];
        r = x - z;
        let s = y - z;
        p = (r * s - w) / a[m + 1][m] + a[m][m + 1];
        q = a[m + 1][m + 1] - z - r - s;
        r = a[m + 2][m + 1];
        s = Math.abs(p) + Math.abs(q) + Math.abs(r);
        p /= s;
        q /= s;
        r /= s;
        if (m === l) break;
        const u = Math.abs(a[m][m - 1]) * (Math.abs(q) + Math.abs(r));
        const v = Math.abs(p) * (Math.abs(a[m - 1][m - 1]) + Math.abs(z) + Math.abs(a[m + 1][m + 1]));
        if (u + v === v) break;
      }
      for (let i = m + 2; i <= last; i++) {
        a[i][i - 2] = 0;
        if (i !== m + 2) a[i][i - 3] = 0;
      }
      for (let k = m; k <= last - 1; k++) {
        if (k !== m) {
          p = a[k][k - 1];
          q = a[k + 1][k - 1];
          r = k === last - 1 ? 0 : a[k + 2][k - 1];
          x = Math.abs(p) + Math.abs(q) + Math.abs(r);
          if (x !== 0) {
            p /= x;
            q /= x;
            r /= x;
          }
        }
        const s = sign(Math.sqrt(p * p + q * q + r * r), p);
        if (s === 0) continue;
        if (k === m) {
          if (l !== m) a[k][k - 1] = -a[k][k - 1];
        } else a[k][k - 1] = -s * x;
        p += s;
        x = p / s;
        y = q / s;
        z = r / s;
        q /= p;
        r /= p;
        for (let j = k; j <= last; j++) {
          p = a[k][j] + q * a[k + 1][j];
          if (k !== last - 1) {
            p += r * a[k + 2][j];
            a[k + 2][j] -= p * z;
          }
          a[k + 1][j] -= p * y;
          a[k][j] -= p * x;
        }
        for (let i = l; i <= Math.min(last, k + 3); i++) {
          p = x * a[i][k] + y * a[i][k + 1];
          if (k !== last - 1) {
            p += z * a[i][k + 2];
            a[i][k + 2] -= p * r;
          }
          a[i][k + 1] -= p * q;
          a[i][k] -= p;
        }
      }
    } while (l < last - 1);
  }
  return { re, im };
}

/** Root of a function between two points where it differs in sign (Brent), to rounding. */
export function root(f, a, b, tolerance = 1e-15) {
  let fa = f(a), fb = f(b), c = a, fc = fa, d = b - a, e = d;
  for (let round = 0; round < 200; round++) {
    if (fb > 0 === fc > 0) {
      c = a;
      fc = fa;
      d = e = b - a;
    }
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, b, c] = [b, c, b];
      [fa, fb, fc] = [fb, fc, fb];
    }
    const near = 2 * Number.EPSILON * Math.abs(b) + tolerance / 2, half = (c - b) / 2;
    if (Math.abs(half) <= near || fb === 0) return b;
    if (Math.abs(e) >= near && Math.abs(fa) > Math.abs(fb)) {
      const s = fb / fa;
      let p, q;
      if (a === c) {
        p = 2 * half * s;
        q = 1 - s;
      } else {
        const t = fa / fc, u = fb / fc;
        p = s * (2 * half * t * (t - u) - (b - a) * (u - 1));
        q = (t - 1) * (u - 1) * (s - 1);
      }
      if (p > 0) q = -q;
      p = Math.abs(p);
      if (2 * p < Math.min(3 * half * q - Math.abs(near * q), Math.abs(e * q))) {
        e = d;
        d = p / q;
      } else d = e = half;
    } else d = e = half;
    a = b;
    fa = fb;
    b += Math.abs(d) > near ? d : half > 0 ? near : -near;
    fb = f(b);
  }
  return b;
}
