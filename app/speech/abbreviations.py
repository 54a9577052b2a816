"""Abbreviations: words after which a dot does not end the sentence."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS = _words(
    "approx bd bspw bzw ca capt cf cfr col dipl dott dr dra etw evtl ggf gen gov hon hr inkl "
    "insb lt maj mevr mgr mlle mme mr mrs ms mx prof rep rev sen sgt sig sogen sr sra srta st "
    "ste tzn ud uds ul św inż vgl vs zb zzgl г ул им д кв пр др см डॉ"
)
"""Titles and the like, which stand before a name or another word."""

BEFORE_NUMBERS = _words(
    "abs abb apdo art ch fig kap nr no nos núm op p pag pág par pp s sec str tab tel vol гл рис "
    "стр табл тел"
)
"""Abbreviations only where a number follows; some are words of their own elsewhere."""

MONTHS = _words(
    "januar februar märz april mai juni juli august september oktober november dezember jan feb "
    "mär apr jun jul aug sep okt nov dez jänner marts maj december mars desember tammikuuta "
    "helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta "
    "lokakuuta marraskuuta joulukuuta ledna února března dubna května června července srpna "
    "září října listopadu prosince januára februára marca apríla mája júna júla augusta "
    "septembra októbra novembra decembra január február március április május június július "
    "augusztus szeptember október"
)
"""Names of months before which a number is written with a dot: "24. Dezember"."""

BEFORE_ORDINALS = _words("im am zum zur beim vom dem den der jeder jeden jedem")
"""German words between which and a noun a number is an ordinal: "im 2. Stock"."""
