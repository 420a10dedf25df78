"""Names of people, as common as names are: with nicknames, other spellings, and other scripts. All pairs are invented.

A word is written ``name=nickname=...`` for given names, ``name~native`` where a name has another script, and
``name/spelling`` for another spelling in Latin letters; what German, Nordic and other letters become without their
marks is worked out.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np

from goodwill.worlds.arithmetic import Floats, Ints
from goodwill.worlds.company import STEMS, TAILS
from goodwill.worlds.tables import listed


@dataclass(frozen=True)
class Name:
    """One name: as its bearer writes it, by what else they go, how others spell it, and in its own script."""

    written: str
    short: tuple[str, ...] = ()
    spelt: tuple[str, ...] = ()
    native: str = ""


@dataclass(frozen=True, eq=False)
class Names:
    """Given and family name of each person."""

    given: list[Name]
    family: list[Name]


#: In the order of how common each is.
_GIVEN = listed(
    "Thomas=Tom=Tommy Anna=Annie Michael=Mike=Mick Maria Robert=Bob=Rob Elizabeth=Liz=Beth=Betty William=Bill=Will "
    "Katharina=Kathi=Kate Andreas=Andy Susanne=Susi Christopher=Chris Jennifer=Jen=Jenny Daniel=Dan=Danny Sophie "
    "David=Dave Margaret=Maggie=Peggy=Meg Richard=Rick=Dick Julia=Jule Stefan=Steve Laura James=Jim=Jimmy Sandra "
    "Alexander=Alex=Sandy Catherine=Cathy=Kate Joseph=Joe Nicole=Nicky Matthew=Matt Barbara=Barb Martin=Marty Claudia "
    "Anthony=Tony Patricia=Pat=Trish Peter=Pete Victoria=Vicky Andrew=Andy=Drew Christine=Chris=Tina Edward=Ed=Ted "
    "Rebecca=Becky Samuel=Sam Jessica=Jess Benjamin=Ben Deborah=Debbie=Deb Jonathan=Jon Kimberly=Kim Nicholas=Nick "
    "Jürgen Gregory=Greg Samantha=Sam Timothy=Tim Theresa=Terry Frederick=Fred=Freddy José=Pepe Philip=Phil "
    "Angela=Angie Zachary=Zach Gabriela=Gaby Kenneth=Ken=Kenny Pamela=Pam Ronald=Ron Åsa Søren Hélène Günther "
    "Raymond=Ray Amanda=Mandy Lawrence=Larry Jacqueline=Jackie Gerald=Gerry Eleanor=Ellie=Nora Walter=Walt Chloé "
    "Donald=Don Kathleen=Kathy Vincent=Vince Dorothy=Dot=Dottie Leonard=Leo=Len Abigail=Abby Francisco=Paco Björn "
    "Theodore=Ted=Theo Josephine=Jo=Josie Maximilian=Max Franziska=Franzi Sebastian=Basti=Seb Antonio=Toni Zoë Łukasz "
    "Friedrich=Fritz Valentina=Val Ignacio=Nacho Magdalena=Lena=Magda Giuseppe=Beppe Wolfgang=Wolf Eduardo=Edu Renée "
    "Guillermo=Memo Johannes=Hannes=Jo Charlotte=Lotte=Charlie Henrietta=Etta Bartholomew=Bart Cordelia Ottilie Anselm "
    "Ludovic Perpetua Isidore Leopold=Poldi Rosalind=Ros Ambrose Beatrix=Trixi Clemens Dagmar Eberhard Fabienne Gerda",
    " ",
)
_FAMILY = listed(
    "Smith Müller Garcia Jones Martin Schmidt Brown Rossi Taylor Fischer Williams Weber Johnson García Meyer Davies "
    "Wagner Silva Wilson Bernard Becker Evans Schulz Lopez Thomas Hoffmann Dubois Walker Jensen Robinson Koch Nielsen "
    "Wright Schäfer Thompson Bauer Andersson White Richter Hughes Klein Hansen Edwards Wolf Green Schröder Hall "
    "Neumann Moreau Wood Schwarz Harris Zimmermann Clarke Braun Petit Krüger Jackson Hofmann Lewis Lange Ricci "
    "Clark Werner Roberts Krause Turner Lehmann Hill Köhler Moore Herrmann Cooper König Ward Walter Morris Huber Núñez "
    "Kaiser Watson Fuchs Peterson Lang Morgan Scholz Bell Möller Sørensen Weiß Parker Jung Kelly Hahn Lefèvre Schubert "
    "Murphy Vogel Gonçalves Friedrich Åkesson Keller Dvořák Günther Berger Öztürk Winkler Roth Beck Lorenz Baumann "
    "Franke Novák Albrecht Simon Schuster Ludwig Böhm Winter Kraus Schumacher Vogt Stein Jäger Otto Sommer Groß Seidel "
    "Heinrich Brandt Haas Schreiber Graf Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomsen Voigt Sauer "
    "Arnold Wolff Pfeiffer Beaulieu Łukasik Çelik Yılmaz",
    " ",
)
_SLAVIC_GIVEN = listed(
    "Alexey~Алексей/Aleksei/Alexei Natalia~Наталья/Natalya/Nataliya Dmitry~Дмитрий/Dmitri/Dmitriy Yulia~Юлия/Iulia "
    "Sergey~Сергей/Sergei/Serhii Yevgeny~Евгений/Evgeny/Eugene Tatiana~Татьяна/Tatyana Mikhail~Михаил/Michail "
    "Ksenia~Ксения/Xenia/Kseniya Andrey~Андрей/Andrei/Andrii Oksana~Оксана/Oxana Yuri~Юрий/Yuriy/Iurii",
    " ",
)
_SLAVIC_FAMILY = listed(
    "Ivanenko~Иваненко Kuznetsov~Кузнецов/Kuznecov Shevchenko~Шевченко/Schewtschenko Petrov~Петров/Petroff "
    "Kovalchuk~Ковальчук/Kovalczuk Zaytsev~Зайцев/Zaitsev/Zajcev Yushchenko~Ющенко/Juschtschenko Melnyk~Мельник/Melnik "
    "Tsvetkov~Цветков/Cvetkov Bondarenko~Бондаренко Chaykov~Чайков/Tschaikow Khmelev~Хмелев/Hmelev",
    " ",
)
_CHINESE_GIVEN = listed(
    "Wei~伟 Jing~静 Ming~明 Xiaoyan~晓燕/Hsiao-yen Lei~磊 Zhiqiang~志强/Chih-chiang Yun~云 Hua~华", " "
)
_CHINESE_FAMILY = listed(
    "Wang~王/Wong Li~李/Lee Zhang~张/Chang Liu~刘/Lau Chen~陈/Chan Zhao~赵/Chao Huang~黄/Hwang", " "
)

#: Shares of people whose names come from each of the three lists.
LIST_SHARES = (0.92, 0.05, 0.03)
#: How fast names become rarer, (rank + shift)^-1: the commonest given name is borne by one in twenty-five, the
#: commonest family name by one in fifty, as in registers of a whole country (Zipf's law, Mandelbrot's form).
_GIVEN_SHIFT, _FAMILY_SHIFT = 8.0, 10.0
#: Rare family names behind the common ones.
_RARE = 1_500
#: What a letter becomes where a keyboard or a form knows no marks: two habits.
_LETTERS = ({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "ł": "l", "ı": "i"},
            {"ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "ı": "i"})  # fmt: skip


def draw_names(people: int, rng: np.random.Generator) -> Names:
    """Names of so many people; namesakes are as common as they are among strangers.

    Examples
    --------
    >>> names = draw_names(2_000, np.random.default_rng(1))
    >>> whole = [f"{g.written} {f.written}" for g, f in zip(names.given, names.family, strict=True)]
    >>> 1_500 < len(set(whole)) < 1_900
    True
    """
    which = rng.choice(3, people, p=LIST_SHARES)
    given: list[Name] = [Name("")] * people
    family = list(given)
    for culture, (firsts, lasts) in enumerate(_lists()):
        who = np.flatnonzero(which == culture)
        for i, g, f in zip(who.tolist(), _common(firsts, len(who), _GIVEN_SHIFT, rng),
                           _common(lasts, len(who), _FAMILY_SHIFT, rng), strict=True):  # fmt: skip
            given[i], family[i] = firsts[g], lasts[f]
    return Names(given, family)


def plain(text: str, habit: int = 0) -> str:
    """The text in letters without marks, in one of two habits; other scripts stay as they are.

    Examples
    --------
    >>> plain("Müller"), plain("Müller", 1), plain("Łukasik")
    ('Mueller', 'Muller', 'Lukasik')
    """
    if text.isascii():
        return text
    table = _LETTERS[habit]
    changed = "".join(table.get(c, table[c.lower()].title() if c.lower() in table else c) for c in text)
    return "".join(c for c in unicodedata.normalize("NFKD", changed) if not unicodedata.combining(c))


def _lists() -> list[tuple[list[Name], list[Name]]]:
    rare = [stem + tail for tail in TAILS for stem in STEMS][:_RARE]
    pairs = (_GIVEN, [*_FAMILY, *rare]), (_SLAVIC_GIVEN, _SLAVIC_FAMILY), (_CHINESE_GIVEN, _CHINESE_FAMILY)
    return [([_name(w) for w in firsts], [_name(w) for w in lasts]) for firsts, lasts in pairs]


def _name(word: str) -> Name:
    forms, *short = word.split("=")
    latin, *spelt = forms.split("/")
    written, _, native = latin.partition("~")
    unmarked = dict.fromkeys((plain(written), plain(written, 1)))
    return Name(written, tuple(short), (*(u for u in unmarked if u != written), *spelt), native)


def _common(names: list[Name], number: int, shift: float, rng: np.random.Generator) -> list[int]:
    weight: Floats = 1.0 / (np.arange(1, len(names) + 1, dtype=np.float64) + shift)
    drawn: Ints = rng.choice(len(names), number, p=weight / weight.sum())
    return list(drawn.tolist())
