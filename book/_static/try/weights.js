// Spatial weight matrices from places and mean income; rows sum to one.
import { mean, sum, zeros } from "./linalg.js";
import { listed, Refusal } from "./normal.js";

const RADIUS = 6371.0088;

export function greatCircle(places) {
  const n = places.lon.length;
  const rad = (degrees) => degrees * (Math.PI / 180);
  const lon = places.lon.map(rad), lat = places.lat.map(rad);
  const out = zeros(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const half =
        Math.sin((lat[i] - lat[j]) / 2) ** 2 +
        Math.cos(lat[i]) * Math.cos(lat[j]) * Math.sin((lon[i] - lon[j]) / 2) ** 2;
      out[i][j] = 2 * RADIUS * Math.asin(Math.sqrt(Math.min(Math.max(half, 0), 1)));
    }
  }
  return out;
}

function proximity(places, power) {
  const n = places.lon.length;
  const out = greatCircle(places);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      if (out[i][j] === 0) {
        throw new Refusal(
          "DomainError",
          `coordinates: ${places.names[i]} and ${places.names[j]} stand at the same point, ` +
            "so their inverse distance is infinite; correct one of them",
        );
      }
      out[i][j] **= -power;
    }
  }
  return out;
}

function economicProximity(income, floor = 0.01) {
  const least = floor * mean(income);
  return zeros(income.length).map((row, i) =>
    row.map((_, j) => (i === j ? 0 : 1 / Math.max(Math.abs(income[i] - income[j]), least))),
  );
}

const combine = (a, b, f) => a.map((row, i) => row.map((value, j) => f(value, b[i][j], i, j)));

export function standardise(matrix, names, name) {
  const sums = matrix.map(sum);
  const odd = names.filter((_, i) => Number.isNaN(sums[i]));
  if (odd.length) {
    throw new Refusal("NonFiniteError", `${name}: entries that are not finite in the rows of ${listed(odd)}`);
  }
  const islands = names.filter((_, i) => !(sums[i] > 0));
  if (islands.length) {
    throw new Refusal(
      "IslandError",
      `${name}: without neighbours: ${listed(islands)}; give them neighbours (inverse distance, nearest neighbours) or drop them`,
    );
  }
  return matrix.map((row, i) => row.map((value) => value * (1 / sums[i])));
}

const rows = (matrix) => matrix.map((row) => {
  const total = sum(row);
  return row.map((value) => value / total);
});

export function inverseDistance(places, power = 1) {
  return standardise(proximity(places, power), places.names, `1/d^${power}`);
}

export function additiveNest(places, phi = 0.5, power = 1) {
  const geography = rows(proximity(places, power)), economy = rows(economicProximity(places.income));
  return standardise(combine(geography, economy, (g, e) => phi * g + (1 - phi) * e), places.names, `additive nest (phi=${phi})`);
}

export function diagonalNest(places, power = 1) {
  const average = mean(places.income);
  const near = proximity(places, power);
  return standardise(near.map((row) => row.map((value, j) => value * (places.income[j] / average))), places.names, "diagonal nest");
}

export function product(places, power = 2) {
  const near = proximity(places, power);
  return standardise(combine(near, economicProximity(places.income), (a, b) => a * b), places.names, "product");
}

export function gravity(places, power = 2) {
  const near = proximity(places, power), mass = places.income;
  return standardise(near.map((row, i) => row.map((value, j) => value * (mass[i] * mass[j]))), places.names, "gravity");
}

export function nearest(places, k = 5) {
  const n = places.lon.length;
  if (!(Number.isInteger(k) && k >= 1 && k < n)) {
    throw new Refusal("SpecificationError", `k=${k}: must be a whole number from 1 to ${n - 1}`);
  }
  const distance = greatCircle(places);
  const out = zeros(n);
  for (let i = 0; i < n; i++) {
    const order = [...distance[i].keys()].filter((j) => j !== i);
    order.sort((a, b) => distance[i][a] - distance[i][b]);
    for (const j of order.slice(0, k)) out[i][j] = 1;
  }
  return standardise(out, places.names, `${k} nearest`);
}

/** The builders a page may offer, by kind; what is left of a declaration are its numbers. */
export const BUILDERS = {
  "inverse-distance": (places, { power = 1 } = {}) => inverseDistance(places, power),
  "additive-nest": (places, { phi = 0.5, power = 1 } = {}) => additiveNest(places, phi, power),
  "diagonal-nest": (places, { power = 1 } = {}) => diagonalNest(places, power),
  product: (places, { power = 2 } = {}) => product(places, power),
  gravity: (places, { power = 2 } = {}) => gravity(places, power),
  nearest: (places, { k = 5 } = {}) => nearest(places, k),
};
