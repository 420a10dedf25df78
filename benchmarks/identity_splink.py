"""Splink with the settings of its own documentation, one for each set of records; runs in an environment of its own.

- FEBRL 1 to 3: its example "Deduplicating the febrl3 dataset";
- FEBRL 4: its example "Linking the febrl4 datasets", the detailed model;
- fake_1000: the quick start on its page "Getting started", and "Evaluation when you have fully labelled data";
- simulated people: its example "Linking a dataset of real historical persons", with the fields that are here: city for
  place of birth; e-mail (as in the quick start) and telephone beside, each also a blocking rule of its own; postcodes
  compared as in the FEBRL 4 example, because Splink's own comparison is for British ones.
"""

from __future__ import annotations

REQUIREMENT = "splink==5.0.0"
#: The bar at which Splink's examples cluster.
BAR = 0.95

#: Reads ``sys.argv``: settings, file of records, file for pairs. ``answer`` is handed back.
CODE = """
import sys, time, logging
import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
logging.getLogger("splink").setLevel(logging.ERROR)
kind, source, target = sys.argv[1:4]
con = duckdb.connect()
api = DuckDBAPI(connection=con)
by = dict(unique_id_column_name="record")


def trained(tables, settings, known, recall, pairs, rules, **em):
    linker = Linker([api.register(con.table(name)) for name in tables] if len(tables) > 1
        else api.register(con.table(tables[0])), settings, log_level=40)
    linker.training.estimate_probability_two_random_records_match(known, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=pairs, seed=1)
    for rule in rules:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, **em)
    return linker


def febrl3():
    settings = SettingsCreator(link_type="dedupe_only", **by,
        blocking_rules_to_generate_predictions=[block_on(name) for name in
            ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")],
        comparisons=[cl.NameComparison("given_name"), cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True)])
    known = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth"),
        "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth"]
    linker = trained(["people"], settings, known, 0.9, 1e6, [block_on("date_of_birth"), block_on("postcode")])
    return linker, linker.inference.predict(threshold_match_probability=0.2)


def febrl4():
    for name in ("a", "b"):
        con.execute(f"CREATE TABLE source_{name} AS SELECT * FROM people WHERE source = '{name}'")
    settings = SettingsCreator(link_type="link_only", **by,
        blocking_rules_to_generate_predictions=[block_on("given_name", "surname"),
            "l.given_name = r.surname and l.surname = r.given_name", block_on("date_of_birth"), block_on("soc_sec_id"),
            block_on("state", "address_1"), block_on("street_number", "address_1"), block_on("postcode")],
        comparisons=[cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d",
                invalid_dates_as_null=True),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True)])
    known = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    linker = trained(["source_a", "source_b"], settings, known, 0.8, 1e6,
        [block_on("date_of_birth"), block_on("postcode")], estimate_without_term_frequencies=True)
    return linker, linker.inference.predict(threshold_match_probability=0.2)


def quick_start():
    settings = SettingsCreator(link_type="dedupe_only", **by,
        comparisons=[cl.NameComparison("first_name"), cl.JaroAtThresholds("surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True), cl.EmailComparison("email")],
        blocking_rules_to_generate_predictions=[block_on("first_name", "dob"), block_on("surname")])
    linker = trained(["people"], settings, [block_on("first_name", "surname")], 0.7, 1e6,
        [block_on("first_name", "surname"), block_on("email")])
    return linker, linker.inference.predict(threshold_match_weight=-5)


def evaluation():
    settings = SettingsCreator(link_type="dedupe_only", **by,
        blocking_rules_to_generate_predictions=[block_on(name) for name in ("first_name", "surname", "dob", "email")],
        comparisons=[cl.ForenameSurnameComparison("first_name", "surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True), cl.EmailComparison("email")])
    known = ["l.first_name = r.first_name and levenshtein(r.dob, l.dob) <= 1",
        "l.surname = r.surname and levenshtein(r.dob, l.dob) <= 1",
        "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2", "l.email = r.email"]
    linker = trained(["people"], settings, known, 0.7, 1e6,
        [block_on("dob"), block_on("email"), block_on("first_name", "surname")], estimate_without_term_frequencies=True)
    return linker, linker.inference.predict(threshold_match_weight=-5)


def historical():
    con.execute("CREATE OR REPLACE TABLE people AS SELECT *, given || ' ' || family AS whole_name FROM people")
    settings = SettingsCreator(link_type="dedupe_only", **by,
        blocking_rules_to_generate_predictions=[block_on("substr(given,1,3)", "substr(family,1,4)"),
            block_on("family", "born"), block_on("given", "born"), block_on("postcode", "given"),
            block_on("postcode", "family"), block_on("born", "city"), block_on("substr(postcode,1,3)", "born"),
            block_on("substr(postcode,1,3)", "given"), block_on("substr(postcode,1,3)", "family"),
            block_on("substr(given,1,2)", "substr(family,1,2)", "substr(born,1,4)"),
            block_on("email"), block_on("phone")],
        comparisons=[
            cl.ForenameSurnameComparison("given", "family", forename_surname_concat_col_name="whole_name"),
            cl.DateOfBirthComparison("born", input_is_string=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"), cl.ExactMatch("phone")])
    known = [block_on("given", "family", "born"), block_on("substr(given,1,2)", "family", "substr(postcode,1,2)"),
        block_on("born", "postcode")]
    linker = trained(["people"], settings, known, 0.6, 1e7, [block_on("given", "family"), block_on("born")],
        estimate_without_term_frequencies=True)
    return linker, linker.inference.predict(threshold_match_probability=0.01)


con.execute(f"CREATE TABLE people AS FROM '{source}'")
start = time.perf_counter()
linker, found = dict(febrl3=febrl3, febrl4=febrl4, quick_start=quick_start, evaluation=evaluation,
    historical=historical)[kind]()
linker.clustering.cluster_pairwise_predictions_at_threshold(found, threshold_match_probability=0.95)
answer = {"seconds": time.perf_counter() - start}
con.execute(f"COPY (SELECT record_l AS record_a, record_r AS record_b, match_probability AS probability "
    f"FROM {found.physical_name}) TO '{target}' (FORMAT parquet)")
"""
