"""Job titles: abbreviations written out, and the classes of seniority and function that they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Abbreviations and words of other languages, as plain words.
WRITTEN_OUT = {
    "vp": "vice president", "svp": "senior vice president", "evp": "executive vice president",
    "avp": "assistant vice president", "rvp": "regional vice president", "gvp": "group vice president",
    "ceo": "chief executive officer", "cfo": "chief financial officer", "coo": "chief operating officer",
    "cto": "chief technology officer", "cmo": "chief marketing officer", "cio": "chief information officer",
    "ciso": "chief information security officer", "cro": "chief revenue officer", "cpo": "chief product officer",
    "chro": "chief human resources officer", "cco": "chief commercial officer", "cdo": "chief data officer",
    "cso": "chief strategy officer", "clo": "chief legal officer", "cxo": "chief experience officer",
    "md": "managing director", "gm": "general manager", "pm": "product manager", "sr": "senior", "snr": "senior",
    "jr": "junior", "jnr": "junior", "mgr": "manager", "mngr": "manager", "dir": "director", "asst": "assistant",
    "assoc": "associate", "exec": "executive", "eng": "engineer", "engr": "engineer", "dev": "developer",
    "mktg": "marketing", "mkt": "marketing", "mkg": "marketing", "ops": "operations", "hr": "human resources",
    "bd": "business development", "bizdev": "business development", "pr": "public relations",
    "qa": "quality assurance", "it": "information technology", "rd": "research and development",
    "comms": "communications", "admin": "administrator", "acct": "account", "sdr": "sales development representative",
    "bdr": "business development representative", "ae": "account executive", "csm": "customer success manager",
    "rep": "representative", "coord": "coordinator", "intl": "international", "tech": "technology",
    "swe": "software engineer", "sre": "site reliability engineer", "geschaftsfuhrer": "managing director",
    "geschaftsfuhrerin": "managing director", "leiter": "head", "leiterin": "head",
    "vorstand": "chief executive officer", "inhaber": "owner", "inhaberin": "owner", "grunder": "founder",
    "grunderin": "founder", "vertrieb": "sales", "einkauf": "purchasing", "praktikant": "intern",
    "praktikantin": "intern", "werkstudent": "intern", "mitarbeiter": "employee", "vertriebsleiter": "head of sales",
    "marketingleiter": "head of marketing", "pdg": "chief executive officer", "directeur": "director",
    "directrice": "director", "responsable": "manager", "stagiaire": "intern", "gerente": "manager", "jefe": "head",
    "direttore": "director", "presidente": "president", "becario": "intern", "dueno": "owner", "socio": "partner",
}  # fmt: skip

#: Words that say how high up somebody is; the first class that fits counts.
SENIORITY = (
    ("intern", r"intern|internship|trainee|apprentice|working student|student"),
    ("assistant", r"assistant(?! vice| director| manager| general)|secretary|receptionist"),
    ("owner", r"owner|founder|co ?founder|proprietor|entrepreneur|self employed"),
    ("chief", r"chief (?:\w+ ){1,4}officer|chief of staff|(?<!vice )president|chair(?:man|woman|person)?"
              r"|managing director|board member|general partner|managing partner"),
    ("vice president", r"vice president"),
    ("director", r"director|partner"),
    ("head", r"head|general manager|dean"),
    ("manager", r"manager|lead|leader|supervisor|team lead|superintendent|foreman"),
    ("senior", r"senior|principal|staff|expert|architect|specialist ii+"),
    ("junior", r"junior|entry level|graduate"),
)  # fmt: skip
#: Words that say what somebody does; the first class that fits counts.
FUNCTIONS = (
    ("marketing", r"marketing|brand|growth|demand generation|content|seo|social media|community|communications?"
                  r"|public relations|advertising|media|campaigns?|copywriter|events?"),
    ("sales", r"sales|account executive|account manager|business development|revenue|commercial|partnerships?|channel"
              r"|key account|inside|territory|presales"),
    ("service", r"customer|support|service|success|help ?desk|client|call cent(?:er|re)"),
    ("human resources", r"human resources|people|talent|recruit(?:er|ing|ment)|personnel|payroll|culture"),
    ("finance", r"financ(?:e|ial)|account(?:ant|ing|s)|controll(?:er|ing)|treasur(?:er|y)|audit(?:or)?|tax|investor"),
    ("legal", r"legal|counsel|lawyer|attorney|compliance|paralegal|privacy|solicitor"),
    ("purchasing", r"purchas(?:ing|er)|procurement|buyer|sourcing|supply chain|category"),
    ("product", r"product|ux|ui|design(?:er)?|user experience"),
    ("technology", r"information technology|information|software|engineer(?:ing)?|developer|technology|technical|data"
                   r"|security|systems?|network|devops|programmer|cloud|infrastructure|architect|information security"
                   r"|digital|web|it"),
    ("operations", r"operations|operating|logistics|manufacturing|production|plant|quality|facilit(?:y|ies)|warehouse"
                   r"|project|program(?:me)?|process|transport"),
    ("research", r"research|scientist|professor|teacher|lecturer|education|science|academic"),
    ("management", r"executive officer|managing director|president|owner|founder|general manager|chief of staff"
                   r"|strategy|chair(?:man|woman|person)?|partner|board"),
)  # fmt: skip
_SENIORITY = tuple((name, re.compile(rf"\b(?:{words})\b")) for name, words in SENIORITY)
_FUNCTIONS = tuple((name, re.compile(rf"\b(?:{words})\b")) for name, words in FUNCTIONS)


@dataclass(frozen=True)
class JobTitle:
    """A title in plain words and its classes; ``seniority`` is ``staff`` where nothing says more."""

    title: str
    seniority: str
    function: str | None


def job_title(raw: str | None) -> JobTitle | None:
    """A job title with abbreviations written out, and what it says of rank and work; None where it says nothing.

    Examples
    --------
    >>> job_title("Sr. Mgr, Mktg & Comms")
    JobTitle(title='senior manager marketing and communications', seniority='manager', function='marketing')
    >>> job_title("SVP Sales").seniority, job_title("CTO at Acme").function, job_title("-") is None
    ('vice president', 'technology', True)
    """
    words = _words(raw or "")
    if not words:
        return None
    title = " ".join(WRITTEN_OUT.get(word, word) for word in words)
    if title in _NOTHING:
        return None
    seniority = next((name for name, pattern in _SENIORITY if pattern.search(title)), "staff")
    return JobTitle(title, seniority, next((name for name, pattern in _FUNCTIONS if pattern.search(title)), None))


_NOTHING = frozenset(("na", "n a", "none", "null", "unknown", "other", "test", "x", "keine", "not applicable"))


def _words(raw: str) -> list[str]:
    text = raw
    if not text.isascii():
        from anyascii import anyascii

        text = anyascii(text)
    text = re.sub(r"\s+(?:at|@|bei|chez)\s+\S.*$|\s[|•]\s.*$", "", text)
    text = re.sub(r"\b[Rr]\s?&\s?[Dd]\b", "rd", text).replace("&", " and ").replace("'", "")
    text = re.sub(r"\b([A-Za-z])\.(?=[A-Za-z]\b)", r"\1", text).lower()
    # information technology is written IT, the pronoun it is in no title
    return re.findall(r"[a-z0-9]+", text)
