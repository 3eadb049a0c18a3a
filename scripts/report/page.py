"""The page: one HTML document that needs no server and no network."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import vl_convert
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from scripts.report.data import Build, Rows
from scripts.report.figures import MOST_PERIODS, Column, Figure, Section, compiled, picture
from scripts.report.words import NUMBERS, TIMES, Words, frame

# Everything is inside. Vega compiles expressions, hence unsafe-eval.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
# Widths of the pictures that stand where scripts are off.
WIDE, NARROW = 1000, 520
SHOWN_ROWS = 500
NOTHING = "-"
DOCS = "../docs/site/index.html"

_HERE = Path(__file__).parent
_WORDS = ("text", "day", "time")
_LOCALES = {"nb": "nb", "da": "da", "fr": "fr", "en": "en_GB"}
_PATTERNS = {"n0": "#,##0", "n1": "#,##0.#", "n2": "#,##0.##", "percent": "#,##0.0"}


def page(sections: Sequence[Section], build: Build, absent: Sequence[str]) -> str:
    """Write the page.

    Args:
        sections: the products that were built, then the build.
        build: the last build.
        absent: products that are not or only partly built.

    Returns:
        An HTML document.
    """
    payload, drawn = _payload(sections)
    body = "\n".join(
        [
            _front(sections, absent),
            *(_section(section, drawn, build) for section in sections),
        ]
    )
    links = "".join(
        f'<li><a href="#{section.product}">{section.product}</a></li>' for section in sections
    )
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    data = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"""<!doctype html>
<html lang="en" data-frame="own">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="referrer" content="no-referrer">
<title>flette: the report</title>
<link rel="icon" href="data:,">
<style>
{(_HERE / "page.css").read_text(encoding="utf-8")}</style>
<script>document.documentElement.classList.add("js");</script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<h1>flette</h1>
<p class="soft">Five data products, one page. {_built(build)}
<a href="{DOCS}">Documentation</a></p>
<p class="switch" role="group" aria-label="Language of titles and explanations">
<button type="button" data-frame="own" aria-pressed="true">Norsk · Dansk · Français</button>
<button type="button" data-frame="en" aria-pressed="false" lang="en">English</button>
</p>
<noscript><p class="remark">Scripts are off: the charts are pictures of what is shown first. With
scripts on, you can choose what they show, read the tables behind them and save them as CSV.</p>
</noscript>
</header>
<nav aria-label="Products"><ul><li><a href="#overview">overview</a></li>{links}</ul></nav>
<main id="main">
{body}
</main>
<footer><p>Made by <code>make report</code> from the gold and marts relations, with Vega-Altair.
Nothing on this page is fetched from anywhere.</p></footer>
<script type="application/json" id="payload">{data}</script>
<script>{_script(bundle)}</script>
<script>
{_script((_HERE / "page.js").read_text(encoding="utf-8"))}</script>
</body>
</html>
"""


def _script(code: str) -> str:
    """Return code that can stand inside a script element."""
    return code.replace("</script", "<\\/script")


def _built(build: Build) -> str:
    if build.ended is None:
        return "When it was built is not known: no dbt command has left its results."
    when = html.escape(written(build.ended.isoformat(), "time", "en"))
    return f"Built {when} on {html.escape(build.target)}."


def _both(words: Words, language: str) -> str:
    """Write words so that the switch shows one of the two languages."""
    if words.own == words.en:
        return html.escape(words.en)
    return (
        f'<span class="own" lang="{language}">{html.escape(words.own)}</span>'
        f'<span class="en" lang="en">{html.escape(words.en)}</span>'
    )


def _front(sections: Sequence[Section], absent: Sequence[str]) -> str:
    items = "\n".join(
        f'<li><h3><a href="#{section.product}">{section.product}</a></h3>'
        f'<p class="soft">{html.escape(section.question.en)}</p>'
        f'<p class="answer">{html.escape(section.headline.en)}</p></li>'
        for section in sections
    )
    missing = (
        f'<p class="remark">Not on this page, because not (or only partly) built: '
        f"{', '.join(absent)}. <code>make build</code> builds everything.</p>"
        if absent
        else ""
    )
    return f"""<section id="overview" class="front" aria-labelledby="overview-title">
