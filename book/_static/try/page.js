// What both boxes do with a page: elements, numbers as the book writes them, drawings.

const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...content);
  return made;
}

export function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** The node itself, emptied and filled again. */
export function refill(node, ...content) {
  node.replaceChildren(...content);
  return node;
}

export const minus = (text) => text.replace("-", "−");

/** A number with as many decimals as an error of its size calls for. */
export function written(value, error = Math.abs(value)) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
  const size = Math.max(error, 1e-12), digits = Math.min(Math.max(1 - Math.floor(Math.log10(size)), 0), 6);
  return minus(value.toFixed(digits));
}

export const chance = (p) => (p < 0.0001 ? "P < 0.0001" : `P = ${p.toFixed(p < 0.1 ? 4 : 2)}`);

export const stars = (p) => (p < 0.01 ? "***" : p < 0.05 ? "**" : p < 0.1 ? "*" : "");

/** A labelled field of a form. */
export function field(label, input) {
  return element("label", { class: "tryit-field" }, element("span", {}, label), input);
}

export function options(values, chosen, label = (value) => value) {
  return values.map((value) => element("option", { value, selected: String(value) === String(chosen) }, label(value)));
}

/** A chart with axes; lines and marks are put in by what `draw` gets: x, y, add. */
export function chart({ x: [x0, x1], y: [y0, y1], xLabel, yLabel, alt, ticks = [5, 5] }, draw) {
  const [width, height, left, bottom, top, right] = [560, 300, 62, 44, 12, 14];
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": alt });
  const x = (value) => left + ((value - x0) / (x1 - x0)) * (width - left - right);
  const y = (value) => height - bottom - ((value - y0) / (y1 - y0)) * (height - bottom - top);
  const add = (name, attributes, text) => svg.appendChild(shape(name, attributes, text));
  for (const value of round(x0, x1, ticks[0])) {
    add("line", { class: "grid", x1: x(value), x2: x(value), y1: top, y2: height - bottom });
    add("text", { x: x(value), y: height - bottom + 16, "text-anchor": "middle" }, minus(String(value)));
  }
  for (const value of round(y0, y1, ticks[1])) {
    add("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) });
    add("text", { x: left - 7, y: y(value) + 4, "text-anchor": "end" }, minus(String(value)));
  }
  add("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, xLabel);
  add("text", { x: 14, y: (height - bottom + top) / 2, "text-anchor": "middle",
    transform: `rotate(-90 14 ${(height - bottom + top) / 2})` }, yLabel);
  draw({ x, y, add, path: (points) => points.map(([a, b], i) => `${i ? "L" : "M"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join("") });
  return svg;
}

function round(low, high, count) {
  const rough = (high - low) / count, unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * unit).find((size) => size >= rough);
  const out = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9 * step; value += step) {
    out.push(Number(value.toPrecision(8)));
  }
  return out;
}

/** A choice in the fragment of the address, which a page read from disk may change as well. */
export function asked(prefix) {
  const text = decodeURIComponent(location.hash.slice(1));
  return text.startsWith(prefix) ? Object.fromEntries(new URLSearchParams(text.slice(prefix.length))) : null;
}

export function remember(prefix, choice) {
  const text = new URLSearchParams(choice).toString();
  history.replaceState(null, "", text ? `#${prefix}${text}` : location.pathname + location.search);
}
