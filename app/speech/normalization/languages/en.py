"""English. Bare `en` leaves 3/4/2025 open; `en-US` reads the month first, `en-GB` the day."""

from dataclasses import replace

from app.speech.normalization.words import Clock, Coin, Dates, Words

WORDS = Words(
    tag="en",
    decimal=".",
    groups=",",
    range="{a} to {b}",
    plus="plus",
    minus="minus",
    number="number",
    between=("[Bb]etween", "and"),
    percent="{n} percent",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    weekdays_short=("Mon", "Tues?", "Wed", "Thu(?:rs?)?", "Fri", "Sat", "Sun"),
    clock=Clock(
        hour="{h} o'clock",
        minutes="{h} {m}",
        under_ten="{h} oh {m}",
        separators=":.",
        sign=r"[ap]\.?\s?m\b\.?",
    ),
    dates=Dates("{month} {d}, {y}", "{month} {d}"),
    coins={
        "USD": Coin("1 dollar", "dollars", "1 cent", "cents"),
        "EUR": Coin("1 euro", "euros", "1 cent", "cents"),
        "GBP": Coin("1 pound", "pounds", "1 penny", "pence"),
        "JPY": Coin("1 yen", "yen"),
        "INR": Coin("1 rupee", "rupees", "1 paisa", "paise"),
    },
    money_parts="{whole} and {minor}",
    fractions={
        "1/2": "one half", "1/3": "one third", "2/3": "two thirds", "1/4": "one quarter",
        "3/4": "three quarters", "1/5": "one fifth", "1/8": "one eighth",
    },
    mixed="{n} and {fraction}",
    scales={
        "thousand": "thousand", "million": "million", "billion": "billion",
        "k": "thousand", "K": "thousand", "M": "million", "bn": "billion", "B": "billion",
    },
    abbreviations={
        r"e\.\s?g": "for example", r"i\.\s?e": "that is", r"etc": "et cetera", r"vs": "versus",
        r"approx": "approximately", r"Dr(?=\.?\s[A-Z])": "Doctor", r"Mr(?=\.?\s[A-Z])": "Mister",
        r"Mrs(?=\.?\s[A-Z])": "Missus", r"Prof(?=\.?\s[A-Z])": "Professor",
        r"(?<=[a-z] )St(?=\.?(?:[,;]|\s[a-z0-9]|\s*$))": "Street", r"St(?=\.?\s[A-Z])": "Saint",
        r"Ave": "Avenue", r"Blvd": "Boulevard", r"Apt(?=\.?\s?#?[0-9])": "Apartment",
        r"Nos?(?=\.\s?[0-9])": "number", r"dept": "department", r"Dept": "Department",
        r"incl": "including", r"excl": "excluding", r"w/o": "without", r"w/(?=\s?[a-z])": "with ",
        r"tel(?=\.?:)": "telephone", r"Tel(?=\.?:)": "Telephone",
        r"a\.?s\.?a\.?p": "as soon as possible",
    },
    id_words=r"order|booking|reservation|reference|ref|tracking|invoice|ticket|confirmation|code|"
    r"pin|passcode|password|account|case|id|serial|zip|room",
    regnal="the {n}{th}",
)  # fmt: skip

REGIONAL = {
    "en-us": replace(WORDS, dates=replace(WORDS.dates, numeric="/", month_first=True)),
    "en-gb": replace(WORDS, dates=replace(WORDS.dates, numeric="/.")),
    "en-au": replace(WORDS, dates=replace(WORDS.dates, numeric="/.")),
    "en-ie": replace(WORDS, dates=replace(WORDS.dates, numeric="/.")),
}