<h2 id="overview-title">What they say, in a sentence each</h2>
{missing}
<ul class="products">
{items}
</ul>
</section>"""


def _section(section: Section, drawn: dict[str, str], build: Build) -> str:
    language = section.language
    figures = "\n".join(_figure(figure, section, drawn, build) for figure in section.figures)
    choices = (
        f'<div class="choices of-section" role="group" '
        f'aria-label="{html.escape(frame("choose_all", language).own)}"></div>'
        if section.choices
        else ""
    )
    remark = f'<p class="remark">{_both(section.remark, language)}</p>' if section.remark else ""
    return f"""<section id="{section.product}" lang="{language}" \
aria-labelledby="{section.product}-title">
<h2 id="{section.product}-title">{section.product}</h2>
<p class="soft">{_both(section.question, language)}</p>
<p class="answer">{_both(section.headline, language)}</p>
{remark}
{_cards(section)}
{choices}
<div class="figures">
{figures}
</div>
</section>"""


def _cards(section: Section) -> str:
    if section.cards is None:
        return ""
    cards = section.cards
    initial = {choice.parameter: choice.initial for choice in section.choices}
    row = next(
        (
            row
            for row in cards.rows
            if all(row[field] == initial[name] for field, name in cards.keys.items())
        ),
        {},
    )
    items = "".join(_card(column, row.get(column.name), section) for column in cards.columns)
    return f'<dl class="cards">{items}</dl>'


def _card(column: Column, value: Any, section: Section) -> str:
    kind = ' class="words"' if column.format in _WORDS else ""
    text = html.escape(written(value, column.format, section.language)) or NOTHING
    target = section.cards.target.get(column.name)
    aim = f'<span class="target">{_both(target, section.language)}</span>' if target else ""
    return (
        f'<div class="card"><dt>{html.escape(column.label)}</dt>'
        f'<dd{kind}><span data-card="{column.name}">{text}</span>{aim}</dd></div>'
    )


def _figure(figure: Figure, section: Section, drawn: dict[str, str], build: Build) -> str:
    language = section.language
    choices = (
        f'<div class="choices" role="group" '
        f'aria-label="{html.escape(frame("choose", language).own)}"></div>'
        if figure.choices
        else ""
    )
    empty = figure.empty or frame("none", language)
    if figure.chart is None:
        chart, kind, opened = "", "of-rows", " open"
    else:
        chart = f'<div class="chart">{drawn.get(figure.name, "")}</div>'
        kind, opened = "of-chart", ""
    return f"""<figure id="{figure.name}" class="figure{" wide" if figure.wide else ""}" \
