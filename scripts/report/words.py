"""The words of the frame, in each product's language and in English."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """A text in the product's own language and in English."""

    own: str
    en: str


def same(text: str) -> Words:
    """Make words that are the same in both languages."""
    return Words(text, text)


# language -> what d3 needs to write numbers; of times vl-convert knows all three
NUMBERS = {
    "nb": {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", "\u00a0kr"]},
    "da": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", "\u00a0kr."]},
    "fr": {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["£", ""]},
}
TIMES = {"nb": "nb-NO", "da": "da-DK", "fr": "fr-FR", "en": "en-GB"}

_FRAME = {
    "table": {"nb": "Tabellen bak", "da": "Tabellen bag", "fr": "Le tableau", "en": "The table"},
    "csv": {
        "nb": "Lagre som CSV",
        "da": "Gem som CSV",
        "fr": "Enregistrer en CSV",
        "en": "Save as CSV",
    },
    "choose": {"nb": "Velg", "da": "Vælg", "fr": "Choisir", "en": "Choose"},
    "choose_all": {
        "nb": "For hele siden",
        "da": "For hele siden",
        "fr": "Pour toute la page",
        "en": "For the whole page",
    },
    "period": {"nb": "Periode", "da": "Periode", "fr": "Période", "en": "Period"},
    "as_of": {"nb": "slik det sto", "da": "som det stod", "fr": "état au", "en": "as of"},
    "all": {"nb": "alle", "da": "alle", "fr": "tous", "en": "all"},
    "none": {
        "nb": "Ingen rader for dette valget.",
        "da": "Ingen rækker for dette valg.",
        "fr": "Aucune ligne pour ce choix.",
        "en": "No rows for this choice.",
    },
    "rows": {"nb": "rader", "da": "rækker", "fr": "lignes", "en": "rows"},
    "key_figures": {
        "nb": "Nøkkeltall",
        "da": "Nøgletal",
        "fr": "Chiffres clés",
        "en": "Key figures",
    },
    "from": {"nb": "fra", "da": "fra", "fr": "de", "en": "from"},
    "to": {"nb": "til", "da": "til", "fr": "à", "en": "to"},
    "compare": {"nb": "ta med", "da": "tag med", "fr": "comparer", "en": "include"},
    "more": {
        "nb": "Flere perioder",
        "da": "Flere perioder",
        "fr": "Plusieurs périodes",
        "en": "Several periods",
    },
    "every": {"nb": "Velg alle", "da": "Vælg alle", "fr": "Tout choisir", "en": "Choose all"},
}


def frame(key: str, language: str) -> Words:
    """Return the frame's words for something.

    Args:
        key: what is said, such as `csv`.
        language: `nb`, `da`, `fr` or `en`.

    Returns:
        The words in that language and in English.
    """
    return Words(_FRAME[key][language], _FRAME[key]["en"])
