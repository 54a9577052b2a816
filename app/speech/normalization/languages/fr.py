"""French. Phone numbers are read in pairs."""

from app.speech.normalization.words import Clock, Coin, Dates, Words

WORDS = Words(
    tag="fr",
    decimal=",",
    groups=" \u00a0\u202f.",
    range="{a} à {b}",
    plus="plus",
    minus="moins",
    number="numéro",
    between=("[Ee]ntre", "et"),
    percent="{n} pour cent",
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    weekdays_short=("[Ll]un", "[Mm]ar", "[Mm]er", "[Jj]eu", "[Vv]en", "[Ss]am", "[Dd]im"),
    clock=Clock(
        hour="{h} heures",
        minutes="{h} heures {m}",
        one="une heure",
        sign=r"h(?:eures?)?\b",
        separators=":h",
        span="de {a} à {b}",
        span_opening=r"de|entre",
    ),
    dates=Dates("{d} {month} {y}", "{d} {month}", numeric="/.", days={1: "premier"}),
    coins={
        "EUR": Coin("un euro", "euros", "un centime", "centimes"),
        "USD": Coin("un dollar", "dollars", "un cent", "cents"),
        "GBP": Coin("une livre", "livres", "un penny", "pence"),
        "CHF": Coin("un franc", "francs", "un centime", "centimes"),
        "JPY": Coin("un yen", "yens"),
    },
    money_parts="{whole} {part}",
    fractions={
        "1/2": "un demi", "1/3": "un tiers", "2/3": "deux tiers", "1/4": "un quart",
        "3/4": "trois quarts", "1/5": "un cinquième", "1/8": "un huitième",
    },
    mixed="{n} et {fraction}",
    scales={
        "millions": "millions", "million": "million", "milliards": "milliards",
        "milliard": "milliard", "M": "millions", "Md": "milliards",
    },
    scale_of=" de ",
    abbreviations={
        r"p\.\s?ex": "par exemple", r"c\.-à-d": "c'est-à-dire", r"etc": "et cetera",
        r"env": "environ", r"M(?=\.\s[A-ZÉÈ])": "Monsieur", r"MM(?=\.\s[A-ZÉÈ])": "Messieurs",
        r"Mmes(?=\s)": "Mesdames", r"Mme(?=\.?\s)": "Madame", r"Mlle(?=\.?\s)": "Mademoiselle",
        r"Dr(?=\.?\s[A-ZÉÈ])": "Docteur", r"[nN][°º](?=\s?[0-9])": "numéro ",
        r"[tT]él(?=[.:\s])": "téléphone", r"[bB]d(?=\.?\s)": "boulevard",
        r"(?<=[0-9] )av": "avenue", r"(?<=[0-9], )av": "avenue", r"St(?=[-\s][A-ZÉÈ])": "Saint",
        r"Ste(?=[-\s][A-ZÉÈ])": "Sainte", r"[sS]\.?v\.?p": "s'il vous plaît",
        r"max(?=\.\s)": "maximum", r"[rR]dv": "rendez-vous", r"TTC": "toutes taxes comprises",
    },
    ones=(("heure", "une"), ("minute", "une"), ("seconde", "une"), ("livre", "une"), ("", "un")),
    id_words=r"commande|réservation|référence|réf|facture|dossier|code|pin|billet|colis|suivi|"
    r"confirmation|chambre|compte",
    pairs=True,
    regnal="{n}",
)  # fmt: skip
