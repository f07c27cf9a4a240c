/* The specification curve that a reader can filter. Plain script, no library, works from disk. */
(function () {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const root = document.currentScript.closest(".curve-live");
  const data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const count = data.specifications.length;
  const shown = data.choices.map((choice) => choice.options.map(() => true));
  let quantity = 0;
  let order = [];
  let cursor = 0;

  const element = (name, attributes, text) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const shape = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const written = (value) => {
    const size = Math.abs(value);
    const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
    return value.toFixed(digits).replace("-", "−");
  };
  const percent = (part, whole) => {
    const rounded = Math.round((100 * part) / whole);
    if (rounded === 100 && part < whole) return "over 99 %";
    return rounded === 0 && part > 0 ? "under 1 %" : `${rounded} %`;
  };
  const at = (list, share) => {
    const place = share * (list.length - 1);
    const low = Math.floor(place);
    const high = Math.ceil(place);
    return list[low] + (place - low) * (list[high] - list[low]);
  };

  /* Controls */
  const controls = root.appendChild(element("div", { class: "curve-controls" }));
  if (data.quantities.length > 1) {
    const label = controls.appendChild(element("label", { class: "curve-quantity" }, "Shown: "));
    const select = label.appendChild(element("select"));
    data.quantities.forEach((each, place) =>
      select.appendChild(element("option", { value: place }, each.label))
    );
    select.addEventListener("change", () => {
      quantity = Number(select.value);
      update();
    });
  }
  data.choices.forEach((choice, which) => {
    const set = controls.appendChild(element("fieldset"));
    set.appendChild(element("legend", {}, choice.meaning));
    choice.options.forEach((option, place) => {
      const label = set.appendChild(element("label"));
      const box = label.appendChild(element("input", { type: "checkbox" }));
      box.checked = true;
      label.append(` ${option}`);
      box.addEventListener("change", () => {
        shown[which][place] = box.checked;
        update();
      });
    });
  });
  const all = controls.appendChild(element("button", { type: "button" }, "Show all"));
  all.addEventListener("click", () => {
    for (const box of controls.querySelectorAll("input")) box.checked = true;
    shown.forEach((row) => row.fill(true));
    update();
  });

  const summary = root.appendChild(element("p", { class: "curve-summary", "aria-live": "polite" }));
  const frame = root.appendChild(element("div", { class: "curve-frame" }));
  const slide = root.appendChild(element("label", { class: "curve-slide" }, "Go through them: "));
  const slider = slide.appendChild(element("input", { type: "range", min: 0, step: 1 }));
  const reading = root.appendChild(element("p", { class: "curve-reading" }));

  const described = (position) =>
    data.choices
      .map((choice, which) => choice.options[data.specifications[position][which]])
      .join(" · ");

  function update() {
    const { estimate } = data.quantities[quantity];
    order = [];
    for (let position = 0; position < count; position += 1) {
      const fits = data.specifications[position].every((option, which) => shown[which][option]);
      if (fits && estimate[position] !== null) order.push(position);
    }
    order.sort((a, b) => estimate[a] - estimate[b]);
    const book = order.indexOf(data.book);
    cursor = book >= 0 ? book : Math.floor(order.length / 2);
    slider.max = Math.max(order.length - 1, 0);
    slider.value = cursor;
    slider.disabled = order.length === 0;
    summarise();
    draw();
  }

  function summarise() {
    const { estimate, lower, upper, tested, truth } = data.quantities[quantity];
    const values = order.map((position) => estimate[position]);
    if (!values.length) {
      summary.textContent = "No specification is left: tick more of them.";
      return;
    }
    const median = at(values, 0.5);
    const same = values.filter((value) => Math.sign(value) === Math.sign(median)).length;
    const clear = order.filter((p) => lower[p] > 0 || upper[p] < 0).length;
    const parts = [
      `${order.length} of ${count} specifications`,
      `median ${written(median)}`,
      `range ${written(values[0])} to ${written(values[values.length - 1])}`,
    ];
    if (tested) {
      parts.push(`${percent(same, values.length)} have the sign of the median`);
      parts.push(`${percent(clear, values.length)} significant at 5 %`);
    }
    if (truth !== null) {
      const below = values.filter((value) => value < truth).length;
      parts.push(`${below} below the truth of ${written(truth)}, ${values.length - below} above`);
    }
    summary.textContent = `${parts.join("; ")}.`;
  }

  /* Drawing */
  function draw() {
    frame.textContent = "";
    reading.textContent = "";
    if (!order.length) return;
    const { estimate, lower, upper, label, truth } = data.quantities[quantity];
    const width = Math.max(frame.clientWidth, 280);
    const names = data.choices.flatMap((choice) => choice.options);
    const left = Math.min(150, Math.max(...names.map((name) => name.length)) * 6.4 + 8);
    const high = 230;
    const row = 13;
    const gap = 19;
    const head = 20;
    const tall = high + 14 + names.length * row + data.choices.length * gap + 22;
    const centre = order.map((position) => estimate[position]);
    const ends = order.flatMap((position) => [lower[position], upper[position]]);
    ends.sort((a, b) => a - b);
    let bottom = Math.min(at(ends, 0.02), centre[0]);
    let top = Math.max(at(ends, 0.98), centre[centre.length - 1]);
    if (data.quantities[quantity].tested) {
      bottom = Math.min(bottom, 0);
      top = Math.max(top, 0);
    }
    if (truth !== null) {
      bottom = Math.min(bottom, truth);
      top = Math.max(top, truth);
    }
    const margin = (top - bottom || 1) * 0.04;
    bottom -= margin;
    top += margin;
    const x = (place) => left + ((place + 0.5) / order.length) * (width - left - 4);
    const y = (value) =>
      Math.min(high, Math.max(head, head + ((top - value) / (top - bottom)) * (high - head)));
    const picture = shape("svg", {
      viewBox: `0 0 ${width} ${tall}`,
      width,
      height: tall,
      role: "img",
      "aria-label": `${label} in ${order.length} specifications, sorted. ${summary.textContent}`,
    });
    for (const tick of ticks(bottom, top)) {
      picture.appendChild(
        shape("path", { d: `M${left} ${y(tick)}H${width - 4}`, class: tick ? "grid" : "zero" })
      );
      picture.appendChild(
        shape("text", { x: left - 5, y: y(tick) + 4, class: "tick" }, written(tick).replace(/\.?0+$/, "") || "0")
      );
    }
    const bars = { clear: "", unclear: "" };
    const dots = { clear: "", unclear: "" };
    order.forEach((position, place) => {
      const kind = lower[position] > 0 || upper[position] < 0 ? "clear" : "unclear";
      bars[kind] += `M${x(place).toFixed(1)} ${y(lower[position]).toFixed(1)}V${y(upper[position]).toFixed(1)}`;
      dots[kind] += `M${x(place).toFixed(1)} ${y(estimate[position]).toFixed(1)}h0`;
    });
    for (const kind of ["unclear", "clear"]) {
      picture.appendChild(shape("path", { d: bars[kind], class: `bar ${kind}` }));
    }
    for (const kind of ["unclear", "clear"]) {
      picture.appendChild(shape("path", { d: dots[kind], class: `dot ${kind}` }));
    }
    if (truth !== null) {
      picture.appendChild(shape("path", { d: `M${left} ${y(truth)}H${width - 4}`, class: "truth" }));
      const beside = { x: width - 6, y: y(truth) - 4, class: "truth" };
      picture.appendChild(shape("text", beside, `truth ${written(truth)}`));
    }
    const wording = (text, x, y) => picture.appendChild(shape("text", { x, y, class: "wording" }, text));
    wording(`${label}, with 95 % intervals`, left, 12);
    const cut = [order.filter((p) => lower[p] < bottom).length, order.filter((p) => upper[p] > top).length];
    if (cut[0]) wording(`↓ ${cut[0]} intervals go on`, width - 130, high - 5);
    if (cut[1]) wording(`↑ ${cut[1]} intervals go on`, left + 6, head + 12);
    wording("specifications in ascending order of the estimate", left, tall - 4);
    let line = high + 14;
    data.choices.forEach((choice, which) => {
      line += gap;
      const heading = { x: left, y: line - row, class: "heading" };
      picture.appendChild(shape("text", heading, choice.meaning));
      choice.options.forEach((option, each) => {
        let marks = "";
        order.forEach((position, place) => {
          if (data.specifications[position][which] === each) {
            marks += `M${x(place).toFixed(1)} ${line - 9}v9`;
          }
        });
        picture.appendChild(shape("text", { x: left - 5, y: line, class: "option" }, option));
        picture.appendChild(shape("path", { d: marks, class: "mark" }));
        line += row;
      });
    });
    const needle = picture.appendChild(shape("path", { class: "needle" }));
    const book = order.indexOf(data.book);
    if (book >= 0) {
      const place = { cx: x(book), cy: y(estimate[data.book]), r: 4.5, class: "book" };
      picture.appendChild(shape("circle", place)).appendChild(
        shape("title", {}, "the book's specification")
      );
    }
    frame.appendChild(picture);
    const move = (place) => {
      cursor = Math.min(order.length - 1, Math.max(0, place));
      const position = order[cursor];
      needle.setAttribute("d", `M${x(cursor)} 0V${tall}`);
      const text =
        `${cursor + 1} of ${order.length}: ${written(estimate[position])} ` +
        `(95 %: ${written(lower[position])} to ${written(upper[position])})` +
        `${position === data.book ? ", the book's specification" : ""}. ${described(position)}`;
      reading.textContent = text;
      slider.value = cursor;
      slider.setAttribute("aria-valuetext", text);
    };
    picture.addEventListener("pointermove", (event) => point(event));
    picture.addEventListener("pointerdown", (event) => point(event));
    const point = (event) => {
      const box = picture.getBoundingClientRect();
      const across = ((event.clientX - box.left) / box.width) * width;
      move(Math.floor(((across - left) / (width - left - 4)) * order.length));
    };
    slider.oninput = () => move(Number(slider.value));
    move(cursor);
  }

  function ticks(bottom, top) {
    const rough = (top - bottom) / 4;
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = unit * ([1, 2, 5, 10].find((factor) => factor * unit >= rough) || 10);
    const found = [];
    for (let n = Math.ceil(bottom / step); n * step <= top; n += 1) found.push(n * step);
    return found;
  }

  /* The still picture stays for print; on the screen this one takes its place. */
  function takePlace() {
    const figure = document.getElementById(root.dataset.figure);
    const still = figure && figure.querySelector("svg:not(.curve-live svg)");
    if (still) {
      still.classList.add("curve-still");
      still.parentNode.insertBefore(root, still);
    }
    let width = 0;
    new ResizeObserver(() => {
      if (frame.clientWidth !== width) {
        width = frame.clientWidth;
        draw();
      }
    }).observe(frame);
    update();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", takePlace);
  else takePlace();
})();
