// From a reader's choice to everything that the page shows; no page in here.
import { effects, moran, quadratic, turningPoint } from "./effects.js";
import { cut, fit, stability, term } from "./fit.js";
import { sum } from "./linalg.js";
import { Refusal } from "./normal.js";
import { Operator } from "./operator.js";
import { BUILDERS } from "./weights.js";

/** Float64Arrays by period from the base64 text of little-endian doubles. */
function decoded(text, n) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const all = new Float64Array(bytes.buffer);
  return Array.from({ length: all.length / n }, (_, t) => all.slice(t * n, (t + 1) * n));
}

export function unpack(data) {
  const values = {};
  for (const [name, text] of Object.entries(data.values)) values[name] = decoded(text, data.units.length);
  return { ...data, values };
}

export function builder(name) {
  const nearest = /^nearest-(\d+)$/.exec(name);
  if (nearest) return (places) => BUILDERS.nearest(places, { k: Number(nearest[1]) });
  const [, kind, squared] = /^(.*?)(-squared)?$/.exec(name);
  return (places) => BUILDERS[kind](places, squared ? { power: 2 } : {});
}

const operators = new Map();

/** The operator of a choice of weights, units and periods; the last few are kept. */
function operatorOf(data, panel, kept, weights) {
  const key = `${data.name}|${weights}|${kept}|${data.income ? panel.periods : ""}`;
  if (!operators.has(key)) {
    const income = data.income && kept.map((_, i) =>
      sum(panel.values[data.income].map((row) => row[i])) / panel.periods.length);
    const at = (values) => kept.map((i) => values[i]);
    const places = { names: panel.units, lon: at(data.lon), lat: at(data.lat), income };
    if (operators.size > 12) operators.delete(operators.keys().next().value);
    operators.set(key, new Operator(builder(weights)(places)));
  }
  return operators.get(key);
}

/** A result, or the refusal in its place. */
function attempt(make) {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refused: error.name, message: error.message };
  }
}

/**
 * Estimate a choice: weights, first, last, without, controls, model, dynamics, effects, estimator.
 */
export function choose(data, choice) {
  return attempt(() => {
    const periods = data.periods.filter((t) => choice.first <= t && t <= choice.last);
    const kept = [...data.units.keys()].filter((i) => !choice.without.includes(data.units[i]));
    if (!periods.length) throw new Refusal("ParameterError", `years ${choice.first}-${choice.last}: the first lies after the last`);
    if (!kept.length) throw new Refusal("PanelError", `${data.source}: no ${data.unit} left in the sub-panel`);
    const panel = cut(data, kept, periods);
    const operator = operatorOf(data, panel, kept, choice.weights);
    const spec = {
      outcome: data.outcome,
      regressors: data.regressors.filter((name) => data.focus.includes(name) || choice.controls.includes(name)),
      model: choice.model,
      dynamic: choice.dynamics === "dynamic",
      effects: choice.effects,
      estimator: choice.estimator,
    };
    const fitted = fit(panel, spec, operator);
    const curved = spec.regressors.find((name) => name.endsWith("^2") && spec.regressors.includes(term(name).name));
    const found = { panel, fit: fitted, short: effects(fitted), moran: attempt(() => moran(panel, data.outcome, operator)) };
    if (spec.dynamic) {
      found.stability = stability(fitted);
      found.long = attempt(() => effects(fitted, "long"));
    }
    if (curved) {
      const { name } = term(curved), values = panel.values[name].flatMap((row) => [...row]);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const turn = turningPoint(quadratic(fitted, name), low, high);
      found.turn = { ...turn, name, low, high, beyond: values.filter((x) => x > turn.point).length, of: values.length };
    }
    return found;
  });
}

/** The numbers of a result, for a comparison with the package. */
export function numbers(found) {
  if (found.refused) return found;
  const { fit: f } = found;
  const table = (e) => (e.refused ? e : Object.fromEntries(Object.entries(e).map(([name, kinds]) =>
    [name, Object.fromEntries(Object.entries(kinds).map(([kind, { estimate, error }]) => [kind, [estimate, error]]))])));
  return {
    params: Object.fromEntries(f.names.map((name, i) => [name, f.values[i]])),
    errors: Object.fromEntries(f.names.map((name, i) => [name, f.errors[i]])),
    loglik: f.loglik,
    short: table(found.short),
    long: found.long ? table(found.long) : null,
    stability: found.stability ? Object.values(found.stability) : null,
    turn: found.turn ? [found.turn.point, found.turn.error, found.turn.p] : null,
    moran: found.moran.refused ? found.moran : found.moran.map(({ I, z, p }) => [I, z, p]),
    warnings: f.warnings.length,
  };
}
