"""Portuguese, as in Brazil; `R$` and `€` alike."""

from app.speech.normalization.words import Clock, Coin, Dates, Words

WORDS = Words(
    tag="pt",
    decimal=",",
    groups=". \u00a0\u202f",
    range="{a} a {b}",
    plus="mais",
    minus="menos",
    number="número",
    between=("[Ee]ntre", "e"),
    percent="{n} por cento",
    weekdays=(
        "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado",
        "domingo",
    ),
    weekdays_short=("[Ss]eg", "[Tt]er", "[Qq]ua", "[Qq]ui", "[Ss]ex", "[Ss][áa]b", "[Dd]om"),
    clock=Clock(
        hour="{h} horas",
        minutes="{h} e {m}",
        one="uma hora",
        sign=r"h(?:s|oras?)?\b",
        separators=":h",
        span="das {a} às {b}",
        span_opening=r"das|de",
    ),
    dates=Dates(
        "{d} de {month} de {y}", "{d} de {month}", numeric="/.-", days={1: "primeiro"}
    ),
    coins={
        "EUR": Coin("um euro", "euros", "um cêntimo", "cêntimos"),
        "BRL": Coin("um real", "reais", "um centavo", "centavos"),
        "USD": Coin("um dólar", "dólares", "um centavo", "centavos"),
        "GBP": Coin("uma libra", "libras", "um péni", "pence"),
        "JPY": Coin("um iene", "ienes"),
    },
    money_parts="{whole} e {minor}",
    fractions={
        "1/2": "um meio", "1/3": "um terço", "2/3": "dois terços", "1/4": "um quarto",
        "3/4": "três quartos", "1/5": "um quinto", "1/8": "um oitavo",
    },
    mixed="{n} e {fraction}",
    scales={
        "milhões": "milhões", "milhão": "milhão", "mil": "mil", "mi": "milhões",
        "bilhões": "bilhões", "bi": "bilhões",
    },
    scale_of=" de ",
    abbreviations={
        r"p\.\s?ex": "por exemplo", r"etc": "etcétera", r"aprox": "aproximadamente",
        r"Sra(?=\.\s)": "senhora", r"Sr(?=\.\s)": "senhor", r"Dra(?=\.\s)": "doutora",
        r"Dr(?=\.\s)": "doutor", r"[nN](?:\.?º|°)(?=\s?[0-9])": "número ",
        r"[tT]el(?=[.:])": "telefone", r"Av(?=\.\s)": "avenida", r"R(?=\.\s[A-Z])": "rua",
        r"[vV]ocês\b": "vocês", r"\bvc\b": "você", r"\bvcs\b": "vocês", r"\bobs(?=[.:])":
        "observação", r"máx(?=\.\s)": "máximo", r"mín(?=\.\s)": "mínimo", r"incl": "incluído",
        r"[pP]ág(?=\.\s?[0-9])": "página", r"s/n\b": "sem número", r"[pP]rof(?=\.\s)":
        "professor", r"[hH]rs\b": "horas", r"ref(?=\.\s)": "referência",
    },
    ones=(("a", "uma"), ("", "um")),
    id_words=r"pedido|reserva|referência|fatura|código|pin|senha|rastreio|rastreamento|conta|"
    r"protocolo|bilhete|quarto|cep",
    regnal="ordinal to ten",
)  # fmt: skip
