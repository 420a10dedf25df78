"""The normalised keys by which records of different systems are compared: the list of them.

Each is a plain function of one text, and None where the text is no such thing; ``key_tables`` applies them to the
distinct values of a warehouse.
"""

from __future__ import annotations

from goodwill.identity.keys_companies import company_family, company_name
from goodwill.identity.keys_domains import brand, company_domain, host
from goodwill.identity.keys_handles import handle, profile, profile_node, profiles_in
from goodwill.identity.keys_mail import FREE_MAIL, Mail, is_role_name, mail
from goodwill.identity.keys_names import PersonName, formal_names, may_be_the_same_given_name, person_name
from goodwill.identity.keys_phone import phone
from goodwill.identity.keys_places import country_code, region_of_zone
from goodwill.identity.keys_titles import JobTitle, job_title

__all__ = [
    "FREE_MAIL",
    "JobTitle",
    "Mail",
    "PersonName",
    "brand",
    "company_domain",
    "company_family",
    "company_name",
    "country_code",
    "formal_names",
    "handle",
    "host",
    "is_role_name",
    "job_title",
    "mail",
    "may_be_the_same_given_name",
    "person_name",
    "phone",
    "profile",
    "profile_node",
    "profiles_in",
    "region_of_zone",
]
