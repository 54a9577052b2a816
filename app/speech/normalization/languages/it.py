"""Italian."""

from app.speech.normalization.words import Clock, Coin, Dates, Words

WORDS = Words(
    tag="it",
    decimal=",",
    groups=".'’\u00a0\u202f",
    range="{a} a {b}",
    plus="più",
    minus="meno",
    number="numero",
    between=("[Tt]ra", "e"),
    percent="{n} per cento",
    weekdays=("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    weekdays_short=("[Ll]un", "[Mm]ar", "[Mm]er", "[Gg]io", "[Vv]en", "[Ss]ab", "[Dd]om"),
    clock=Clock(
        hour="ore {h}",
        minutes="ore {h} e {m}",
        sign=r"h\b",
        article=r"alle|dalle|le|ore|all'|dall'|fino alle|delle",
        hour_behind_article="{h}",
        minutes_behind_article="{h} e {m}",
        span="dalle {a} alle {b}",
        span_opening=r"dalle|dall'|ore|dalle ore",
        separators=":.",
    ),
    dates=Dates("{d} {month} {y}", "{d} {month}", numeric="/.-", days={1: "primo"}),
    coins={
        "EUR": Coin("un euro", "euro", "un centesimo", "centesimi"),
        "USD": Coin("un dollaro", "dollari", "un centesimo", "centesimi"),
        "GBP": Coin("una sterlina", "sterline", "un penny", "penny"),
        "CHF": Coin("un franco", "franchi", "un centesimo", "centesimi"),
        "JPY": Coin("uno yen", "yen"),
    },
    money_parts="{whole} e {part}",
    fractions={
        "1/2": "un mezzo", "1/3": "un terzo", "2/3": "due terzi", "1/4": "un quarto",
        "3/4": "tre quarti", "1/5": "un quinto", "1/8": "un ottavo",
    },
    mixed="{n} e {fraction}",
    scales={
        "mila": "mila", "milioni": "milioni", "milione": "milione", "mln": "milioni",
        "miliardi": "miliardi", "mld": "miliardi",
    },
    scale_of=" di ",
    abbreviations={
        r"p\.\s?es": "per esempio", r"ad es": "ad esempio", r"ecc": "eccetera", r"ca": "circa",
        r"Sigg(?=\.\s)": "signori", r"[sS]ig\.ra(?=\s)": "signora", r"[sS]ig(?=\.\s)": "signor",
        r"[dD]ott\.ssa(?=\s)": "dottoressa", r"[dD]ott(?=\.\s)": "dottor", r"[dD]r(?=\.\s)":
        "dottor", r"[aA]vv(?=\.\s)": "avvocato", r"[iI]ng(?=\.\s)": "ingegner",
        r"[nN](?:\.|[°º])(?=\s?[0-9])": "numero ", r"[tT]el(?=[.:])": "telefono",
        r"[pP]\.zza": "piazza", r"[vV]\.le": "viale", r"max(?=\.\s)": "massimo",
        r"min(?=\.\s[0-9])": "minimo", r"incl": "incluso", r"pag(?=\.\s?[0-9])": "pagina",
        r"c\.a": "circa", r"tot(?=\.\s)": "totale", r"[gG]ent\.ma": "gentilissima",
    },
    ones=(("a", "una"), ("", "un")),
    id_words=r"ordine|prenotazione|riferimento|fattura|codice|pin|pratica|spedizione|biglietto|"
    r"conto|camera|cap",
    regnal="ordinal",
)  # fmt: skip
