"""Codes in a line: order numbers, bookings, vouchers, passwords, account numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from app.companion.contacts import WORD, is_date
from app.companion.items import Span

# Words that name a code, in the languages of `wordings.py`; a star stands for the rest of a word.
_CUES = """
    code codes passcode pin tan coupon voucher promo order* booking reservation confirmation
    reference ref tracking shipment parcel ticket invoice customer account case serial
    licence license membership policy contract claim request key routing swift bic iban vat
    member receipt purchase application meeting
    bestell* buchung* auftrag* rechnung* kunden* sendung* vorgang* gutschein* aktions* rabatt*
    referenz* kennung kennziffer aktenzeichen konto* vertrag* ticketnummer artikel* reservierung*
    kontonummer blz mitglieds* serien* fall
    commande réservation référence confirmation suivi facture client dossier numéro colis
    abonnement contrat compte
    pedido reserva referencia confirmación seguimiento factura cliente expediente cupón código
    cuenta contrato envío
    ordine prenotazione riferimento conferma spedizione fattura codice buono conto pratica
    encomenda referência confirmação rastreio fatura código cupom cupão conta protocolo
    bestelling* bestelnummer boeking* reservering* bevestiging* factuur* klant* zending*
    kortingscode ordernummer rekening*
    zamówieni* rezerwacj* potwierdzeni* faktur* klient* przesyłk* kod kodu numer zlecenie
    заказ* бронь брони бронирован* подтвержден* счёт* счет* клиент* отправлен* код* промокод*
    трек* договор*
    sipariş* rezervasyon* onay* fatura* müşteri* kargo* takip* kod* kupon* hesap*
