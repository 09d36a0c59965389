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
    if (Number.isNaN(x) || Math.abs(x) > 9) return x > 0 ? 1 : x < 0 ? 0 : NaN;
    let term = x;
    let sum = x;
    for (let i = 3; sum !== sum + term; i += 2) {
      term *= (x * x) / i;
      sum += term;
    }
    return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
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

  const isFinite = (values) => data.givens.every((q) => Number.isFinite(values[q])) && Number.isFinite(values[data.loss]);

  // ---- State --------------------------------------------------------------------------------

  const start = data.values.slice();
  let values = start.slice();
  let losses = []; // since the numbers were last changed by hand
  let taken = 0; // steps of training
  let at = 0; // the step of the derivation that is looked at
  let follow = ""; // the parameter whose paths are lit
  let sample = 0;

  // Begins anew with these numbers.
  function restart(numbers) {
    values = numbers;
    run(values);
    losses = [values[data.loss]];
  }

  // Writes the state as the fragment of an address.
  function fragment() {
    const state = new URLSearchParams();
    for (const q of data.givens) {
      if (!Object.is(values[q], start[q])) state.set(data.names[q], String(values[q]));
    }
    if (taken) state.set("steps", String(taken));
    if (at) state.set("at", String(at + 1));
    if (follow !== "") state.set("follow", data.names[follow]);
    if (sample) state.set("sample", String(sample + 1));
    return state.toString();
  }

  // Puts the state into the address, without an entry in the history for each change.
  function remember() {
    try {
      history.replaceState(null, "", `#${fragment()}`);
    } catch {
      // Browsers refuse too many changes within a few seconds; a later one will do.
    }
  }

  // Reads the state from the address; what it does not know, it leaves alone.
  function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    const numbers = start.slice();
    for (const q of data.givens) {
      const text = state.get(data.names[q]);
      if (text !== null && text.trim() !== "" && Number.isFinite(Number(text))) numbers[q] = Number(text);
    }
    const count = (name, most) => {
      const number = Number(state.get(name) ?? 0);
      return Number.isInteger(number) && number >= 0 ? Math.min(number, most) : 0;
    };
    taken = count("steps", 1e6);
    at = Math.max(0, count("at", data.steps.length) - 1);
    sample = Math.max(0, count("sample", data.samples) - 1);
    const wanted = data.names.indexOf(state.get("follow"));
    follow = data.parameters.includes(wanted) ? String(wanted) : "";
    restart(numbers);
  }

  // ---- Writing ------------------------------------------------------------------------------

  const superscript = (text) => [...text].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻").join("");

  // Writes a number to so many significant digits; fewer where that is exact.
  function written(number, digits = data.digits) {
    const value = number === 0 ? 0 : number; // −0 is no other number
    if (Number.isNaN(value)) return "nan";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const rounded = Number(value.toPrecision(digits));
    const exact = Math.abs(rounded - value) <= 2 * data.eps * Math.abs(value);
    const [mantissa, power] = value.toExponential(digits - 1).split("e");
    const far = Number(power) < -4 || Number(power) >= digits;
    let text = far ? mantissa : value.toFixed(digits - 1 - Number(power));
    if (exact && text.includes(".")) text = text.replace(/\.?0+$/, "");
    if (far) text += `·10${superscript(String(Number(power)))}`;
    return text.replace("-", "−");
  }

  const short = (value) => written(Number(value.toPrecision(4)), 4);

  // Writes only what differs: most of a page stays as it is.
  function put(place, text) {
    if (place.textContent !== text) place.textContent = text;
  }

  // Puts the present numbers into formulas, and of cases shows those that hold.
  function writeNumbers(within) {
    for (const place of all("[data-q]", within)) {
      const value = values[place.dataset.q];
      const text = written(value);
      const inBrackets = (place.dataset.b && value < 0) || (place.dataset.b === "2" && text.includes("·"));
      put(place, inBrackets ? `(${text})` : text);
    }
    for (const place of all("[data-when]", within)) {
      place.classList.toggle("hidden", !compute(data.conditions[place.dataset.when], values));
    }
    for (const place of all("[data-unless]", within)) {
      place.classList.toggle("hidden", compute(data.conditions[place.dataset.unless], values));
    }
  }

  // Shows the formulas of a step that give its value. Of a saturated sigmoid with cross-entropy, say,
  // one factor is rounded to 0, and the product no longer does; the last form, which every range of
  // numbers is safe with, is then shown instead. Where others hold, a form that is spare is not.
  function chooseForms(step, within) {
    if (!step.forms.length) return;
    const value = values[step.q];
    const near = (found) => Math.abs(found - value) <= 1e-9 * Math.max(1, Math.abs(value));
    const right = step.forms.map((form) => near(compute(form, values)));
    const last = right.length - 1;
    within.querySelector(".told").classList.toggle("hidden", !right.slice(0, step.spare ? last : last + 1).includes(false));
    if (!right.includes(true)) right[last] = true;
    else if (step.spare && right.indexOf(true) < last) right[last] = false;
    for (const place of all("[data-form]", within)) {
      const form = Number(place.dataset.form);
      place.classList.toggle("hidden", !right[form]);
      place.querySelector(".number").classList.toggle("hidden", form !== right.indexOf(true));
    }
  }

  // ---- The network --------------------------------------------------------------------------

  const picture = find("picture");
  const places = new Map(all("[data-place]").map((place) => [place.dataset.place, place]));

  function drawNetwork() {
    const weights = all(".edge", picture);
    const sizes = weights.map((edge) => Math.abs(values[edge.dataset.w])).filter(Number.isFinite);
    const largest = Math.max(...sizes, 1e-300);
    for (const edge of weights) {
      const weight = values[edge.dataset.w];
      edge.classList.toggle("minus", weight < 0);
      edge.style.strokeWidth = 0.75 + 6 * Math.min(1, Math.abs(weight) / largest || 0);
    }
    for (const place of all("[data-held]", picture)) {
      const held = place.dataset.held.split(" ");
      put(place, place.dataset.label + short(values[held[Math.min(sample, held.length - 1)]]));
    }
    for (const place of all(".now", picture)) place.classList.remove("now");
    places.get(data.steps[at].place)?.classList.add("now");
  }

  // The links of the chain rule by what they start from: [{start: "h₁", end: "a(h₁)", …}, …].
  const behind = (data.links ?? []).map((links) => {
    const groups = new Map();
    for (const link of links) groups.set(link.start, [...(groups.get(link.start) ?? []), link]);
    return groups;
  });

  // All paths from a parameter to the loss, at most so many, and how many there are.
  function pathsFrom(name, most) {
    const next = behind[sample];
    const found = [];
    const go = (from, path) => {
      if (found.length >= most) return;
      if (!next.has(from)) found.push(path);
      else for (const link of next.get(from)) go(link.end, [...path, link]);
    };
    go(name, []);
    const counts = new Map();
    const count = (from) => {
      if (!next.has(from)) return 1;
      if (!counts.has(from)) counts.set(from, next.get(from).reduce((sum, link) => sum + count(link.end), 0));
      return counts.get(from);
    };
    return [found, count(name)];
  }

  const COLOURS = 8;
  const clear = (place) => place.classList.remove("lit", "lit-by", ...Array.from({ length: COLOURS }, (_, i) => `p${i}`));

  // Lights all that the parameter reaches the loss by. The colour is that of the factor's place in the
  // product; a unit that stands for several factors has a ring for each.
  function light(name) {
    for (const place of all(".lit, .lit-by", picture)) clear(place);
    picture.classList.toggle("following", name !== null);
    let level = new Set(name === null ? [] : [name]);
    for (let i = 0; level.size; i += 1) {
      const next = new Set();
      for (const link of [...level].flatMap((from) => behind[sample].get(from) ?? [])) {
        next.add(link.end);
        const place = places.get(link.place);
        const free = all(".edge, .node, .ring", place).find((part) => !part.classList.contains("lit-by") || part.classList.contains(`p${i % COLOURS}`));
        place.classList.add("lit");
        places.get(link.unit).classList.add("lit"); // also where it has no factor of its own
        free?.classList.add("lit-by", `p${i % COLOURS}`);
      }
      level = next;
    }
  }

  const math = (inner, kind = "") => `<math class="${kind}">${inner}</math>`;
  const valueOf = (link) => (typeof link.value === "number" ? link.value : values[link.value]);
  const bracketed = (value) => `<mn>${value < 0 ? `(${written(value)})` : written(value)}</mn>`;
  const product = (path, write, sign) =>
    path.map((link, i) => math(`${i ? `<mo>${sign}</mo>` : ""}${write(link)}`, `factor p${i % COLOURS}`)).join("");

  function writePath(name, path) {
    const along = [name, ...path.map((link) => link.end)].join(" → ");
    const found = path.reduce((result, link) => result * valueOf(link), 1);
    return (
      `<div class="path"><p class="hint">${along}</p><p class="line">${product(path, (link) => link.factor, "·")}</p>` +
      `<p class="line">${math("<mo>=</mo>")}${product(path, (link) => bracketed(valueOf(link)), "×")}` +
      `${math(`<mo>=</mo><mn>${written(found)}</mn>`)}</p></div>`
    );
  }

  function showPaths() {
    const box = find("paths");
    find("follow").value = follow;
    light(follow === "" ? null : data.names[follow]);
    if (follow === "") {
      box.replaceChildren();
      return "";
    }
    const [few, most] = [4, 40];
    const name = data.names[follow];
    const [paths, count] = pathsFrom(name, most);
    const gradient = data.gradients[sample][follow];
    const lines = paths.map((path) => writePath(name, path));
    if (count > most) {
      const found = paths.map((path) => path.reduce((result, link) => result * valueOf(link), 1));
      const rest = values[gradient] - found.reduce((a, b) => a + b, 0);
      lines.push(`<p class="path">The other ${count - most} paths together give ${written(rest)}.</p>`);
    }
    const open = box.querySelector("details")?.open ? " open" : "";
    const more = lines.slice(few).join("");
    box.innerHTML =
      `<p>${math(`${data.labels[gradient]}<mo>=</mo><mn>${written(values[gradient])}</mn>`)}, ` +
      `${count === 1 ? "" : `the sum over ${count} paths, each `}the product of the factors along the way:</p>` +
      lines.slice(0, few).join("") +
      (more && `<details${open}><summary>All ${count} paths</summary>${more}</details>`);
    reach(box);
    return `${data.names[gradient]} = ${written(values[gradient])}, over ${count} ${count === 1 ? "path" : "paths"}.`;
  }

  // ---- The walk -----------------------------------------------------------------------------

  function showStep() {
    const step = data.steps[at];
    const card = find("card");
    card.replaceChildren(...[...find(`step-${at}`).childNodes].map((node) => node.cloneNode(true)));
    chooseForms(step, card);
    writeNumbers(card);
    put(find("position"), `step ${at + 1} of ${data.steps.length}`);
    // Not disabled: that would take the keyboard's place away.
    find("back").setAttribute("aria-disabled", at === 0);
    find("next").setAttribute("aria-disabled", at === data.steps.length - 1);
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
    const { q } = data.steps[at];
    say(`Step ${at + 1}: ${find("card").querySelector(".words").textContent}; ${data.names[q]} = ${written(values[q])}.`);
    remember();
  }

  // Tells what has changed to those who listen.
  function say(text) {
    find("aloud").textContent = text;
  }

  // Lets the keyboard reach what is wider than its place.
  function reach(within = document) {
    for (const box of all(".line, .scroll, .tables", within)) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  // ---- Training -----------------------------------------------------------------------------

  // Takes steps as long as there are numbers to take them with.
  function train(steps) {
    let ended = "";
    for (let i = 0; i < steps && !ended; i += 1) {
      const next = stepped(values);
      if (isFinite(next)) {
        values = next;
        losses.push(values[data.loss]);
        taken += 1;
      } else {
        ended = " The next step would lead to numbers that are not finite: it is too long.";
      }
    }
    show(ended);
  }

  function drawCurve() {
    const [x0, x1, y0, y1] = [44, 392, 130, 10];
    const finite = losses.filter(Number.isFinite);
    const [low, top] = [Math.min(0, ...finite), Math.max(0, ...finite)];
    const x = (i) => x0 + ((x1 - x0) * i) / Math.max(losses.length - 1, 1);
    const y = (loss) => y0 + ((y1 - y0) * (loss - low)) / (top - low || 1);
    const every = Math.ceil(losses.length / 2000);
    const points = losses
      .map((loss, i) => [i, loss])
      .filter(([i, loss]) => Number.isFinite(loss) && (i % every === 0 || i === losses.length - 1));
    const line = points.map(([i, loss]) => `${x(i).toFixed(1)} ${y(loss).toFixed(1)}`).join("L");
    find("curve-line").setAttribute("d", line && `M${line}`);
    const [i, loss] = points.at(-1) ?? [0, 0];
    find("curve-dot").setAttribute("cx", x(i));
    find("curve-dot").setAttribute("cy", y(loss));
    put(find("curve-top"), short(top));
    put(find("curve-low"), short(low));
    put(find("curve-start"), `step ${taken - losses.length + 1}`);
    put(find("curve-end"), losses.length > 1 ? `step ${taken}` : "");
    put(find("curve-title"), `The loss after each step, from ${written(losses[0])} to ${written(losses.at(-1))}`);
  }

  // ---- All together -------------------------------------------------------------------------

  // Brings the whole page up to date.
  function show(ended = "") {
    const next = stepped(values);
    for (const [after, before] of data.again) values[after] = next[before];
    data.steps.forEach((step, i) => chooseForms(step, find(`step-${i}`)));
    writeNumbers(find("derivation"));
    const [before, after] = [values[data.loss], next[data.loss]];
    const moved = after < before ? "falls" : after > before ? "rises" : "stays the same";
    const numbers = Number.isFinite(after) ? `the loss ${moved}` : "the loss is not finite";
    put(find("outcome"), `With the new numbers ${numbers}.`);
    const steps = `${taken} ${taken === 1 ? "step" : "steps"}`;
    put(find("status"), `Loss ${written(before)} after ${steps}; the next step gives ${written(after)}.${ended}`);
    for (const input of all("input[data-given]")) {
      const value = values[input.dataset.given];
      if (Number(input.value) !== value || input.value === "") input.value = String(value);
      input.removeAttribute("aria-invalid");
    }
    put(find("wrong"), "");
    // What is said beside a figure is said of the numbers that the page came with.
    const changed = data.givens.some((q) => values[q] !== start[q]);
    for (const note of all(".note")) note.classList.toggle("hidden", changed);
    if (data.samples > 1) find("sample").value = String(sample);
    drawNetwork();
    drawCurve();
    showStep();
    say(`${find("status").textContent} ${showPaths()}`);
    remember();
    requestAnimationFrame(() => reach());
  }

  function change(input) {
    const value = input.value.trim() === "" ? NaN : Number(input.value);
    const numbers = values.slice();
    numbers[input.dataset.given] = value;
    if (Number.isFinite(value)) run(numbers);
    if (!isFinite(numbers)) {
      const why = Number.isFinite(value) ? "leads to numbers that are not finite" : "needs a number";
      input.setAttribute("aria-invalid", "true");
      put(find("wrong"), `${data.names[input.dataset.given]} ${why}; the last one is kept.`);
      say(find("wrong").textContent);
      return;
    }
    taken = 0;
    restart(numbers);
    show();
  }

  function followParameter(parameter) {
    follow = parameter;
    say(showPaths());
    remember();
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
      // There the arrows move the cursor, choose, or scroll what is too wide.
      if (event.target.closest("input, select, [tabindex]")) return;
      if (event.key === "ArrowLeft") goTo(at - 1);
      if (event.key === "ArrowRight") goTo(at + 1);
    });
    find("one").addEventListener("click", () => train(1));
    find("hundred").addEventListener("click", () => train(100));
    find("reset").addEventListener("click", () => {
      taken = 0;
      restart(start.slice());
      show();
    });
    find("link").addEventListener("click", async () => {
      const address = `${location.href.split("#")[0]}#${fragment()}`;
      try {
        await navigator.clipboard.writeText(address);
        put(find("status"), "The link is in the clipboard.");
      } catch {
        put(find("status"), `This address carries the state: ${address}`);
      }
      say(find("status").textContent);
    });
    for (const input of all("input[data-given]")) {
      input.addEventListener("input", () => change(input));
      input.addEventListener("blur", () => input.hasAttribute("aria-invalid") && show());
    }
    find("follow").addEventListener("change", (event) => followParameter(event.target.value));
    picture.addEventListener("click", (event) => {
      const weight = event.target.dataset.w;
      if (data.parameters.includes(Number(weight))) followParameter(follow === weight ? "" : weight);
    });
    if (data.samples > 1) {
      find("sample").addEventListener("change", (event) => {
        sample = Number(event.target.value);
        show();
      });
    }
    window.addEventListener("hashchange", () => {
      recall();
      show();
    });
    window.addEventListener("resize", () => reach());
    window.addEventListener("beforeprint", () => all("details").forEach((each) => (each.open = true)));
    recall();
    show();
  }

  if (data.links) begin();
  reach();
})();
