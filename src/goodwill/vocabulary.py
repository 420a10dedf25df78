"""The canonical tables: every column with its type, unit and meaning. Sources fill them, models read them.

Names follow W3C ActivityStreams 2.0 and Salesforce's nouns where they fit. A column is written
``name type | meaning``; ``!`` after the type marks a column without which a row is refused. Every
row also carries ``source_file`` and ``source_row``. Times are UTC; a node is ``kind:value`` (see ``terms.NODE_KINDS``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: ``type`` is text, integer, number, boolean, date, moment, or person or company (a node)."""

    name: str
    type: str
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One canonical table; ``row`` says what a row is."""

    name: str
    row: str
    columns: tuple[Column, ...]

    def __contains__(self, name: str) -> bool:
        return any(c.name == name for c in self.columns)

    def __getitem__(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


#: What a type is called in DuckDB.
SQL_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN",
             "date": "DATE", "moment": "TIMESTAMP",
             "person": "VARCHAR", "company": "VARCHAR"}  # fmt: skip


def _table(name: str, row: str, spec: str) -> Table:
    columns = []
    for line in spec.strip().splitlines():
        declared, meaning = line.split("|", 1)
        column, kind = declared.split()
        columns.append(Column(column, kind.rstrip("!"), meaning.strip(), kind.endswith("!")))
    return Table(name, row, tuple(columns))


_TABLES = (
    _table("interactions", "one thing one actor did, once, on one venue", """
        id text | the venue's or system's own identifier
        at moment! | when it happened
        verb text! | what was done, one of terms.VERBS
        actor person | who did it, a node
        account company | the company it was done for, a node, where the export knows only that
        object text | what it was done to: the item's id or a page's path
        target_actor person | whom it was aimed at, a node
        in_reply_to text | the id of the item answered
        conversation text | the thread's id
        venue text! | where: linkedin, x, facebook, mastodon, youtube, email, site, crm, service, ...
        channel_group text! | how it came about, one of terms.CHANNELS
        direction text! | inbound (them to us), outbound (us to them) or among (between others)
        campaign text | the campaign's name or id
        team text | the team of ours that acted
        url text | the page or item
        """),
    _table("items", "one post, article, video or message with its words", """
        id text! | the venue's own identifier
        at moment! | when it was published
        venue text! | where
        author person | who wrote it, a node
        is_own boolean! | is it ours
        kind text | post, reply, share, article, video, ...
        title text | its title
        body text | its words
        url text | its address
        in_reply_to text | the id of the item answered
        conversation text | the thread's id
        campaign text | the campaign's name or id
        team text | the team of ours that published it
        language text | ISO 639 code as the venue states it
        """),
    _table("exposures", "one aggregate metric of one item or page over one period; never a touch by a person", """
        item text | the item's id; absent for a whole page or account
        venue text! | where
        metric text! | one of terms.METRICS
        native_metric text! | the venue's own name for it
        audience text! | organic, paid or total
        value number! | the figure
        unit text! | count, fraction, hours, persons
        period_type text! | day, reporting_period or lifetime
        period_start date | first day covered; for lifetime figures the day of publication
        period_end date | last day covered; absent for lifetime figures
        segment text | the part of the audience, if the sheet breaks it down
        definition_version text | which of the venue's definitions applied
        """),
    _table("identifiers", "one identifier that one record carries", """
        record text! | the record, a node
        kind text! | email, phone, handle, cookie, crm_id, domain
        value text! | the identifier's node, as interactions would name it
        venue text | where it is valid
        is_verified boolean! | does the system vouch that both belong together
        first_seen moment | when the pair was first seen
        """),
    _table("people", "one person as one system knows them", """
        id person! | the record, a node
        name text | name as recorded
        email text | e-mail address as recorded
        phone text | telephone number as recorded
        title text | job title
        account company | the company record they belong to, a node
        company text | company name as recorded
        created_at moment | when the system first knew them
        owner text | who of ours looks after them
        lifecycle text | subscriber, lead, customer, ... as the system says
        source text | original source as the system says
        channel_group text | that source as one of terms.CHANNELS
        country text | country as recorded
        is_employee boolean | one of ours
        consent text | given, refused, withdrawn or unknown, as the system says
        do_not_track boolean | asked not to be followed from touch to touch
        """),
    _table("accounts", "one company as one system knows it", """
        id company! | the record, a node
        name text | name as recorded
        domain text | internet domain
        industry text | industry as recorded
        employees number | number of employees
        country text | country as recorded
        created_at moment | when the system first knew it
        owner text | who of ours looks after it
        lifecycle text | prospect, customer, ... as the system says
        """),
    _table("employments", "one person's time at one company", """
        person person! | the person, a node
        account company! | the company, a node
        title text | job title
        date_start date | first day, absent if unknown
        date_end date | last day, absent if it goes on
        """),
    _table("leads", "one lead: somebody who showed interest and may become an opportunity", """
        id text! | the system's own identifier
        created_at moment! | when it became a lead
        person person | who, a node
        account company | which company, a node
        source text | where it came from, as the system says
        channel_group text | that source as one of terms.CHANNELS
        campaign text | the campaign's name or id
        landing_page text | the first page seen
        segment text | market segment known at creation
        owner text | who of ours looks after it
        status text | the last known state
        """),
    _table("stage_changes", "one move of one lead, opportunity or ticket into a stage", """
        object_kind text! | lead, opportunity or ticket
        object_id text! | its id
        at moment! | when it entered the stage
        stage text! | the stage entered; won and lost are canonical
        from_stage text | the stage left
        by text | who moved it
        """),
    _table("opportunities", "one possible sale", """
        id text! | the system's own identifier
        name text | its name
        account company | the company, a node
        owner text | the seller
        created_at moment | when it was opened
        closed_at moment | when it was decided; for open ones absent or the expected date
        stage text | the present stage as the system says
        outcome text | won, lost or open
        amount number | its value
        currency text | ISO 4217 code
        type text | new, expansion or renewal
        source text | where it came from, as the system says
        channel_group text | that source as one of terms.CHANNELS
        segment text | market segment known at opening
        product text | what is to be sold
        loss_reason text | why it was lost
        """),
    _table("opportunity_contacts", "one person's part in one opportunity", """
        opportunity text! | the opportunity's id
        person person! | the person, a node
        role text | decision maker, influencer, ...
        """),
    _table("orders", "one purchase", """
        id text! | the system's own identifier
        at moment! | when
        account company | the buying company, a node
        person person | the buyer, a node
        value number! | what was paid
        margin number | gross margin in the same currency
        currency text | ISO 4217 code
        product text | what was bought
        """),
    _table("subscriptions", "one contract that renews", """
        id text! | the system's own identifier
        account company | the company, a node
        person person | the person, a node
        started_at moment! | first day
        ended_at moment | last day; absent while it runs
        mrr number | monthly recurring revenue
        currency text | ISO 4217 code
        product text | what is subscribed to
        """),
    _table("tickets", "one request to the service desk", """
        id text! | the system's own identifier
        created_at moment! | when it was opened
        requester person | who asked, a node
        account company | their company, a node
        via text | the venue or channel it came through
        status text | open, pending, solved, ...
        subject text | its subject
        priority text | as the system says
        first_reply_at moment | first human answer
        solved_at moment | when it was last solved
        reopens integer | how often it was opened again
        replies integer | answers given
        satisfaction text | the rating given
        assignee text | who of ours answered
        """),
    _table("spend", "one amount of money paid", """
        period_start date! | first day covered
        period_end date | last day covered
        venue text | the venue, absent if shared by all
        kind text! | media, tools, agency, content or other
        amount number! | what was paid
        currency text | ISO 4217 code
        campaign text | the campaign's name or id
        description text | what for
        """),
    _table("effort", "one stretch of paid work by one person", """
        on_date date! | the day
        person text | who
        team text | their team
        venue text | the venue worked on, absent if shared
        kind text | listen, create, converse, moderate, report, coordinate or admin
        hours number! | hours worked
        hourly_cost number | loaded cost of an hour
        currency text | ISO 4217 code
        description text | what was done
        """),
    _table("surveys", "one answer of one person to one question", """
        at moment! | when
        person person | who, a node
        account company | their company, a node
        question text! | what was asked
        answer text | in words
        score number | as a number
        """),
    _table("campaigns", "one campaign", """
        id text! | the system's own identifier
        name text | its name
        venue text | where it runs
        channel_group text | one of terms.CHANNELS
        started_at moment | when it began
        ended_at moment | when it ended
        budget number | money planned
        """),
    _table("decisions", "one forecast or decision, written down before its outcome", """
        id text! | a name for it
        at moment! | when it was written
        expects text! | what was expected, in words
        probability number | stated chance, 0 to 1
        outcome text | what happened
        resolved_at moment | when that was known
        """),
    _table("assignments", "one company dealt by chance to one arm of one experiment", """
        experiment text! | a name for it
        question text! | the question it is to answer
        design text! | invitation, staggered or holdout
        unit_kind text | what was dealt: company
        unit company! | which one, a node
        arm text! | treated, control, or step 1, step 2, ... where groups start one after the other
        stratum text | within what lots were drawn
        planned_share number | share of companies meant to be treated
        seed integer | with which the same lots are drawn again
        assigned_at moment! | when lots were drawn
        started_at moment! | when it started, for this company
        ends_at moment | the first day that no longer counts
        """),
)  # fmt: skip

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}
