// The page of one step of backpropagation: computes what the derivation says, and shows it.
//
// The derivation is a small program. Each quantity has a number; the given ones are changed by the
// user, and every step finds one more from those before it, by a tree such as
// ["+", "0", ["*", 2, "1"]], in which a text is the number of a quantity.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // ---- Arithmetic ---------------------------------------------------------------------------

  const operations = {
    "+": (...parts) => parts.reduce((a, b) => a + b),
    "*": (...parts) => parts.reduce((a, b) => a * b),
    "-": (a, b) => a - b,
    "/": (a, b) => a / b,
    "^": (a, b) => (b === 2 ? a * a : a ** b),
    neg: (a) => -a,
    max: Math.max,
    min: Math.min,
    norm: (...parts) => Math.sqrt(parts.reduce((sum, a) => sum + a * a, 0)),
    abs: Math.abs,
    sign: Math.sign,
    sqrt: Math.sqrt,
    exp: Math.exp,
    ln: Math.log,
    tanh: Math.tanh,
    Phi: normal,
    ">": (a, b) => a > b,
    "≥": (a, b) => a >= b,
    "<": (a, b) => a < b,
    "≤": (a, b) => a <= b,
  };

  // The distribution function of the standard normal distribution: ½ + φ(x)·(x + x³/3 + x⁵/15 + …)
  // (Marsaglia, 2004, "Evaluating the normal distribution").
  function normal(x) {
    if (Math.abs(x) > 9) return x > 0 ? 1 : 0;
    let term = x;
    let sum = x;
    for (let i = 3; sum !== sum + term; i += 2) {
      term *= (x * x) / i;
      sum += term;
    }
    return 0.5 + sum * Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  }

  function compute(tree, values) {
    if (typeof tree === "number") return tree;
    if (typeof tree === "string") return values[tree];
    const [operation, ...parts] = tree;
    if (operation === "if") {
      return compute(compute(parts[0], values) ? parts[1] : parts[2], values);
    }
    return operations[operation](...parts.map((part) => compute(part, values)));
  }

  // Finds all quantities from the given ones.
  function run(values) {
    for (const step of data.program) values[step.q] = compute(step.safe, values);
  }

  // Gives the values with which the next step of training begins.
  function stepped(values) {
    const next = values.slice();
    for (const [given, found] of data.carried) next[given] = values[found];
    run(next);
    return next;
  }

  // ---- State --------------------------------------------------------------------------------

  const start = data.values.slice();
  let values = start.slice();
  let losses = [];
  let taken = 0;
  let at = 0; // the step that is looked at
  let follow = ""; // the parameter whose paths are lit
  let sample = 0;

  // Puts the state into the address, without an entry in the history for each change.
  function remember() {
    const state = new URLSearchParams();
    for (const q of data.givens) {
      if (!Object.is(values[q], start[q])) state.set(data.names[q], String(values[q]));
    }
    if (taken) state.set("steps", String(taken));
    if (at) state.set("at", String(at + 1));
    if (follow !== "") state.set("follow", data.names[follow]);
    if (sample) state.set("sample", String(sample + 1));
    const fragment = state.toString();
    if (fragment !== location.hash.slice(1)) {
      try {
        history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
      } catch {
        // Too many changes within a few seconds, or a page without an address: the next one will do.
      }
    }
  }

  // Reads the state from the address; what it does not know, it leaves alone.
  function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    values = start.slice();
    for (const q of data.givens) {
      const text = state.get(data.names[q]);
      if (text !== null && text.trim() !== "" && Number.isFinite(Number(text))) values[q] = Number(text);
    }
    const count = (name, most) => {
      const number = Number(state.get(name) ?? 0);
      return Number.isInteger(number) && number >= 0 ? Math.min(number, most) : 0;
    };
    taken = count("steps", 1e9);
    at = Math.max(0, count("at", data.steps.length) - 1);
    sample = Math.max(0, count("sample", data.samples) - 1);
    const wanted = data.names.indexOf(state.get("follow"));
    follow = data.parameters.includes(wanted) ? String(wanted) : "";
    run(values);
    losses = [values[data.loss]];
  }

  // ---- Writing ------------------------------------------------------------------------------

  const superscript = (text) => [...text].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻").join("");

  // Writes a number to so many significant digits; fewer where that is exact.
  function written(number) {
    const value = number === 0 ? 0 : number; // −0 is no other number
    if (Number.isNaN(value)) return "nan";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const rounded = Number(value.toPrecision(data.digits));
    const exact = Math.abs(rounded - value) <= 2 * data.eps * Math.abs(value);
    const [mantissa, power] = value.toExponential(data.digits - 1).split("e");
    const far = Number(power) < -4 || Number(power) >= data.digits;
    let text = far ? mantissa : value.toFixed(data.digits - 1 - Number(power));
    if (exact && text.includes(".")) text = text.replace(/\.?0+$/, "");
    if (far) text += `·10${superscript(String(Number(power)))}`;
    return text.replace("-", "−");
  }

  function writeNumbers(within = document) {
    for (const place of all("[data-q]", within)) {
      const value = values[place.dataset.q];
      const text = written(value);
      place.textContent = "b" in place.dataset && value < 0 ? `(${text})` : text;
    }
    for (const place of all("[data-when]", within)) {
      place.classList.toggle("hidden", !compute(data.conditions[place.dataset.when], values));
    }
    for (const place of all("[data-unless]", within)) {
      place.classList.toggle("hidden", compute(data.conditions[place.dataset.unless], values));
    }
  }

  const near = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

  // Shows the formulas that give the value: where a factor is rounded to 0, only the safe one does.
  function chooseForms(step, within) {
    if (!step.forms.length) return;
    const value = values[step.q];
    const right = step.forms.map((form) => near(compute(form, values), value));
    if (!right.includes(true)) right[right.length - 1] = true;
    else if (step.spare && right.indexOf(true) < right.length - 1) right[right.length - 1] = false;
    all("[data-form]", within).forEach((place) => {
      const form = Number(place.dataset.form);
      place.classList.toggle("hidden", !right[form]);
      const numbers = place.querySelector(".number");
      if (numbers) numbers.classList.toggle("hidden", form !== right.indexOf(true));
    });
  }

  // ---- The network --------------------------------------------------------------------------

  const picture = find("picture");
  const places = new Map(all("[data-place]", document).map((place) => [place.dataset.place, place]));

  function drawNetwork() {
    const weights = all(".edge", picture);
    const largest = Math.max(...weights.map((edge) => Math.abs(values[edge.dataset.w])), 1e-300);
    for (const edge of weights) {
      const weight = values[edge.dataset.w];
      edge.classList.toggle("minus", weight < 0);
      edge.style.strokeWidth = 0.75 + 6 * Math.min(1, Math.abs(weight) / largest || 0);
    }
    for (const text of all("[data-held]", picture)) {
      const q = text.dataset.held.split(" ")[Math.min(sample, text.dataset.held.split(" ").length - 1)];
      text.textContent = `${text.dataset.label}${short(values[q])}`;
    }
    for (const place of all(".now", picture)) place.classList.remove("now");
    const place = places.get(data.steps[at].place);
    if (place) place.classList.add("now");
  }

  const short = (value) => String(Number(value.toPrecision(4))).replace("-", "−");

  // All paths from a parameter to the loss, at most so many.
  function pathsFrom(parameter, most) {
    const behind = Map.groupBy(data.links[sample], (link) => link.start);
    const found = [];
    const go = (name, path) => {
      if (found.length >= most) return;
      if (!behind.has(name)) found.push(path);
      else for (const link of behind.get(name)) go(link.end, [...path, link]);
    };
    go(data.names[parameter], []);
    const counts = new Map();
    const count = (name) => {
      if (!behind.has(name)) return 1;
      if (!counts.has(name)) counts.set(name, behind.get(name).reduce((sum, link) => sum + count(link.end), 0));
      return counts.get(name);
    };
    return [found, count(data.names[parameter])];
  }

  const math = (inner, kind = "") => `<math class="${kind}">${inner}</math>`;
  const valueOf = (link) => (link.value === "1" ? 1 : values[link.value]);
  const factors = (path, write, sign) =>
    path.map((link, i) => math(`${i ? `<mo>${sign}</mo>` : ""}${write(link)}`, `factor p${i % 6}`)).join("");
  const bracketed = (value) => `<mn>${value < 0 ? `(${written(value)})` : written(value)}</mn>`;

  function showPaths() {
    for (const place of all(".lit", picture)) place.classList.remove("lit", "p0", "p1", "p2", "p3", "p4", "p5");
    picture.classList.toggle("following", follow !== "");
    const box = find("paths");
    if (follow === "") {
      box.replaceChildren();
      return;
    }
    const [paths, count] = pathsFrom(follow, 40);
    const behind = Map.groupBy(data.links[sample], (link) => link.start);
    let level = new Set([data.names[follow]]);
    for (let i = 0; level.size; i += 1) {
      const next = new Set();
      for (const link of [...level].flatMap((name) => behind.get(name) ?? [])) {
        next.add(link.end);
        const place = places.get(link.place);
        if (place && !place.classList.contains("lit")) place.classList.add("lit", `p${i % 6}`);
      }
      level = next;
    }
    const products = paths.map((path) => path.reduce((product, link) => product * valueOf(link), 1));
    const gradient = data.gradients[sample][follow];
    const total = values[gradient];
    const lines = paths.map((path, i) => {
      const along = [data.names[follow], ...path.map((link) => link.end)].join(" → ");
      return (
        `<div class="path"><p class="hint">${along}</p><p class="line">${factors(path, (link) => link.factor, "·")}</p>` +
        `<p class="line">${math("<mo>=</mo>")}${factors(path, (link) => bracketed(valueOf(link)), "×")}` +
        `${math(`<mo>=</mo><mn>${written(products[i])}</mn>`)}</p></div>`
      );
    });
    const rest = count - paths.length;
    if (rest > 0) {
      const sum = total - products.reduce((a, b) => a + b, 0);
      lines.push(`<p class="path">The other ${rest} paths together give ${written(sum)}.</p>`);
    }
    const added = count === 1 ? "" : `the sum over ${count} paths, `;
    box.innerHTML =
      `<p>${math(`${data.labels[gradient]}<mo>=</mo><mn>${written(total)}</mn>`)} ${added}` +
      `each the product of the factors along it:</p>${lines.join("")}`;
  }

  // ---- The walk -----------------------------------------------------------------------------

  function showStep() {
    const step = data.steps[at];
    const source = find(`step-${at}`);
    const card = find("card");
    card.replaceChildren(...[...source.childNodes].map((node) => node.cloneNode(true)));
    chooseForms(step, card);
    writeNumbers(card);
    find("position").textContent = `step ${at + 1} of ${data.steps.length}`;
    find("back").disabled = at === 0;
    find("next").disabled = at === data.steps.length - 1;
    for (const button of all("[data-stage]")) {
      if (button.dataset.stage === step.stage) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
    reach(card);
  }

  function goTo(step) {
    at = Math.min(Math.max(step, 0), data.steps.length - 1);
    showStep();
    drawNetwork();
    remember();
  }

  // Lets the keyboard reach what is wider than its place.
  function reach(within = document) {
    for (const box of all(".line, .scroll, .tables", within)) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  // ---- Training -----------------------------------------------------------------------------

  function train(steps) {
    for (let i = 0; i < steps; i += 1) {
      values = stepped(values);
      losses.push(values[data.loss]);
      taken += 1;
    }
    show();
  }

  function drawCurve() {
    const finite = losses.filter(Number.isFinite);
    const top = Math.max(...finite.map(Math.abs), 1e-300);
    const low = Math.min(0, ...finite);
    const last = Math.max(losses.length - 1, 1);
    const every = Math.max(1, Math.floor(losses.length / 2000));
    const x = (i) => 44 + (348 * i) / last;
    const y = (loss) => 130 - (120 * (loss - low)) / (top - low || 1);
    const points = losses
      .map((loss, i) => [i, loss])
      .filter(([i, loss]) => Number.isFinite(loss) && (i % every === 0 || i === losses.length - 1));
    find("curve-line").setAttribute("d", points.map(([i, loss], n) => `${n ? "L" : "M"}${x(i).toFixed(1)} ${y(loss).toFixed(1)}`).join(""));
    const [i, loss] = points.at(-1) ?? [0, 0];
    find("curve-dot").setAttribute("cx", x(i));
    find("curve-dot").setAttribute("cy", y(loss));
    find("curve-top").textContent = short(top);
    find("curve-end").textContent = `${losses.length - 1} steps`;
    find("curve-title").textContent = `The loss after each step, from ${written(losses[0])} to ${written(losses.at(-1))}`;
  }

  // ---- All together -------------------------------------------------------------------------

  function show() {
    const next = stepped(values);
    for (const [after, before] of data.again) values[after] = next[before];
    data.steps.forEach((step, i) => chooseForms(step, find(`step-${i}`)));
    writeNumbers();
    const [before, after] = [values[data.loss], next[data.loss]];
    const moved = after < before ? "falls" : after > before ? "rises: the step is too long" : "stays the same";
    find("outcome").textContent = Number.isFinite(after) ? `With the new numbers the loss ${moved}.` : "With the new numbers the loss is no number any more: the step was far too long.";
    find("status").textContent = `Loss ${written(before)} after ${taken} ${taken === 1 ? "step" : "steps"}; the next step gives ${written(after)}.`;
    for (const input of all("input[data-given]")) {
      const value = String(values[input.dataset.given]);
      if (document.activeElement !== input || Number(input.value) !== Number(value)) input.value = value;
      input.removeAttribute("aria-invalid");
    }
    find("follow").value = follow;
    if (data.samples > 1) find("sample").value = String(sample);
    drawNetwork();
    drawCurve();
    showStep();
    showPaths();
    remember();
  }

  function change(input) {
    const value = input.value.trim() === "" ? NaN : Number(input.value);
    if (!Number.isFinite(value)) {
      input.setAttribute("aria-invalid", "true");
      find("status").textContent = `${data.names[input.dataset.given]} needs a number; the last one is kept.`;
      return;
    }
    values[input.dataset.given] = value;
    run(values);
    losses = [values[data.loss]];
    taken = 0;
    show();
  }

  function begin() {
    find("play").hidden = false;
    find("back").addEventListener("click", () => goTo(at - 1));
    find("next").addEventListener("click", () => goTo(at + 1));
    for (const button of all("[data-stage]")) {
      button.addEventListener("click", () => goTo(data.steps.findIndex((step) => step.stage === button.dataset.stage)));
    }
    document.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (event.target.closest("input, select, textarea, [tabindex]")) return;
      if (event.key === "ArrowLeft") goTo(at - 1);
      if (event.key === "ArrowRight") goTo(at + 1);
    });
    find("one").addEventListener("click", () => train(1));
    find("hundred").addEventListener("click", () => train(100));
    find("reset").addEventListener("click", () => {
      values = start.slice();
      taken = 0;
      run(values);
      losses = [values[data.loss]];
      show();
    });
    find("link").addEventListener("click", async () => {
      remember();
      try {
        await navigator.clipboard.writeText(location.href);
        find("status").textContent = "The link is in the clipboard.";
      } catch {
        find("status").textContent = `The address of this page carries the state: ${location.href}`;
      }
    });
    for (const input of all("input[data-given]")) input.addEventListener("input", () => change(input));
    find("follow").addEventListener("change", (event) => {
      follow = event.target.value;
      showPaths();
      remember();
    });
    if (data.samples > 1) {
      find("sample").addEventListener("change", (event) => {
        sample = Number(event.target.value);
        show();
      });
    }
    picture.addEventListener("click", (event) => {
      const weight = event.target.dataset.w;
      if (weight === undefined || !data.parameters.includes(Number(weight))) return;
      follow = follow === weight ? "" : weight;
      find("follow").value = follow;
      showPaths();
      remember();
    });
    window.addEventListener("hashchange", () => {
      recall();
      show();
    });
    window.addEventListener("resize", () => reach());
    recall();
    show();
    reach();
  }

  if (data.links) begin();
  else reach();
})();
