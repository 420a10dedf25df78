"""What the doctor looks for: one SQL query per suspicion, which questions it hurts and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from goodwill.exports import literal
from goodwill.terms import CHANNELS, VERBS


@dataclass(frozen=True)
class Examination:
    """One check: SQL that lists the rows concerned (source_file, source_row), and what to say of them.

    ``problem`` may use {n}, and (one|many) where words depend on it.
    """

    name: str
    rows: str
    problem: str
    hurts: str
    remedy: str


_ONE_OR_MANY = re.compile(r"\(([^|()]*)\|([^|()]*)\)")


def counted(text: str, n: int) -> str:
    """A text with {n} and words for one or many, as they are for this number.

    Examples
    --------
    >>> counted("{n} (date lies|dates lie) before 1995", 1), counted("{n} (date lies|dates lie) before 1995", 2_000)
    ('1 date lies before 1995', '2,000 dates lie before 1995')
    """
    return _ONE_OR_MANY.sub(lambda found: found[1 if n == 1 else 2], text).replace("{n}", f"{n:,}")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(literal(word) for word in words)


_NOWHERE = "CAST(NULL AS VARCHAR) AS source_file, CAST(NULL AS BIGINT) AS source_row"
DEALS = "win_rate, sales_cycle"

EXAMINATIONS: tuple[Examination, ...] = (
    Examination(
        "refused rows",
        "SELECT source_file, source_row, min(concat_ws(' ', column_name, '\"' || value || '\"', reason)) AS detail "
        "FROM refused GROUP BY source_file, source_row",
        "{n} (row|rows) could not be read and (was|were) left out",
        "every question that needs their table",
        "mend the values named below in the system and export again; for a mapped table look at mapping.formats",
    ),
    Examination(
        "impossible dates",
        "SELECT source_file, source_row FROM deals WHERE is_impossible",
        "{n} (deal was|deals were) decided before (it was|they were) opened",
        DEALS,
        "correct the dates in the CRM; until then they are left out",
    ),
    Examination(
        "decided without a date",
        "SELECT source_file, source_row FROM deals WHERE outcome <> 'open' AND decided_at IS NULL",
        "{n} (deal is|deals are) won or lost and nobody knows when",
        DEALS,
        "export the close date or the stage history",
    ),
    Examination(
        "opened without a date",
        "SELECT source_file, source_row FROM deals WHERE opened_at IS NULL",
        "{n} (deal has|deals have) no date of opening",
        DEALS,
        "export the create date",
    ),
    Examination(
        "unknown outcomes",
        "SELECT source_file, source_row FROM opportunities AS o WHERE outcome IS NOT NULL "
        "AND lower(trim(outcome)) <> 'open' AND NOT EXISTS (SELECT 1 FROM setting_stages AS s "
        "WHERE s.stage IN (lower(trim(o.outcome)), lower(trim(o.stage))))",
        "{n} (opportunity has|opportunities have) an outcome that is neither won nor lost nor open, "
        "and (is|are) taken as open",
        DEALS,
        "name the words under [stages] in goodwill.toml, or translate them in the mapping",
    ),
    Examination(
        "unknown words",
        f"SELECT source_file, source_row FROM interactions WHERE verb NOT IN ({_listed(VERBS)}) "
        f"OR channel_group NOT IN ({_listed(CHANNELS)}) OR direction NOT IN ('inbound', 'outbound', 'among')",
        "{n} (interaction has|interactions have) a verb, a channel or a direction that is not in the "
        "vocabulary, and may not count",
        "all",
        "translate the words in the mapping; goodwill glossary lists those that are known",
    ),
    Examination(
        "dates in the future",
        'SELECT source_file, source_row FROM interactions WHERE "at" >= $end UNION ALL '
        "SELECT source_file, source_row FROM leads WHERE created_at >= $end UNION ALL "
        "SELECT source_file, source_row FROM tickets WHERE created_at >= $end",
        "{n} (thing|things) happened after the last day that counts",
        "all",
        "look at their dates; they do not count",
    ),
    Examination(
        "dates before the business",
        'SELECT source_file, source_row FROM interactions WHERE year("at") < 1995 UNION ALL '
        "SELECT source_file, source_row FROM leads WHERE year(created_at) < 1995 UNION ALL "
        "SELECT source_file, source_row FROM opportunities WHERE year(created_at) < 1995",
        "{n} (date lies|dates lie) before 1995",
        "all",
        "they are most likely empty dates of another program; export again",
    ),
    Examination(
        "tickets solved before asked",
        "SELECT source_file, source_row FROM tickets WHERE solved_at < created_at OR first_reply_at < created_at",
        "{n} (ticket was|tickets were) answered or solved before (it was|they were) opened",
        "none of the present questions",
        "check the time zone of the service desk's export",
    ),
    Examination(
        "no losses",
        f"SELECT {_NOWHERE} FROM deals HAVING count(*) FILTER (WHERE unit = 'opportunity') > 0 "
        "AND count(*) FILTER (WHERE outcome = 'lost') = 0",
        "no opportunity is marked as lost",
        DEALS,
        "name the stages that mean lost under [stages], or export lost deals too",
    ),
    Examination(
        "no wins",
        f"SELECT {_NOWHERE} FROM deals HAVING count(*) > 0 AND count(*) FILTER (WHERE outcome = 'won') = 0",
        "no deal is marked as won",
        DEALS,
        "name the stages that mean won under [stages] in goodwill.toml",
    ),
    Examination(
        "stage history",
        f"SELECT {_NOWHERE} FROM opportunities HAVING count(*) > 0 "
        "AND (SELECT count(*) FROM stage_changes WHERE object_kind = 'opportunity') = 0",
        "there is no stage history: only the present stage of each deal is known",
        "sales_cycle",
        "export the opportunity history (Salesforce) or the deal stage history (HubSpot)",
    ),
    Examination(
        "contact roles",
        "SELECT source_file, source_row FROM opportunities "
        "WHERE id NOT IN (SELECT opportunity FROM opportunity_contacts)",
        "{n} (opportunity names|opportunities name) no contact: only touches of the whole company can be "
        "tied to (it|them)",
        DEALS,
        "export contact roles, so that one can tell who of the company was in the deal",
    ),
    Examination(
        "deals without a company",
        "SELECT source_file, source_row FROM deals WHERE NOT has_account AND unit = 'opportunity'",
        "{n} (opportunity belongs|opportunities belong) to no company",
        DEALS,
        "fill in the account; no touch can be tied to these",
    ),
    Examination(
        "unknown social touches",
        "SELECT source_file, source_row FROM timeline WHERE is_social AND direction = 'inbound' AND account IS NULL",
        "{n} social (touch belongs|touches belong) to nobody who is known",
        DEALS,
        "export e-mail addresses or handles with the touches, and handles with the contacts",
    ),
    Examination(
        "no dated social touches",
        f"SELECT {_NOWHERE} FROM deals HAVING count(*) > 0 "
        "AND (SELECT count(*) FROM timeline WHERE is_social AND direction = 'inbound') = 0",
        "no export says who touched us on social and when",
        DEALS,
        "add an export of engagements by person, or of site visits with their source; "
        "without it only channels of entry can be compared",
    ),
    Examination(
        "duplicate touches",
        "SELECT source_file, source_row FROM interactions QUALIFY row_number() OVER "
        '(PARTITION BY venue, verb, "at", actor, object, id ORDER BY source_file, source_row) > 1',
        "{n} (interaction stands|interactions stand) in the exports twice",
        "all",
        "nothing to do: each is counted once",
    ),
    Examination(
        "duplicate opportunities",
        "SELECT source_file, source_row FROM opportunities QUALIFY row_number() OVER "
        "(PARTITION BY id ORDER BY source_file DESC, source_row DESC) > 1",
        "{n} (opportunity stands|opportunities stand) in the exports twice",
        DEALS,
        "the last one counts; remove older exports if that is wrong",
    ),
    Examination(
        "duplicate leads",
        "SELECT source_file, source_row FROM leads QUALIFY row_number() OVER "
        "(PARTITION BY id ORDER BY created_at, source_file, source_row) > 1",
        "{n} (lead stands|leads stand) in the exports twice",
        DEALS,
        "the first one counts",
    ),
    Examination(
        "mixed currencies",
        "WITH money AS (SELECT currency, source_file, source_row FROM opportunities WHERE amount IS NOT NULL "
        "UNION ALL SELECT currency, source_file, source_row FROM spend "
        "UNION ALL SELECT currency, source_file, source_row FROM effort WHERE hourly_cost IS NOT NULL "
        "UNION ALL SELECT currency, source_file, source_row FROM orders) "
        "SELECT source_file, source_row FROM money WHERE currency <> $currency",
        "{n} (amount is|amounts are) not in the company's currency",
        "cost, sales",
        "export them in one currency, or set company.currency",
    ),
    Examination(
        "daily and lifetime figures",
        "SELECT min(source_file) AS source_file, min(source_row) AS source_row FROM exposures "
        "WHERE segment IS NULL AND audience = 'total' GROUP BY venue, metric HAVING count(DISTINCT period_type) > 1",
        "{n} (metric comes|metrics come) both by day and over a post's life",
        "conversation",
        "nothing to do: they describe the same events and are never added; daily figures are used",
    ),
    Examination(
        "figures given twice",
        "SELECT source_file, source_row FROM exposures WHERE period_type <> 'reporting_period' "
        "QUALIFY row_number() OVER (PARTITION BY venue, item, native_metric, audience, period_type, period_start, "
        "segment ORDER BY source_file, source_row) > 1",
        "{n} aggregate (figure stands|figures stand) in the exports twice",
        "conversation",
        "nothing to do: each is counted once",
    ),
    Examination(
        "untagged visits",
        "SELECT source_file, source_row FROM timeline WHERE venue = 'site' AND channel_group = 'direct' "
        "AND object IS NOT NULL AND regexp_matches(object, '^(https?://[^/]+)?/[^/?#]+/[^?#]+')",
        "{n} (visit|visits) went straight to a deep page without a source: "
        "(a link that was|links that were) shared untagged",
        DEALS,
        "tag every link you post (utm_source, utm_medium=social); such visits cannot be tied to social",
    ),
    Examination(
        "not to be tracked",
        "SELECT source_file, source_row FROM people "
        "WHERE coalesce(do_not_track, FALSE) OR coalesce(consent = 'withdrawn', FALSE)",
        "{n} (record is of somebody|records are of people) who withdrew (the|their) consent or asked not to be tracked",
        "all that follow single people",
        "nothing to do: they count in totals only, unless privacy.respect_do_not_track is false",
    ),
    Examination(
        "hours without a rate",
        "SELECT source_file, source_row FROM cost_lines WHERE has_no_rate",
        "{n} (line of the time sheet has|lines of the time sheet have) no hourly cost",
        "cost",
        "set hourly_cost under [teams.<name>] in goodwill.toml",
    ),
)
