// The normal distribution to rounding, and numbers as Python writes them.

/** P(Z > z). */
export function upperTail(z) {
  if (z < 0) return 1 - upperTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z, total = z;
    for (let k = 1; k < 200 && Math.abs(term) > 1e-18 * total; k++) total += term *= (z * z) / (2 * k + 1);
    return 0.5 - density * total;
  }
  let fraction = z;
  for (let k = 150; k >= 1; k--) fraction = z + k / fraction;
  return density / fraction;
}

export const twoSided = (z) => 2 * upperTail(Math.abs(z));

/** The 97.5 % quantile. */
export const REACH = 1.959963984540054;

/** A number as Python's format(value, ".4g"). */
export function general(value, digits = 4) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  if (power < -4 || power >= digits) {
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa}e${power < 0 ? "-" : "+"}${size}`;
  }
  const fixed = value.toFixed(Math.max(digits - 1 - power, 0));
  return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
}

export function listed(items, atMost = 5) {
  const shown = items.slice(0, atMost).join(", ");
  return items.length > atMost ? `${shown} and ${items.length - atMost} more` : shown;
}

/** What the package refuses is refused here under the same name, in the same words. */
export class Refusal extends Error {
  constructor(kind, message) {
    super(message);
    this.name = kind;
  }
}
