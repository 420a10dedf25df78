"""Countries by their two letters, from what people write; and the country of a time zone."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

#: What people write beside the names that the list of countries has; plain letters, lower case.
WRITTEN = {
    "usa": "US", "u s a": "US", "u s": "US", "america": "US", "united states of america": "US",
    "the united states": "US", "estados unidos": "US", "uk": "GB", "united kingdom": "GB", "u k": "GB",
    "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "great britain": "GB", "britain": "GB",
    "grossbritannien": "GB", "brd": "DE", "holland": "NL", "the netherlands": "NL", "czechia": "CZ",
    "tschechien": "CZ", "south korea": "KR", "korea": "KR", "republic of korea": "KR", "russia": "RU",
    "russian federation": "RU", "uae": "AE", "u a e": "AE", "emirates": "AE", "viet nam": "VN", "ivory coast": "CI",
    "macedonia": "MK", "north macedonia": "MK", "turkiye": "TR", "prc": "CN", "p r china": "CN",
    "peoples republic of china": "CN", "mainland china": "CN", "hong kong sar": "HK", "hong kong": "HK",
    "republic of ireland": "IE", "eire": "IE", "taiwan": "TW", "republic of china": "TW",
    "schweiz suisse svizzera": "CH", "iran": "IR", "syria": "SY", "laos": "LA", "moldova": "MD", "tanzania": "TZ",
    "bolivia": "BO", "venezuela": "VE", "brunei": "BN", "cape verde": "CV", "swaziland": "SZ", "burma": "MM",
}  # fmt: skip
#: The three letters (ISO 3166-1) of the countries that exports were seen to write so.
THREE_LETTERS = {
    "aus": "AU", "aut": "AT", "bel": "BE", "bra": "BR", "can": "CA", "che": "CH", "chn": "CN", "cze": "CZ",
    "deu": "DE", "dnk": "DK", "esp": "ES", "fin": "FI", "fra": "FR", "gbr": "GB", "grc": "GR", "hkg": "HK",
    "hun": "HU", "idn": "ID", "ind": "IN", "irl": "IE", "isr": "IL", "ita": "IT", "jpn": "JP", "kor": "KR",
    "lux": "LU", "mex": "MX", "mys": "MY", "nld": "NL", "nor": "NO", "nzl": "NZ", "phl": "PH", "pol": "PL",
    "prt": "PT", "rou": "RO", "rus": "RU", "sau": "SA", "sgp": "SG", "svk": "SK", "svn": "SI", "swe": "SE",
    "tha": "TH", "tur": "TR", "twn": "TW", "ukr": "UA", "zaf": "ZA",
}  # fmt: skip

#: Names in German, French, Spanish, Italian, Dutch, Portuguese, Swedish and Polish, from the locales of Java.
IN_OTHER_LANGUAGES = {
    "DE": "deutschland, allemagne, alemania, germania, duitsland, alemanha, tyskland, niemcy",
    "AT": "osterreich, autriche, oostenrijk, osterrike",
    "CH": "schweiz, suisse, suiza, svizzera, zwitserland, suica, szwajcaria",
    "FR": "frankreich, francia, frankrijk, franca, frankrike, francja",
    "BE": "belgien, belgique, belgica, belgio, belgie, belgia",
    "NL": "niederlande, pays bas, holanda, paesi bassi, nederland, nederlanderna, holandia",
    "LU": "luxemburg, luxemburgo, lussemburgo, luksemburg",
    "GB": "vereinigtes konigreich, royaume uni, reino unido, regno unito, verenigd koninkrijk, "
          "storbritannien, wielka brytania",
    "IE": "irland, irlande, irlanda, ierland, irlandia",
    "US": "vereinigte staaten von amerika, etats unis, estados unidos, stati uniti, verenigde staten, "
          "amerikas forenta stater, stany zjednoczone ameryki",
    "CA": "kanada",
    "MX": "mexiko, mexique, messico, meksyk",
    "BR": "brasilien, bresil, brasil, brasile, brazilie, brazylia",
    "AR": "argentinien, argentine, argentinie, argentyna",
    "CL": "chili, cile",
    "CO": "kolumbien, colombie, kolumbia",
    "ES": "spanien, espagne, espana, spagna, spanje, espanha, hiszpania",
    "PT": "portogallo, portugalia",
    "IT": "italien, italie, italia, wlochy",
    "GR": "griechenland, grece, grecia, griekenland, grekland, grecja",
    "TR": "turkei, turquie, turquia, turchia, turkije, turkiet, turcja",
    "PL": "polen, pologne, polonia, polska",
    "CZ": "tschechische republik, republique tcheque, chequia, repubblica ceca, tsjechie, republica tcheca, "
          "tjeckiska republiken, republika czeska",
    "SK": "slowakei, slovaquie, eslovaquia, slovacchia, slowakije, slovakien, slowacja",
    "HU": "ungarn, hongrie, hungria, ungheria, hongarije, ungern, wegry",
    "RO": "rumanien, roumanie, rumania, roemenie, romenia, rumunia",
    "BG": "bulgarien, bulgarie, bulgarije",
    "HR": "kroatien, croatie, croacia, croazia, kroatie, chorwacja",
    "SI": "slowenien, slovenie, eslovenia, slovenien, slowenia",
    "RS": "serbien, serbie, servie, servia",
    "DK": "danemark, dinamarca, danimarca, denemarken, danmark, dania",
    "SE": "schweden, suede, suecia, svezia, zweden, sverige, szwecja",
    "NO": "norwegen, norvege, noruega, norvegia, noorwegen, norge, norwegia",
    "FI": "finnland, finlande, finlandia",
    "IS": "island, islande, islandia, islanda, ijsland",
    "EE": "estland, estonie",
    "LV": "lettland, lettonie, letonia, lettonia, letland, lotwa",
    "LT": "litauen, lithuanie, lituania, litouwen, litwa",
    "RU": "russland, russie, rusia, rusland, ryssland, rosja",
    "UA": "ucrania, ucraina, oekraine, ukraina",
    "CN": "chine, cina, kina, chiny",
    "JP": "japon, giappone, japao, japonia",
    "KR": "sudkorea, coree du sud, corea del sur, corea del sud, zuid korea, coreia do sul, sydkorea, korea poludniowa",
    "TW": "tajwan",
    "HK": "hongkong, hongkong sar van china, hong kong regiao admin especial da china",
    "SG": "singapur, singapour, cingapura",
    "IN": "indien, inde, indie",
    "ID": "indonesien, indonesie, indonezja",
    "MY": "malaisie, malasia, maleisie, malezja",
    "TH": "thailande, tailandia, thailandia, tajlandia",
    "VN": "vietna, wietnam",
    "PH": "philippinen, filipinas, filippine, filipijnen, filippinerna, filipiny",
    "AU": "australien, australie",
    "NZ": "neuseeland, nouvelle zelande, nueva zelanda, nuova zelanda, nieuw zeeland, nova zelandia, "
          "nya zeeland, nowa zelandia",
    "ZA": "sudafrika, afrique du sud, sudafrica, zuid afrika, africa do sul, sydafrika, republika poludniowej afryki",
    "EG": "agypten, egypte, egipto, egitto, egito, egypten, egipt",
    "MA": "marokko, maroc, marruecos, marocco, marrocos, marocko, maroko",
    "KE": "kenia, quenia",
    "AE": "vereinigte arabische emirate, emirats arabes unis, emiratos arabes unidos, emirati arabi uniti, "
          "verenigde arabische emiraten, emirados arabes unidos, forenade arabemiraten, "
          "zjednoczone emiraty arabskie",
    "SA": "saudi arabien, arabie saoudite, arabia saudita, saoedi arabie, saudiarabien, arabia saudyjska",
    "IL": "israele, izrael",
}  # fmt: skip


def country_code(raw: str | None) -> str | None:
    """A country's two letters (ISO 3166-1), None where the text is no country.

    References
    ----------
    The time zone database's list of ISO 3166-1 codes.

    Examples
    --------
    >>> country_code("Deutschland"), country_code("usa"), country_code("gb"), country_code("Utopia")
    ('DE', 'US', 'GB', None)
    """
    return _names().get(_plain(raw or ""))


def _plain(raw: str) -> str:
    text = raw.strip().lower()
    if not text.isascii():
        from anyascii import anyascii

        text = anyascii(text).lower()
    words = "".join(c if c.isalnum() else " " for c in text).split()
    return " ".join(word for word in words if word != "and")


@cache
def _names() -> dict[str, str]:
    """Every known name of every country; a name that two countries bear is nobody's."""
    found: dict[str, set[str]] = {}
    for code, name in _zone_lines("iso3166.tab"):
        found.setdefault(_plain(re.sub(r"\(.*?\)", "", name)), set()).add(code)
        found.setdefault(code.lower(), set()).add(code)
    for code, names in IN_OTHER_LANGUAGES.items():
        for name in names.split(", "):
            found.setdefault(name, set()).add(code)
    return {name: min(codes) for name, codes in found.items() if len(codes) == 1} | THREE_LETTERS | WRITTEN


def _zone_lines(name: str) -> list[list[str]]:
    """The lines of one of the tables that come with the time zones, cut at tabs."""
    text = resources.files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def region_of_zone(time_zone: str | None) -> str | None:
    """The country that a time zone belongs to: where numbers without a country code are taken to be from.

    Examples
    --------
    >>> region_of_zone("Europe/Berlin"), region_of_zone("America/New_York"), region_of_zone("UTC")
    ('DE', 'US', None)
    """
    return _zones().get(time_zone or "")


@cache
def _zones() -> dict[str, str]:
    return {parts[2]: parts[0] for parts in _zone_lines("zone.tab")}
