"""Dutch."""

from app.speech.normalization.words import Clock, Coin, Dates, Words

WORDS = Words(
    tag="nl",
    decimal=",",
    groups=".\u00a0\u202f",
    range="{a} tot {b}",
    plus="plus",
    minus="min",
    number="nummer",
    between=("[Tt]ussen", "en"),
    percent="{n} procent",
    weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    weekdays_short=("[Mm]a", "[Dd]i", "[Ww]o", "[Dd]o", "[Vv]r", "[Zz]a", "[Zz]o"),
    clock=Clock(
        hour="{h} uur", minutes="{h} uur {m}", sign=r"(?:uur|u)\b", separators=":.",
    ),
    dates=Dates("{d} {month} {y}", "{d} {month}", numeric="-/."),
    coins={
        "EUR": Coin("1 euro", "euro", "1 cent", "cent"),
        "USD": Coin("1 dollar", "dollar", "1 cent", "cent"),
        "GBP": Coin("1 pond", "pond", "1 penny", "pence"),
        "CHF": Coin("1 frank", "frank", "1 rappen", "rappen"),
        "JPY": Coin("1 yen", "yen"),
    },
    money_parts="{whole} {part}",
    fractions={
        "1/2": "een half", "1/3": "een derde", "2/3": "twee derde", "1/4": "een kwart",
        "3/4": "drie kwart", "1/5": "een vijfde", "1/8": "een achtste",
    },
    mixed="{n} en {fraction}",
    scales={
        "duizend": "duizend", "miljoen": "miljoen", "mln.": "miljoen", "mln": "miljoen",
        "miljard": "miljard",
    },
    abbreviations={
        r"bijv": "bijvoorbeeld", r"bv(?=\.\s)": "bijvoorbeeld", r"enz": "enzovoort",
        r"d\.w\.z": "dat wil zeggen", r"o\.a": "onder andere", r"m\.b\.t": "met betrekking tot",
        r"i\.p\.v": "in plaats van", r"a\.u\.b": "alstublieft", r"s\.v\.p": "alstublieft",
        r"i\.v\.m": "in verband met", r"t/m": "tot en met", r"ca": "circa", r"incl": "inclusief",
        r"excl": "exclusief", r"evt": "eventueel", r"nr(?=\.?\s?[0-9])": "nummer",
        r"tel(?=[.:])": "telefoon", r"Tel(?=[.:])": "Telefoon", r"dhr(?=\.\s)": "de heer",
        r"Dhr(?=\.\s)": "De heer", r"mevr(?=\.\s)": "mevrouw", r"Mevr(?=\.\s)": "Mevrouw",
        r"dr(?=\.\s)": "dokter", r"max(?=\.\s)": "maximaal", r"min(?=\.\s[0-9])": "minimaal",
        r"blz(?=\.\s?[0-9])": "bladzijde", r"p\.p": "per persoon", r"(?<=[a-z])str(?=\.)": "straat",
        r"btw": "BTW", r"z\.s\.m": "zo snel mogelijk",
    },
    id_words=r"bestelling|bestelnummer|ordernummer|order|boeking|boekingsnummer|reservering|"
    r"factuur|factuurnummer|klantnummer|zending|code|pincode|pin|ticket|kamer|dossier",
    regnal="de {ordinal}",
)  # fmt: skip
