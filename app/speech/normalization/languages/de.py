"""German."""

from app.speech.normalization.words import Clock, Coin, Dates, Words

WORDS = Words(
    tag="de",
    decimal=",",
    groups=".'’\u00a0\u202f",
    range="{a} bis {b}",
    plus="plus",
    minus="minus",
    number="Nummer",
    between=("[Zz]wischen", "und"),
    percent="{n} Prozent",
    weekdays=(
        "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag",
    ),
    weekdays_short=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    clock=Clock(
        hour="{h} Uhr", minutes="{h} Uhr {m}", one="ein Uhr", sign=r"Uhr\b", separators=":.",
    ),
    dates=Dates("{d} {month} {y}", "{d} {month}", numeric="."),
    coins={
        "EUR": Coin("ein Euro", "Euro", "ein Cent", "Cent"),
        "USD": Coin("ein Dollar", "Dollar", "ein Cent", "Cent"),
        "GBP": Coin("ein Pfund", "Pfund", "ein Penny", "Pence"),
        "CHF": Coin("ein Franken", "Franken", "ein Rappen", "Rappen"),
        "JPY": Coin("ein Yen", "Yen"),
    },
    money_parts="{whole} {part}",
    fractions={
        "1/2": "ein halb", "1/3": "ein Drittel", "2/3": "zwei Drittel", "1/4": "ein Viertel",
        "3/4": "drei Viertel", "1/5": "ein Fünftel", "1/8": "ein Achtel",
    },
    mixed="{n} und {fraction}",
    scales={
        "Tsd.": "Tausend", "Mio.": "Millionen", "Millionen": "Millionen", "Mrd.": "Milliarden",
        "Milliarden": "Milliarden",
    },
    abbreviations={
        r"z\.\s?B": "zum Beispiel", r"d\.\s?h": "das heißt", r"u\.\s?a": "unter anderem",
        r"u\.\s?U": "unter Umständen", r"z\.\s?T": "zum Teil", r"i\.\s?d\.\s?R": "in der Regel",
        r"o\.\s?Ä": "oder Ähnliches", r"usw": "und so weiter", r"bzw": "beziehungsweise",
        r"ca": "circa", r"inkl": "inklusive", r"zzgl": "zuzüglich", r"ggf": "gegebenenfalls",
        r"evtl": "eventuell", r"vgl": "vergleiche", r"max(?=\.\s)": "maximal",
        r"mind(?=\.\s?[0-9])": "mindestens", r"Nr(?=\.?\s?[0-9])": "Nummer", r"Std": "Stunden",
        r"(?<=[0-9] )Min": "Minuten", r"Tel(?=[.:])": "Telefon", r"MwSt": "Mehrwertsteuer",
        r"Dr(?=\.\s[A-ZÄÖÜ])": "Doktor", r"Hr(?=\.\s[A-ZÄÖÜ])": "Herr",
        r"Fr(?=\.\s[A-ZÄÖÜ])": "Frau", r"Prof(?=\.\s[A-ZÄÖÜ])": "Professor",
        r"St(?=\.\s[A-ZÄÖÜ])": "Sankt", r"(?<=[a-zäöüß])str": "straße",
        r"Str(?=\.)": "Straße", r"Abs(?=\.\s?[0-9])": "Absatz",
    },
    ones=(("e", "eine"), ("", "ein")),
    id_words=r"bestellung|bestellnummer|auftrag|auftragsnummer|buchung|buchungsnummer|rechnung|"
    r"rechnungsnummer|kundennummer|sendungsnummer|code|pin|kennwort|ticket|vorgang|zimmer|plz",
    regnal="der {ordinal}",
)  # fmt: skip
