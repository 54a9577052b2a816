"""Phrases: the few words that a voice says in place of what cannot be read aloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.languages import primary_subtag


@dataclass(frozen=True)
class Phrases:
    """What one language says for a link, for code, and inside an e-mail address."""

    link_to: str
    """With `{host}` where the host name goes."""
    link: str
    code: str
    at: str
    dot: str


def phrases_for(language: str) -> Phrases:
    """The phrases of `language`, an ISO 639-1 code or a tag such as `pt-BR`; else the English."""
    return _PHRASES.get(primary_subtag(language), _ENGLISH)


_ENGLISH = Phrases("link to {host}", "link", "code block", "at", "dot")

_PHRASES: Mapping[str, Phrases] = MappingProxyType(
    {
        "ar": Phrases("رابط إلى {host}", "رابط", "مقطع برمجي", "آت", "نقطة"),
        "bg": Phrases("връзка към {host}", "връзка", "блок с код", "кльомба", "точка"),
        "ca": Phrases("enllaç a {host}", "enllaç", "bloc de codi", "arrova", "punt"),
        "cs": Phrases("odkaz na {host}", "odkaz", "blok kódu", "zavináč", "tečka"),
        "da": Phrases("link til {host}", "link", "kodeblok", "snabel-a", "punktum"),
        "de": Phrases("Link zu {host}", "Link", "Codeblock", "ät", "Punkt"),
        "el": Phrases("σύνδεσμος για {host}", "σύνδεσμος", "μπλοκ κώδικα", "παπάκι", "τελεία"),
        "en": _ENGLISH,
        "es": Phrases("enlace a {host}", "enlace", "bloque de código", "arroba", "punto"),
        "fa": Phrases("پیوند به {host}", "پیوند", "قطعه کد", "ات", "نقطه"),
        "fi": Phrases("linkki osoitteeseen {host}", "linkki", "koodilohko", "ät", "piste"),
        "fr": Phrases("lien vers {host}", "lien", "bloc de code", "arobase", "point"),
        "he": Phrases("קישור אל {host}", "קישור", "קטע קוד", "שטרודל", "נקודה"),
        "hi": Phrases("{host} का लिंक", "लिंक", "कोड ब्लॉक", "ऐट", "डॉट"),
        "hu": Phrases("hivatkozás: {host}", "hivatkozás", "kódblokk", "kukac", "pont"),
        "id": Phrases("tautan ke {host}", "tautan", "blok kode", "et", "titik"),
        "it": Phrases("link a {host}", "link", "blocco di codice", "chiocciola", "punto"),
        "ja": Phrases("{host} へのリンク", "リンク", "コードブロック", "アットマーク", "ドット"),
        "ko": Phrases("{host} 링크", "링크", "코드 블록", "골뱅이", "닷"),
        "nl": Phrases("link naar {host}", "link", "codeblok", "apenstaartje", "punt"),
        "no": Phrases("lenke til {host}", "lenke", "kodeblokk", "krøllalfa", "punktum"),
        "pl": Phrases("link do {host}", "link", "blok kodu", "małpa", "kropka"),
        "pt": Phrases("link para {host}", "link", "bloco de código", "arroba", "ponto"),
        "ro": Phrases("link către {host}", "link", "bloc de cod", "arond", "punct"),
        "ru": Phrases("ссылка на {host}", "ссылка", "блок кода", "собака", "точка"),
        "sv": Phrases("länk till {host}", "länk", "kodblock", "snabel-a", "punkt"),
        "th": Phrases("ลิงก์ไปยัง {host}", "ลิงก์", "บล็อกโค้ด", "แอท", "ดอท"),
        "tr": Phrases("{host} bağlantısı", "bağlantı", "kod bloğu", "et", "nokta"),
        "uk": Phrases("посилання на {host}", "посилання", "блок коду", "равлик", "крапка"),
        "vi": Phrases("liên kết đến {host}", "liên kết", "khối mã", "a còng", "chấm"),
        "zh": Phrases("{host} 的链接", "链接", "代码块", "艾特", "点"),
    }
)
