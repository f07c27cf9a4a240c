// The truth behind a printed rho: the package's analysis.inference.implied_rho.
import { root, sum, dot } from "./linalg.js";
import { REACH, Refusal } from "./normal.js";

const EDGE = 1e-6;

export class Criterion {
  constructor(operator, signal = 0, name = "W") {
    Object.assign(this, { operator, signal, name });
    const [low, high] = operator.bounds;
    this.low = low + EDGE * (high - low);
    this.high = high - EDGE * (high - low);
    this.grid = Array.from({ length: 201 }, (_, i) => this.low + ((this.high - this.low) * i) / 200);
    this.logDets = this.grid.map((r) => operator.logDet(r));
  }

  /** What maximum likelihood with unit and year dummies tends to where the truth is rho. */
  estimate(rho) {
    const { operator: o } = this, n = o.n;
    const slope = o.traceG(rho) - 1 / (1 - rho), curve = o.traceGtG(rho, true) + this.signal;
    const squares = (gap) => n - 1 + 2 * gap * slope + gap * gap * curve;
    let at = 0, least = Infinity;
    this.grid.forEach((r, i) => {
      const value = (n / 2) * Math.log(squares(rho - r)) - this.logDets[i];
      if (value < least) [at, least] = [i, value];
    });
    const derivative = (r) => (-n * (slope + (rho - r) * curve)) / squares(rho - r) + o.traceG(r);
    const left = this.grid[Math.max(at - 1, 0)], right = this.grid[Math.min(at + 1, 200)];
    if (derivative(left) >= 0) return left;
    if (derivative(right) <= 0) return right;
    return root(derivative, left, right);
  }

  /** The least and the largest estimate that a truth inside the interval leads to. */
  get reach() {
    this.ends ??= [this.estimate(this.low), this.estimate(this.high)];
    return this.ends;
  }

  invert(value) {
    const [least, most] = this.reach;
    if (value <= least) return this.low;
    if (value >= most) return this.high;
    return root((rho) => this.estimate(rho) - value, this.low, this.high, 1e-13);
  }

  /** The truth for a printed rho and its error, with what the ends of its 95 % interval stand for. */
  read(printed, error = NaN) {
    const [least, most] = this.reach;
    if (!(least <= printed && printed <= most)) {
      throw new Refusal(
        "DomainError",
        `no true rho leads to ${Number(printed.toPrecision(6))} with ${this.name}: maximum likelihood with year effects tends to between ${least.toFixed(3)} and ${most.toFixed(3)}; was the printed rho corrected, or is W another one?`,
      );
    }
    const ends = Number.isNaN(error) ? [NaN, NaN] : [-1, 1].map((side) => this.invert(printed + side * REACH * error));
    return { truth: this.invert(printed), lower: ends[0], upper: ends[1] };
  }
}

/** Share of entries of W that are not zero, off the diagonal, and how many neighbours count. */
export function density(matrix) {
  const n = matrix.length;
  const joined = sum(matrix.map((row) => row.filter((value) => value > 0).length));
  return { share: joined / (n * (n - 1)), effective: sum(matrix.map((row) => 1 / dot(row, row))) / n };
}