"""
_CJK_CUES = (
    r"注文番号|予約番号|確認番号|受付番号|お問い合わせ番号|追跡番号|会員番号|口座番号|番号|コード|"
    r"パスワード|暗証番号|订单号码?|订单编号|预订号|确认号|确认码|验证码|优惠码|运单号|快递单号|"
    r"账号|编号|密码|单号|"
    r"رقم الطلب|رقم طلبك|رقم الحجز|رقم حجزك|رمز|كود|الطلب رقم|طلبك رقم|كلمة المرور|رقم التتبع"
)
_SECRETS = (
    r"pass ?words?|passphrase|passwor[dt]\w{0,3}|kennwort|wi-?fi key|wlan-?schlüssel|"
    r"mot de passe|contraseña|clave|senha|palavra-passe|wachtwoord|hasło|пароль|şifre\w{0,3}|"
    r"パスワード|密码|كلمة المرور|كلمة السر"
)
_BRIDGE = (
    r"number|numbers|no\.?|nr\.?|n[º°o]\.?|№|num\.?|nummer|numéro|número|numero|numer|номер|"
    r"numaranız|numarası|numara|numaran|id|code|kode|"
    r"is|was|ist|lautet|est|es|è|é|to|jest|هو|هي|является|the|le|el|il|o"
)
_NUMBERED = re.compile(rf"(?:[:：#№=—–]|\b(?:{_BRIDGE}))\W{{0,3}}$", re.IGNORECASE)


def _cue_pattern() -> re.Pattern[str]:
    words = "|".join(
        re.escape(cue.rstrip("*")) + (r"\w{0,24}" if cue.endswith("*") else "")
        for cue in _CUES.split()
    )
    bridge = rf"(?:\W{{1,3}}(?:{_BRIDGE})(?!\w)){{0,3}}"
    return re.compile(
        rf"(?:(?<!\w)(?:{words})(?!\w){bridge}|(?:{_CJK_CUES})(?:是|为|は|が|\s*هو|\s*هي)?)"
        r"[\s:：#№=\"'“”„«»`*(—–-]{0,6}$",
        re.IGNORECASE,
    )


_CUED = _cue_pattern()
_SECRET = re.compile(
    rf"(?:(?<!\w)|(?<=[\u3040-\u9fff]))(?:{_SECRETS})(?:\W{{1,3}}(?:for|für)(?:\W\w+){{1,3}})?"
    r"(?:\s*[:：=]|\s+(?:is|ist|lautet|est|es|è|é|to|هو|هي)|は|是|为)\s*[*_]{0,2}"
    r"([\"'“„«`「]?)([^\s\"'“”„«»`「」。、，]{4,64})([\"'”“»`」]?)",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    rf"(?<![@./,+€$£¥%:'’-])(?<!{WORD})[#№]?[A-Za-z0-9](?:[A-Za-z0-9._/\-]{{0,62}}[A-Za-z0-9])?"
    r"(?![A-Za-z0-9_@%€$£¥\u00b0]|[.,:]\d)"
)
_UNIT_AFTER = re.compile(
    r"\s?(?:[€$£¥₽%°]|(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?|francs?|yen|cents?|km|kg|g|m|cm|"
    r"mm|ml|l|mb|gb|kb|miles|people|guests|points|users|hours?|minutes?|min|h|uhr|am|pm|stück|"
    r"pieces|items|units|words|characters|metres|meters|Personen|Leute|złotych|zł|руб\w*|TL|"
    r"lira|円|元|人|年|个|個)(?![A-Za-z]))",
    re.IGNORECASE,
)
_CURRENCY_BEFORE = re.compile(r"(?:[€$£¥₽]|EUR|USD|GBP|CHF|Rs\.?)\s?$")
_LETTERS_AND_YEAR = re.compile(r"[A-Za-z]+-\d{1,2}|[A-Za-z]+\d{1,2}")
_COMMAND = re.compile(r"`([^`\n]{1,300})`")
_SHORT_COMMAND = 16  # characters


def code_name(before: str) -> str:
    """The words right before a code that name it; "" if there are none."""
    cue = _CUED.search(before)
    words = before[cue.start() :].strip(" :：#№=\"'“”„«»`*(—–-") if cue else ""
    return words[:1].upper() + words[1:]


def codes(line: str) -> Iterator[Span]:
    """Codes with the words that name them, and those that can be nothing else."""
    for match in _SECRET.finditer(line):
        quoted = bool(match[1] and match[3])
        secret = match[2] if quoted else match[2].rstrip(".,;:!?)*_")
        plain = secret.isalpha() and (secret.islower() or secret.istitle())
        if quoted or (len(secret) >= 4 and not plain):
            yield Span(match.start(2), match.start(2) + len(secret), "code", secret)
    for match in _TOKEN.finditer(line) if any(map(str.isdigit, line)) else ():
        if match[0].isalpha():
            continue
        before = line[max(0, match.start() - 60) : match.start()]
        if _is_code(match[0], before, line[match.end() :]):
            yield Span(match.start(), match.end(), "code", match[0])


def commands(line: str) -> Iterator[Span]:
    """Inline code that nobody could type after hearing it."""
    for match in _COMMAND.finditer(line):
        code = match[1].strip()
        if len(code) >= _SHORT_COMMAND and not code.replace(" ", "").isalpha():
            yield Span(match.start(), match.end(), "snippet", code)


def _is_code(token: str, before: str, after: str) -> bool:
    bare = [c for c in token if c.isalnum()]
    digits = sum(c.isdigit() for c in bare)
    if not digits or is_date(token) or _CURRENCY_BEFORE.search(before):
        return False
    if digits == len(bare) and ("/" in token or _UNIT_AFTER.match(after)):
        return False
    if cue := _CUED.search(before):
        return _is_cued_code(token, digits, len(bare), before[cue.start() :])
    if token[0] in "#№":
        return digits >= 4
    return _can_only_be_a_code(token, digits, len(bare))


def _is_cued_code(token: str, digits: int, length: int, before: str) -> bool:
    if digits == length:
        numbered = _NUMBERED.search(before) is not None or token[0] in "#№"
        is_year = length == 4 and token[:2] in ("19", "20")
        return length >= (3 if numbered else 4) and (numbered or not is_year)
    return length >= 4


def _can_only_be_a_code(token: str, digits: int, length: int) -> bool:
    if digits == length:
        round_number = len(token.rstrip("0")) <= max(1, len(token) - 4)
        return length >= 7 and not round_number and not ("." in token or "/" in token)
    if any(c.islower() for c in token):
        changes = _changes(token)
        return length >= 8 and changes >= 4 and digits >= 2 and not token.islower()
    if _LETTERS_AND_YEAR.fullmatch(token):
        return False
    return (length >= 8 and digits >= 4) or (length >= 6 and _changes(token) >= 3 and digits >= 2)


def _changes(token: str) -> int:
    """How often letters and digits take turns."""
    bare = [c.isdigit() for c in token if c.isalnum()]
    return sum(a != b for a, b in pairwise(bare))
