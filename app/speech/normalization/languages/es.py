"""Spanish."""

from app.speech.normalization.words import Clock, Coin, Dates, Words

WORDS = Words(
    tag="es",
    decimal=",",
    groups=". \u00a0\u202f",
    range="{a} a {b}",
    plus="más",
    minus="menos",
    number="número",
    between=("[Ee]ntre", "y"),
    percent="{n} por ciento",
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    weekdays_short=(
        "[Ll]un|L", "[Mm]ar|M", "[Mm]i[ée]|X", "[Jj]ue|J", "[Vv]ie|V", "[Ss][áa]b|S", "[Dd]om|D",
    ),
    clock=Clock(
        hour="{h} horas",
        minutes="{h} y {m}",
        one="una",
        sign=r"(?:h(?:s|rs|oras)?|[ap]\.?\s?m)\b\.?",
        article=r"las?|hacia las",
        hour_behind_article="{h}",
        span="de {a} a {b}",
        span_opening=r"de|desde las",
    ),
    dates=Dates("{d} de {month} de {y}", "{d} de {month}", numeric="/-."),
    coins={
        "EUR": Coin("un euro", "euros", "un céntimo", "céntimos"),
        "USD": Coin("un dólar", "dólares", "un centavo", "centavos"),
        "GBP": Coin("una libra", "libras", "un penique", "peniques"),
        "MXN": Coin("un peso", "pesos", "un centavo", "centavos"),
        "JPY": Coin("un yen", "yenes"),
    },
    money_parts="{whole} con {part}",
    fractions={
        "1/2": "un medio", "1/3": "un tercio", "2/3": "dos tercios", "1/4": "un cuarto",
        "3/4": "tres cuartos", "1/5": "un quinto", "1/8": "un octavo",
    },
    mixed="{n} y {fraction}",
    scales={"millones": "millones", "millón": "millón", "mil": "mil", "M": "millones"},
    scale_of=" de ",
    abbreviations={
        r"p\.\s?ej": "por ejemplo", r"etc": "etcétera", r"aprox": "aproximadamente",
        r"Sra(?=\.\s)": "señora", r"Sr(?=\.\s)": "señor", r"Srta(?=\.\s)": "señorita",
        r"Dra(?=\.\s)": "doctora", r"Dr(?=\.\s)": "doctor", r"D(?=\.\s[A-ZÁÉÍÓÚ])": "don",
        r"D\.?ª(?=\s)": "doña", r"Uds": "ustedes", r"Ud": "usted", r"[nN]\.?º(?=\s?[0-9])":
        "número ", r"[nN]úm(?=\.\s?[0-9])": "número", r"[tT]el(?=[.:])": "teléfono",
        r"[tT]fno": "teléfono", r"Avda": "avenida", r"Av(?=\.\s)": "avenida",
        r"C/(?=\s?[A-ZÁÉÍÓÚ])": "calle ", r"[pP]za": "plaza", r"máx(?=\.\s)": "máximo",
        r"mín(?=\.\s)": "mínimo", r"incl": "incluido", r"EE\.\s?UU": "Estados Unidos",
        r"s/n\b": "sin número", r"[pP]ág(?=\.\s?[0-9])": "página", r"Depto": "departamento",
    },
    ones=(("a", "una"), ("as", "una"), ("", "un")),
    id_words=r"pedido|reserva|referencia|factura|código|pin|clave|localizador|seguimiento|cuenta|"
    r"ticket|expediente|habitación",
    regnal="ordinal to ten",
)  # fmt: skip
