// What a reader can choose, and what follows from it. Everything that is computed is computed by
// the charts' own specifications (scripts/report/charts.py); here choices become their parameters,
// and their rows become tables and files.
(() => {
  "use strict";
  const root = document.documentElement;
  const page = JSON.parse(document.getElementById("payload").textContent);
  const shownRows = page.shown_rows;
  const mostPeriods = page.most_periods;
  const views = new Map(); // figure -> its chart, once it was drawn
  const tables = new Map(); // table -> its rows, once they were asked for

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const both = (words) => {
    const [own, en] = words;
    return [make("span", { class: "own" }, own), make("span", { class: "en", lang: "en" }, en)];
  };

  // --- rows ---------------------------------------------------------------------------------------

  function rowsOf(number) {
    if (!tables.has(number)) {
      const { count, columns } = page.tables[number];
      const names = Object.keys(columns);
      const read = names.map((name) => {
        const { values, places } = columns[name];
        return places ? (row) => values[places[row]] : (row) => values[row];
      });
      const rows = Array.from({ length: count }, (_, row) =>
        Object.fromEntries(names.map((name, column) => [name, read[column](row)])));
      tables.set(number, rows);
    }
    return tables.get(number).map((row) => ({ ...row })); // Vega marks the objects as its own
  }

  function written(value, format, language) {
    if (value === null || value === undefined || value === "") return "";
    if (format === "text") return String(value);
    if (format === "day" || format === "time") {
      const text = value instanceof Date ? value : new Date(
        /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00` : value);
      const style = format === "day"
        ? { dateStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" };
      return new Intl.DateTimeFormat(language, style).format(text);
    }
    const least = format === "percent" ? 1 : 0;
    const most = { n0: 0, n1: 1, n2: 2, percent: 1 }[format];
    const number = new Intl.NumberFormat(language, {
      minimumFractionDigits: least, maximumFractionDigits: most,
    }).format(value);
    return format === "percent" ? `${number}\u00a0%` : number;
  }

  function table(figure) {
    const view = views.get(figure.name);
    const rows = view ? view.data("table") : rowsOf(figure.table);
    const columns = figure.columns
      .map((column, number) => ({
        ...column,
        label: view && column.label.startsWith("=") ? view.signal(`label_${number}`) : column.label,
        shown: !column.shown_if || !view || view.signal(`shown_${number}`),
      }))
      .filter((column) => column.shown);
    return { rows, columns };
  }

  function fill(figure) {
    const place = document.querySelector(`#${figure.name} .table tbody`);
    if (!place) return;
    const { rows, columns } = table(figure);
    const language = page.sections[figure.section].language;
    const kind = (column) => (["text", "day", "time"].includes(column.format) ? null : "number");
    document.querySelector(`#${figure.name} .table thead tr`).replaceChildren(
      ...columns.map((column) => make("th", { scope: "col", class: kind(column) }, column.label)));
    place.replaceChildren(...rows.slice(0, shownRows).map((row) => make("tr", {},
      ...columns.map((column) => make("td", { class: kind(column) },
        written(row[column.name], column.format, language))))));
    const more = document.querySelector(`#${figure.name} .rows`);
    more.replaceChildren(`${Math.min(rows.length, shownRows)} / ${rows.length} `,
      ...both(page.sections[figure.section].frame.rows));
    document.querySelector(`#${figure.name} .nothing`).hidden = rows.length > 0;
  }

  function save(figure) {
    const { rows, columns } = table(figure);
    const field = (value) => {
      if (value === null || value === undefined) return "";
      const text = value instanceof Date ? value.toISOString() : String(value);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const lines = [columns.map((column) => field(column.label)),
      ...rows.map((row) => columns.map((column) => field(row[column.name])))];
    // the mark in front tells spreadsheets that this is UTF-8
    const text = "\ufeff" + lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const link = make("a", { href: address, download: `${figure.name}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  // --- what can be chosen ---------------------------------------------------------------------------

  // Each control is an element with a function that reads its value.
  const controls = {
    select(choice, state, change) {
      const select = make("select", { "data-parameter": choice.parameter });
      const offer = () => {
        const within = choice.depends_on ? state[choice.depends_on] : "*";
        const before = state[choice.parameter];
        select.replaceChildren(...choice.options.flatMap((option, place) =>
          within === "*" || option.within === null || option.within === within
            ? [make("option", { value: place, selected: option.value === before }, option.label)]
            : []));
        state[choice.parameter] = choice.options[select.value].value;
      };
      offer();
      select.addEventListener("change", () => change(choice.options[select.value].value));
      return { element: make("label", {}, make("span", {}, ...both(choice.label)), select), offer };
    },
    switch(choice, state, change) {
      const box = make("input", {
        type: "checkbox", "data-parameter": choice.parameter, checked: state[choice.parameter],
      });
      box.addEventListener("change", () => change(box.checked));
      return { element: make("label", { class: "switch-on" }, box, make("span", {}, ...both(choice.label))) };
    },
    several(choice, state, change, frame) {
      const boxes = choice.options.map((option) => make("input", {
        type: "checkbox", checked: state[choice.parameter].includes(option.value),
      }));
      const count = make("span", { class: "soft" });
      const read = () => {
        const chosen = choice.options.filter((_, place) => boxes[place].checked);
        count.textContent = ` ${chosen.length}/${boxes.length}`;
        return chosen.map((option) => option.value);
      };
      read();
      boxes.forEach((box) => box.addEventListener("change", () => change(read())));
      const every = make("button", { type: "button", class: "every" }, ...both(frame.every));
      every.addEventListener("click", () => {
        boxes.forEach((box) => { box.checked = true; });
        change(read());
      });
      return {
        element: make("details", { "data-parameter": choice.parameter },
          make("summary", {}, ...both(choice.label), count),
          make("fieldset", { "aria-label": choice.label[0] }, every, ...choice.options.map((option, place) =>
            make("label", {}, boxes[place], ` ${option.label}`)))),
      };
    },
    periods(choice, state, change, frame) {
      const given = state[choice.parameter];
      const lines = Array.from({ length: mostPeriods }, (_, line) => {
        const [first, last] = given[line] ?? given[given.length - 1];
        const [from, to] = [first, last].map((value) => make("select", {},
          ...choice.options.map((option, place) =>
            make("option", { value: place, selected: option.value === value }, option.label))));
        const include = make("input", { type: "checkbox", checked: line < given.length });
        return { include, from, to };
      });
      const read = () => lines
        .filter(({ include }, line) => line === 0 || include.checked)
        .map(({ from, to }) => [Number(from.value), Number(to.value)].sort((a, b) => a - b)
          .map((place) => choice.options[place].value));
      lines.forEach(({ include, from, to }, line) => {
        // one week is chosen most: `to` follows `from` until it is set to something else
        let follows = from.value === to.value;
        from.addEventListener("change", () => {
          if (follows || Number(to.value) < Number(from.value)) to.value = from.value;
          if (line > 0) include.checked = true;
          change(read());
        });
        to.addEventListener("change", () => {
          follows = from.value === to.value;
          if (line > 0) include.checked = true;
          change(read());
        });
        include.addEventListener("change", () => change(read()));
      });
      const row = ({ include, from, to }, line) => make("div", { class: "period" },
        ...(line > 0 ? [make("label", {}, include, " ", ...both(frame.compare))] : []),
        make("label", {}, ...both(frame.from), " ", from),
        make("label", {}, ...both(frame.to), " ", to));
      return {
        element: make("div", { "data-parameter": choice.parameter, role: "group" },
          make("span", {}, ...both(choice.label)), row(lines[0], 0),
          make("details", { open: given.length > 1 }, make("summary", {}, ...both(frame.more)),
            ...lines.slice(1).map((line, place) => row(line, place + 1)))),
      };
    },
  };

  function offer(place, choices, state, frame, changed) {
    const made = [];
    for (const choice of choices) {
      const control = controls[choice.kind](choice, state, (value) => {
        state[choice.parameter] = value;
        const names = [choice.parameter];
        for (const [other, { offer: again }] of made) {
          if (again && other.depends_on === choice.parameter) {
            again();
            names.push(other.parameter);
          }
        }
        changed(names);
      }, frame);
      made.push([choice, control]);
      place.append(control.element);
    }
  }

  // --- drawing --------------------------------------------------------------------------------------

  const figuresOf = (section) => page.figures.filter((figure) => figure.section === section);

  async function draw(figure) {
    const section = page.sections[figure.section];
    const place = document.querySelector(`#${figure.name} .chart`);
    if (place && figure.chart) {
      const specification = structuredClone(figure.chart);
      specification.data[0].values = rowsOf(figure.table);
      const values = { ...section.state, ...figure.state };
      for (const signal of specification.signals) {
        if (signal.name in values) signal.value = values[signal.name];
      }
      const drawn = await vegaEmbed(place, specification, {
        mode: "vega", actions: false, renderer: "svg", logLevel: 1,
        formatLocale: section.numbers, timeFormatLocale: section.times,
        tooltip: { theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light" },
      });
      views.set(figure.name, drawn.view);
    }
    fill(figure);
    document.getElementById(figure.name).dataset.drawn = "true";
  }

  async function redraw(figure, state, names) {
    const view = views.get(figure.name);
    if (!view) return;
    const changed = names.filter((name) =>
      figure.chart.signals.some((signal) => signal.name === name));
    if (!changed.length) return;
    changed.forEach((name) => view.signal(name, state[name]));
    await view.runAsync();
    fill(figure);
  }

  function showCards(section) {
    const { cards, state, language } = page.sections[section] ?? {};
    if (!cards) return;
    const row = rowsOf(cards.table).find((one) =>
      Object.entries(cards.keys).every(([field, parameter]) => one[field] === state[parameter]));
    for (const column of cards.columns) {
      const place = document.querySelector(`#${section} [data-card="${column.name}"]`);
      place.textContent = row ? written(row[column.name], column.format, language) || page.nothing : page.nothing;
    }
  }

  for (const [name, section] of Object.entries(page.sections)) {
    section.state = Object.fromEntries(
      section.choices.map((choice) => [choice.parameter, structuredClone(choice.initial)]));
    const place = document.querySelector(`#${name} > .choices`);
    if (place) {
      offer(place, section.choices, section.state, section.frame, (names) => {
        showCards(name);
        figuresOf(name).forEach((figure) => redraw(figure, section.state, names));
      });
    }
  }
  for (const figure of page.figures) {
    figure.state = Object.fromEntries(
      figure.choices.map((choice) => [choice.parameter, structuredClone(choice.initial)]));
    const place = document.querySelector(`#${figure.name} .choices`);
    if (place) {
      offer(place, figure.choices, figure.state, page.sections[figure.section].frame,
        (names) => redraw(figure, figure.state, names));
    }
    document.querySelector(`#${figure.name} .csv`).addEventListener("click", () => save(figure));
  }

  // --- which section is in front, and in which language ---------------------------------------------

  const sections = [...document.querySelectorAll("main > section")];
  const begun = new Set();

  async function go() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const front = target?.closest("main > section") ?? sections[0];
    sections.forEach((section) => section.classList.toggle("front", section === front));
    document.querySelectorAll("nav a").forEach((link) => {
      link.setAttribute("aria-current", String(link.hash === `#${front.id}`));
    });
    if (!begun.has(front.id)) {
      begun.add(front.id);
      showCards(front.id);
      for (const figure of figuresOf(front.id)) await draw(figure);
    }
    if (target && target !== front) target.scrollIntoView();
    else scrollTo(0, 0);
  }

  document.querySelectorAll(".switch button").forEach((button) => {
    button.addEventListener("click", () => {
      root.dataset.frame = button.dataset.frame;
      document.querySelectorAll(".switch button").forEach((one) =>
        one.setAttribute("aria-pressed", String(one === button)));
    });
  });
  addEventListener("hashchange", go);
  go();
})();