aria-labelledby="{figure.name}-title">
<figcaption><h3 id="{figure.name}-title">{_both(figure.title, language)}</h3>
<p class="note">{_both(figure.note, language)}</p>
{_when(section, build)}</figcaption>
{choices}
{chart}
<p class="nothing"{" hidden" if figure.rows else ""}>{_both(empty, language)}</p>
<div class="below">
<details class="table {kind}"{opened}><summary>{_both(frame("table", language), language)}
<span class="rows soft"></span></summary>
<div class="scroll" tabindex="0" role="region" aria-labelledby="{figure.name}-title">
<table>{_table(figure, language)}</table></div></details>
<button type="button" class="csv">{_both(frame("csv", language), language)}</button>
</div>
</figure>"""


def _when(section: Section, build: Build) -> str:
    """Write the period that the data speak of, and when they stood so."""
    language = section.language
    parts = []
    if section.first and section.last:
        first, last = (
            html.escape(written(text, _kind(text), language))
            for text in (section.first, section.last)
        )
        to = _both(frame("to", language), language)
        parts.append(f"{_both(frame('period', language), language)}: {first} {to} {last}")
    if build.as_of is not None:
        moment = html.escape(written(build.as_of.isoformat(), "time", language))
        parts.append(f"{_both(frame('as_of', language), language)} {moment}")
    return f'<p class="when">{"; ".join(parts)}</p>' if parts else ""


def _kind(text: str) -> str:
    return "time" if "T" in text else "day"


def _table(figure: Figure, language: str) -> str:
    """Write the table of a figure that has no chart; those of charts are filled by their charts."""
    if figure.chart is not None:
        return "<thead><tr></tr></thead><tbody></tbody>"

    def kind(column: Column) -> str:
        return "" if column.format in _WORDS else ' class="number"'

    heads = "".join(
        f'<th scope="col"{kind(column)}>{html.escape(column.label)}</th>'
        for column in figure.columns
    )
    rows = "\n".join(
        "<tr>"
        + "".join(
            f"<td{kind(column)}>"
            f"{html.escape(written(row.get(column.name), column.format, language))}</td>"
            for column in figure.columns
        )
        + "</tr>"
        for row in figure.rows[:SHOWN_ROWS]
    )
    return f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>"


def written(value: Any, kind: str, language: str) -> str:
    """Write a value as a reader of that language does; nothing for None.

    Args:
        value: a number, a text, or a day or time as ISO text.
        kind: one of `scripts.report.figures.Format`.
        language: `nb`, `da`, `fr` or `en`.

    Returns:
        Text.
    """
    if value is None:
        return ""
    locale = _LOCALES[language]
    if kind == "day":
        return format_date(date.fromisoformat(value[:10]), "medium", locale)
    if kind == "time":
        return format_datetime(
            datetime.fromisoformat(value), _TIME_PATTERNS[language], locale=locale
        )
    if kind in _PATTERNS:
        number = format_decimal(value, _PATTERNS[kind], locale)
        return f"{number}\u00a0%" if kind == "percent" else number
    return str(value)


_TIME_PATTERNS = {
    "nb": "d. MMM y, HH:mm",
    "da": "d. MMM y, HH.mm",
    "fr": "d MMM y, HH:mm",
    "en": "d MMM y, HH:mm",
}


def _payload(sections: Sequence[Section]) -> tuple[dict[str, Any], dict[str, str]]:
    """Gather what the page's script reads, and the pictures that stand where it does not run."""
    tables: list[dict[str, Any]] = []
    numbers: dict[int, int] = {}

    def table(rows: Rows) -> int:
        if id(rows) not in numbers:
            numbers[id(rows)] = len(tables)
            tables.append(_columns(rows))
        return numbers[id(rows)]

    drawn: dict[str, str] = {}
    figures = []
    for section in sections:
        for figure in section.figures:
            vega = None
            if figure.chart is not None and figure.rows:
                vega = compiled(figure, section.choices)
                svg = picture(vega, figure.rows, section.language, WIDE if figure.wide else NARROW)
                drawn[figure.name] = _small(svg, figure.title.own)
            figures.append(
                {
                    "name": figure.name,
                    "section": section.product,
                    "table": table(figure.rows),
                    "chart": vega,
                    "columns": [
                        {
                            "name": column.name,
                            "label": column.label,
                            "format": column.format,
                            "shown_if": column.shown_if,
                        }
                        for column in figure.columns
                    ],
                    "choices": [_choice(choice) for choice in figure.choices],
                }
            )
    return {
        "nothing": NOTHING,
        "shown_rows": SHOWN_ROWS,
        "most_periods": MOST_PERIODS,
        "tables": tables,
        "figures": figures,
        "sections": {
            section.product: {
                "language": _LOCALES[section.language].replace("_", "-"),
                "numbers": NUMBERS[section.language],
                "times": vl_convert.get_time_format_locale(TIMES[section.language]),
                "frame": {
                    key: frame(key, section.language)
                    for key in ("rows", "every", "from", "to", "compare", "more")
                },
                "choices": [_choice(choice) for choice in section.choices],
                "cards": section.cards
                and {
                    "table": table(section.cards.rows),
                    "keys": section.cards.keys,
                    "columns": [
                        {"name": column.name, "format": column.format}
                        for column in section.cards.columns
                    ],
                },
            }
            for section in sections
        },
    }, drawn


def _choice(choice: Any) -> dict[str, Any]:
    return {
        "parameter": choice.parameter,
        "label": choice.label,
        "kind": choice.kind,
        "initial": choice.initial,
        "depends_on": choice.depends_on,
        "options": [
            {"value": option.value, "label": option.label, "within": option.within}
            for option in choice.options
        ],
    }


def _columns(rows: Rows) -> dict[str, Any]:
    """Write rows by column; of a column whose values repeat, each value once."""
    columns: dict[str, Any] = {}
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows]
        if all(isinstance(value, str) for value in values) and len(set(values)) < len(values) / 2:
            distinct = {value: place for place, value in enumerate(dict.fromkeys(values))}
            columns[name] = {
                "values": list(distinct),
                "places": [distinct[value] for value in values],
            }
        else:
            columns[name] = {"values": values}
    return {"count": len(rows), "columns": columns}


def _small(svg: str, title: str) -> str:
    """Shorten a picture: it needs neither a description of every mark nor tenths of a pixel."""
    svg = re.sub(r' (?:aria-[a-z]+|role|class)="[^"]*"', "", svg)
    svg = re.sub(r"(\d+\.\d)\d+", r"\1", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(title)}" ', 1)
