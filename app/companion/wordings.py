"""Wordings: how a memo says that something follows in writing, and what surrounds it in a sentence.

A language is only taken in with all of it. In any other a memo says what it did before, and the
text follows without a word about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.companion.items import Kind
from app.languages import primary_subtag


@dataclass(frozen=True, eq=False)
class Wording:
    """One language.

    notice: with `{items}`. things: each kind once and several times, as an object of the notice;
    `everything` stands for more than two kinds. labels: what names an item that nothing else does.
    copulas: what stands between a name and its item, and what is said instead of both.
    before: prepositions and articles that go with an item. conjunctions: between two items.
    """

    notice: str
    everything: str
    joint: str
    things: Mapping[Kind, tuple[str, str]]
    labels: Mapping[Kind, str]
    copulas: Mapping[str, str]
    before: tuple[str, ...]
    conjunctions: tuple[str, ...]

    def notice_of(self, kinds: Mapping[Kind, int]) -> str:
        """The sentence that says what follows. kinds: how many of each there are."""
        names = [self.things[kind][count > 1] for kind, count in kinds.items()]
        items = self.joint.join(names) if len(names) <= 2 else self.everything
        items = self.notice.format(items=items)
        return items[:1].upper() + items[1:]


def wording_of(language: str) -> Wording | None:
    """The wording of a language (BCP 47); None where none is known."""
    return _WORDINGS.get(primary_subtag(language))


def rest_notice(language: str) -> str:
    """The sentence after which the rest of an answer follows in writing; "" if none is known."""
    return _REST.get(primary_subtag(language), "")


_REST: Mapping[str, str] = MappingProxyType(
    {
        "en": "The rest follows in writing.",
        "de": "Der Rest folgt schriftlich.",
        "fr": "La suite vient par écrit.",
        "es": "El resto va por escrito.",
        "it": "Il resto segue per iscritto.",
        "pt": "O resto segue por escrito.",
        "nl": "De rest volgt schriftelijk.",
        "pl": "Resztę wysyłam na piśmie.",
        "ru": "Остальное – в сообщении.",
        "tr": "Devamını yazılı olarak gönderiyorum.",
        "ja": "続きは文字でお送りします。",
        "zh": "其余内容我用文字发给您。",
        "ar": "سأرسل لك البقية كتابةً.",
    }
)

_KINDS: tuple[Kind, ...] = (
    "link", "email", "phone", "code", "bank", "address", "list", "table", "snippet",
)  # fmt: skip
_LABELLED: tuple[Kind, ...] = ("link", "email", "phone", "code", "bank", "address")


def _wording(
    notice: str,
    everything: str,
    joint: str,
    things: str,
    labels: str,
    copulas: Mapping[str, str],
    before: str,
    conjunctions: str,
) -> Wording:
    """things: `one/several` for each kind; labels: for those that have one; `|` between them."""
    pairs = [tuple(one.strip().split("/")) for one in things.split("|")]
    return Wording(
        notice,
        everything,
        joint,
        MappingProxyType(
            {kind: (one, many) for kind, (one, many) in zip(_KINDS, pairs, strict=True)}
        ),
        MappingProxyType(dict(zip(_LABELLED, labels.split("|"), strict=True))),
        MappingProxyType(dict(copulas)),
        tuple(before.split()),
        tuple(conjunctions.split()),
    )


_WORDINGS: Mapping[str, Wording] = MappingProxyType(
    {
        "en": _wording(
            "I'm sending you {items}.",
            "all of it in writing",
            " and ",
            "the link/the links|the e-mail address/the e-mail addresses|the number/the numbers|"
            "the code/the codes|the bank account/the bank accounts|the address/the addresses|"
            "the list/the lists|the table/the tables|the code/the code",
            "Link|E-mail|Phone|Code|Bank account|Address",
            {
                "is": "follows in writing",
                "will be": "follows in writing",
                "are": "follow in writing",
            },
            "at on under to via by from with using over in through the",
            "and or",
        ),
        "de": _wording(
            "Ich schicke {items} mit.",
            "alles schriftlich",
            " und ",
            "den Link/die Links|die E-Mail-Adresse/die E-Mail-Adressen|die Nummer/die Nummern|"
            "den Code/die Codes|die Bankverbindung/die Bankverbindungen|die Adresse/die Adressen|"
            "die Liste/die Listen|die Tabelle/die Tabellen|den Code/den Code",
            "Link|E-Mail|Telefon|Code|Bankverbindung|Adresse",
            {
                "ist": "folgt schriftlich",
                "lautet": "folgt schriftlich",
                "sind": "folgen schriftlich",
                "lauten": "folgen schriftlich",
            },
            "unter an auf über per via bei mit zu von aus in der die das den dem",
            "und oder",
        ),
        "fr": _wording(
            "Je vous envoie {items}.",
            "tout cela par écrit",
            " et ",
            "le lien/les liens|l'adresse e-mail/les adresses e-mail|le numéro/les numéros|"
            "le code/les codes|les coordonnées bancaires/les coordonnées bancaires|"
            "l'adresse/les adresses|la liste/les listes|le tableau/les tableaux|le code/le code",
            "Lien|E-mail|Téléphone|Code|Compte bancaire|Adresse",
            {"est": "suit par écrit", "sont": "suivent par écrit"},
            "à au aux sur via par de du avec chez dans le la les l'",
            "et ou",
        ),
        "es": _wording(
            "Le envío {items}.",
            "todo por escrito",
            " y ",
            "el enlace/los enlaces|el correo electrónico/los correos electrónicos|"
            "el número/los números|el código/los códigos|los datos bancarios/los datos bancarios|"
            "la dirección/las direcciones|la lista/las listas|la tabla/las tablas|"
            "el código/el código",
            "Enlace|Correo|Teléfono|Código|Cuenta bancaria|Dirección",
            {"es": "va por escrito", "son": "van por escrito"},
            "a al en por con de del desde el la los las",
            "y o e u",
        ),
        "it": _wording(
            "Le mando {items}.",
            "tutto per iscritto",
            " e ",
            "il link/i link|l'indirizzo e-mail/gli indirizzi e-mail|il numero/i numeri|"
            "il codice/i codici|le coordinate bancarie/le coordinate bancarie|"
            "l'indirizzo/gli indirizzi|la lista/le liste|la tabella/le tabelle|"
            "il codice/il codice",
            "Link|E-mail|Telefono|Codice|Conto bancario|Indirizzo",
            {"è": "segue per iscritto", "sono": "seguono per iscritto"},
            "a al allo alla ai in su sul via con da dal di del il lo la l'",
            "e o oppure",
        ),
        "pt": _wording(
            "Envio {items}.",
            "tudo por escrito",
            " e ",
            "o link/os links|o e-mail/os e-mails|o número/os números|o código/os códigos|"
            "os dados bancários/os dados bancários|o endereço/os endereços|a lista/as listas|"
            "a tabela/as tabelas|o código/o código",
            "Link|E-mail|Telefone|Código|Conta bancária|Endereço",
            {"é": "segue por escrito", "são": "seguem por escrito"},
            "em no na nos nas a ao à para por pelo pela com de do da o os as",
            "e ou",
        ),
        "nl": _wording(
            "Ik stuur {items} mee.",
            "alles schriftelijk",
            " en ",
            "de link/de links|het e-mailadres/de e-mailadressen|het nummer/de nummers|"
            "de code/de codes|het rekeningnummer/de rekeningnummers|het adres/de adressen|"
            "de lijst/de lijsten|de tabel/de tabellen|de code/de code",
            "Link|E-mail|Telefoon|Code|Rekening|Adres",
            {
                "is": "volgt schriftelijk",
                "luidt": "volgt schriftelijk",
                "zijn": "volgen schriftelijk",
            },
            "op aan via naar met bij onder van per in de het",
            "en of",
        ),
        "pl": _wording(
            "Wysyłam też {items}.",
            "wszystko na piśmie",
            " i ",
            "link/linki|adres e-mail/adresy e-mail|numer telefonu/numery telefonów|kod/kody|"
            "numer konta/numery kont|adres/adresy|listę/listy|tabelę/tabele|kod/kod",
            "Link|E-mail|Telefon|Kod|Konto|Adres",
            {"to": "jest w wiadomości", "jest": "jest w wiadomości"},
            "na pod przez w z do od",
            "i lub albo",
        ),
        "ru": _wording(
            "Отправляю {items} сообщением.",
            "всё это",
            " и ",
            "ссылку/ссылки|адрес почты/адреса почты|номер/номера|код/коды|"
            "реквизиты/реквизиты|адрес/адреса|список/списки|таблицу/таблицы|код/код",
            "Ссылка|Почта|Телефон|Код|Счёт|Адрес",
            {"—": "будет в сообщении", "–": "будет в сообщении", "это": "будет в сообщении"},
            "на по в через с к от",
            "и или",
        ),
        "tr": _wording(
            "{items} yazılı olarak gönderiyorum.",
            "hepsini",
            " ve ",
            "bağlantıyı/bağlantıları|e-posta adresini/e-posta adreslerini|numarayı/numaraları|"
            "kodu/kodları|hesap bilgilerini/hesap bilgilerini|adresi/adresleri|"
            "listeyi/listeleri|tabloyu/tabloları|kodu/kodu",
            "Bağlantı|E-posta|Telefon|Kod|Hesap|Adres",
            {},
            "",
            "ve veya",
        ),
        "ja": _wording(
            "{items}を文字でお送りします。",
            "詳しい内容",
            "と",
            "リンク/リンク|メールアドレス/メールアドレス|電話番号/電話番号|番号/番号|口座番号/口座番号|"
            "住所/住所|一覧/一覧|表/表|コード/コード",
            "リンク|メール|電話|番号|口座|住所",
            {"は": "は文字でお送りします"},
            "",
            "と か または や",
        ),
        "zh": _wording(
            "我把{items}发给您。",
            "这些内容",
            "和",
            "链接/链接|邮箱地址/邮箱地址|电话号码/电话号码|号码/号码|账号/账号|地址/地址|"
            "清单/清单|表格/表格|代码/代码",
            "链接|邮箱|电话|号码|账号|地址",
            {"是": "我用文字发给您", "为": "我用文字发给您"},
            "在 到 至 通过 请用",
            "和 或 或者 及",
        ),
        "ar": _wording(
            "سأرسل لك {items} كتابةً.",
            "كل ذلك",
            " و",
            "الرابط/الروابط|البريد الإلكتروني/عناوين البريد الإلكتروني|الرقم/الأرقام|"
            "الرمز/الرموز|الحساب البنكي/الحسابات البنكية|العنوان/العناوين|القائمة/القوائم|"
            "الجدول/الجداول|الكود/الكود",
            "الرابط|البريد|الهاتف|الرمز|الحساب|العنوان",
            {"هو": "يصلك كتابةً", "هي": "يصلك كتابةً"},
            "على عبر إلى من في",
            "و أو",
        ),
    }
)
