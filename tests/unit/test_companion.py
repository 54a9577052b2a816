"""What the ear cannot keep goes out in writing, exactly; plain answers bring no text."""

from __future__ import annotations

import re
import string
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.companion import companion_of
from app.companion.wordings import wording_of
from app.speech.text import speakable

CORPUS = Path(__file__).parents[1] / "corpus"
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "tr", "ja", "zh", "ar")

MENU = "\n".join(f"- {dish}" for dish in ("Soup", "Salad", "Pasta", "Fish", "Cake", "Coffee"))
PRICES = "| Size | Price |\n|---|---:|\n| Small | €4.50 |\n| Large | **€6.00** |"

# The kind, its language, the answer, what is written, and what must not be read aloud.
KINDS = [
    # 1: links with their path
    ("link", "en", "You can book here: https://example.com/book?t=4&d=sat#top.",
     "You can book here: https://example.com/book?t=4&d=sat#top", "book?t"),
    ("link", "en", "See https://en.wikipedia.org/wiki/Foo_(bar), it explains it all.",
     "Link: https://en.wikipedia.org/wiki/Foo_(bar)", "wikipedia"),
    ("link", "en", "Here is [the menu](https://example.com/a_b/menu.pdf).",
     "the menu: https://example.com/a_b/menu.pdf", "pdf"),
    ("link", "de", "Den Termin buchen Sie unter example.de/termin und dann kommen Sie vorbei.",
     "Link: example.de/termin", "example.de"),
    ("link", "ja", "詳しくはhttps://example.jp/order?id=7をご覧ください。",
     "詳しく: https://example.jp/order?id=7", "example"),
    ("link", "zh", "请访问https://example.cn/order查看详情。", "链接: https://example.cn/order",
     "example"),
    # 2: e-mail addresses
    ("email", "en", "Write to anna.b+shop@mail.example.org before noon.",
     "E-mail: anna.b+shop@mail.example.org", "anna"),
    ("email", "fr", "Écrivez à aide@exemple.fr, nous répondons vite.", "E-mail: aide@exemple.fr",
     "aide"),
    ("email", "ru", "Пишите на info@example.ru, мы ответим.", "Почта: info@example.ru", "info"),
    # 3: phone numbers
    ("phone", "en", "Call us at +1 (555) 010-9999 before 5 p.m.", "Phone: +1 (555) 010-9999",
     "555"),
    ("phone", "en", "Our number is 020 7946 0958.", "Our number: 020 7946 0958", "7946"),
    ("phone", "de", "Sie erreichen uns unter 030 901820-44 bis 18 Uhr.", "Telefon: 030 901820-44",
     "9018"),
    ("phone", "fr", "Appelez le 01 23 45 67 89.", "Téléphone: 01 23 45 67 89", "23 45"),
    ("phone", "es", "Llame al 912 345 678 por la mañana.", "Teléfono: 912 345 678", "345"),
    ("phone", "ja", "お電話は03-1234-5678までお願いします。", "お電話: 03-1234-5678", "1234"),
    ("phone", "zh", "请致电400-123-4567。", "电话: 400-123-4567", "4567"),
    ("phone", "ar", "اتصل على +971 4 123 4567 من فضلك.", "الهاتف: +971 4 123 4567", "4567"),
    # 4: order numbers
    ("order", "en", "Your order number is 48213. It ships on Monday.", "Your order number: 48213",
     "48213"),
    ("order", "en", "Order #A-77120 has left the house.", "Order: #A-77120", "77120"),
    ("order", "de", "Ihre Bestellnummer lautet 48213-AB.", "Ihre Bestellnummer: 48213-AB", "48213"),
    ("order", "it", "Il suo ordine numero 48213 parte domani.", "Ordine numero: 48213", "48213"),
    ("order", "nl", "Uw bestelnummer is 48213.", "Uw bestelnummer: 48213", "48213"),
    ("order", "ja", "ご注文番号は48213です。", "ご注文番号: 48213", "48213"),
    ("order", "zh", "您的订单号是48213。", "您的订单号: 48213", "48213"),
    ("order", "ar", "رقم طلبك هو 48213.", "رقم طلبك: 48213", "48213"),
    # 5: codes and vouchers
    ("code", "en", "Use code SAVE20 at checkout.", "Code: SAVE20", "SAVE20"),
    ("code", "en", "Your confirmation code is XK7P2Q.", "Your confirmation code: XK7P2Q", "XK7"),
    ("code", "es", "Su código es AB12-99, guárdelo bien.", "Su código: AB12-99", "AB12"),
    ("code", "pt", "O código é AB12-99.", "O código: AB12-99", "AB12"),
    ("code", "pl", "Twój kod to AB12-99.", "Twój kod: AB12-99", "AB12"),
    ("code", "tr", "Onay kodunuz: TR77-102.", "Onay kodunuz: TR77-102", "TR77"),
    # 6: passwords
    ("password", "en", "The Wi-Fi password is Sunflower!2024.",
     "The Wi-Fi password: Sunflower!2024", "2024"),
    ("password", "de", "Das Passwort lautet „kaffee-am-see“.", "Das Passwort: kaffee-am-see",
     "kaffee"),
    # 7: tracking numbers
    ("tracking", "en", "It is on its way with 1Z999AA10123456784, and comes on Friday.",
     "Code: 1Z999AA10123456784", "1Z999"),
    ("tracking", "zh", "快递单号：SF1234567890123，预计明天到达。", "快递单号: SF1234567890123",
     "SF12"),
    ("tracking", "de", "Ihre Sendungsnummer ist 00340434161094042557.",
     "Ihre Sendungsnummer: 00340434161094042557", "0034"),
    # 8: bank accounts
    ("bank", "en", "Please transfer it to DE89 3704 0044 0532 0130 00, as usual.",
     "Bank account: DE89 3704 0044 0532 0130 00", "3704"),
    ("bank", "de", "Unsere IBAN: DE89370400440532013000", "Unsere IBAN: DE89370400440532013000",
     "3704"),
    ("bank", "nl", "Maak het over op NL91 ABNA 0417 1643 00 voor maandag.",
     "Rekening: NL91 ABNA 0417 1643 00", "ABNA"),
    ("bank", "de", "Bitte auf DE89 3704 0044 0532 0130 00 (BIC: COBADEFFXXX) überweisen.",
     "Bankverbindung: DE89 3704 0044 0532 0130 00\nBIC: COBADEFFXXX", "COBA"),
    ("bank", "en", "Account number 000123456789, routing number 021000021.",
     "Account number: 000123456789\nRouting number: 021000021", "0001"),
    # 9: street addresses; a street may be said, too
    ("address", "en", "We're at 12 Main Street, Springfield, IL 62704, next to the station.",
     "Address: 12 Main Street, Springfield, IL 62704", ""),
    ("address", "de", "Unsere Adresse ist Hauptstraße 12a, 10115 Berlin.",
     "Unsere Adresse: Hauptstraße 12a, 10115 Berlin", ""),
    ("address", "fr", "Nous sommes au 12 rue de la Paix, 75002 Paris.",
     "Adresse: 12 rue de la Paix, 75002 Paris", ""),
    ("address", "es", "Estamos en la Calle Mayor 5, 28013 Madrid.",
     "Dirección: Calle Mayor 5, 28013 Madrid", ""),
    ("address", "it", "Siamo in Via Garibaldi 7, 20121 Milano.",
     "Indirizzo: Via Garibaldi 7, 20121 Milano", ""),
    ("address", "nl", "Wij zitten op Keizersgracht 241, 1016 EA Amsterdam.",
     "Adres: Keizersgracht 241, 1016 EA Amsterdam", ""),
    ("address", "zh", "我们在北京市朝阳区建国路88号。", "地址: 我们在北京市朝阳区建国路88号", ""),
    ("address", "ja", "東京都渋谷区神南1-2-3にあります。", "住所: 東京都渋谷区神南1-2-3", ""),
    # 10: amounts in tables
    ("table", "en", f"Here are our prices:\n\n{PRICES}\n\nSee you soon!",
     "Here are our prices:\nSize | Price\nSmall | €4.50\nLarge | €6.00", "€6.00"),
    ("table", "de", "Unsere Preise:\n\n| Größe | Preis |\n|--|--|\n| klein | 4,50 Euro |",
     "Unsere Preise:\nGröße | Preis\nklein | 4,50 Euro", "4,50"),
    # 11: long lists
    ("list", "en", f"Today we have:\n{MENU}\n\nAnything else?", f"Today we have:\n{MENU}", "Pasta"),
    ("list", "en", "Steps:\n" + "\n".join(f"{n}. Step **{n}**" for n in range(1, 8)),
     "Steps:\n" + "\n".join(f"{n}. Step {n}" for n in range(1, 8)), "Step 3"),
    ("list", "es", "Hay:\n" + "\n".join(f"• plato {n}" for n in range(1, 8)),
     "Hay:\n" + "\n".join(f"- plato {n}" for n in range(1, 8)), "plato 3"),
    # 12: code blocks
    ("snippet", "en", "Run this:\n```bash\npip install x\nx --serve\n```\nThen open it.",
     "Run this:\npip install x\nx --serve", "--serve"),
    ("snippet", "en", "Install it with `pip install voicememo-bot==1.2`, then restart.",
     "pip install voicememo-bot==1.2", "1.2"),
    # 13: several at once, each with its words
    ("several", "en", "In Berlin call +49 30 901820 and in Munich +49 89 2180.",
     "In Berlin call: +49 30 901820\nIn Munich: +49 89 2180", "2180"),
    ("several", "en",
     "Our contacts:\nPhone: +49 30 901820\nE-mail: a@example.de\nMenu: https://example.de/menu",
     "Phone: +49 30 901820\nE-mail: a@example.de\nMenu: https://example.de/menu", "901820"),
    ("several", "de", "**Berlin**\n030 901820\n\n**München**\n089 218000",
     "Berlin: 030 901820\nMünchen: 089 218000", "218000"),
]  # fmt: skip

PLAIN = [
    ("en", "It costs €18.50."), ("en", "That is $1,250 or about 1200 pounds."),
    ("en", "We open at 9:00 and close at 17:30."), ("en", "Open Mon-Fri 08.00-17.00 in 2024-2026."),
    ("en", "It was founded in 1998 and rebuilt in 2024."), ("en", "The next date is 21.11.2026."),
    ("en", "See you on 2026-11-21, or on 11/21/2026."), ("en", "We had 1200 orders last year."),
    ("en", "About 1500000 people live here."), ("en", "Order 12 roses for 45 euros."),
    ("en", "COVID-19 rules ended in 2023; the iPhone 15 costs 999 dollars."),
    ("en", "Room 204, second floor, gate B22, flight LH1234."), ("en", "Call 911 or 112."),
    ("en", "Visit example.com for more."), ("en", "The password is on the receipt."),
    ("en", "Your order is on its way and will arrive by 5 p.m. on Monday."),
    ("en", "Use and/or, 24/7, 3/4 of a cup, A4 paper, CO2 and MP3 files."),
    ("en", "Two things:\n- tea\n- milk\n- bread"), ("en", "The booking is for 4 people at 19:30."),
    ("en", "| Day | Opens |\n|---|---|\n| Mon | 9:00 |\n| Sat | 10:00 |"),
    ("en", "Our case is 1200 mm wide. Ratio 16:9, 10,000 steps, 98.6 °F, 3.14159."),
    ("en", "Write `yes` or `no`."), ("en", "The code is easy to read."),
    ("de", "Wir haben von 9 bis 17 Uhr geöffnet, am 24.12. bis 13 Uhr."),
    ("de", "Das kostet 18,50 Euro, mit Karte 1.250,00 €."), ("de", "Seit 1998, z. B. 2024/25."),
    ("de", "Die Bestellung ist unterwegs, Kapitel 3.2, Seite 120."),
    ("fr", "Le menu coûte 18,50 € et nous fermons à 22h30."), ("es", "Cuesta 1.250,50 euros."),
    ("it", "Siamo aperti dalle 9 alle 18, dal 1998."), ("pt", "O prato custa R$ 45,90."),
    ("nl", "Wij zijn open van 9.00 tot 17.30 uur."), ("pl", "To kosztuje 45 zł od 2020 roku."),
    ("ru", "Это стоит 1500 рублей, открыто с 9 до 18."), ("tr", "Saat 9:00'da açılıyor, 45 TL."),
    ("ja", "営業時間は9時から17時30分まで、料金は1500円です。"), ("ja", "2026年11月21日です。"),
    ("zh", "价格是1500元，上午9点到下午5点。"), ("zh", "成立于1998年。"),
    ("ar", "السعر 45 ريال ونفتح من 9 إلى 17."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "language", "text", "written", "unsaid"), KINDS)
def test_each_kind_is_written_exactly_and_not_read_aloud(
    kind: str, language: str, text: str, written: str, unsaid: str
) -> None:
    found = companion_of(text, language)
    assert found.written == written
    if unsaid:
        assert unsaid not in speakable(found.spoken, language)


@pytest.mark.parametrize(("language", "text"), PLAIN)
def test_a_plain_answer_brings_no_text_and_stays_as_it_is(language: str, text: str) -> None:
    found = companion_of(text, language)
    assert (found.written, found.spoken) == ("", text)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "You can book here: https://a.example/b", "You can book here\n\n"
         "I'm sending you the link."),
        ("en", "Your PIN is 4711. Keep it.", "Your PIN follows in writing. Keep it."),
        ("en", "Write to a@b.example or call 020 7946 0958 today.",
         "Write or call today.\n\nI'm sending you the e-mail address and the number."),
        ("en", "Phone: +49 30 901820", ""),
        ("en", "We close at six. Phone: +49 30 901820",
         "We close at six.\n\nI'm sending you the number."),
        ("en", "Your order #48213 (see https://a.example/b) has shipped; mail a@b.example.",
         "Your order (see) has shipped; mail.\n\nI'm sending you all of it in writing."),
        ("de", "Rufen Sie uns unter 030 901820 an.",
         "Rufen Sie uns an.\n\nIch schicke die Nummer mit."),
        ("de", "Unter www.beispiel.de/preise stehen alle Preise.",
         "Stehen alle Preise.\n\nIch schicke den Link mit."),
        ("de", "Ihr Code ist AB12-99.", "Ihr Code folgt schriftlich."),
        ("fr", "Votre code est AB12-99.", "Votre code suit par écrit."),
        ("fr", "Réservez ici : https://a.example/b",
         "Réservez ici\n\nJe vous envoie le lien."),
        ("es", "Su código es AB12-99.", "Su código va por escrito."),
        ("it", "Il codice è AB12-99.", "Il codice segue per iscritto."),
        ("pt", "O código é AB12-99.", "O código segue por escrito."),
        ("nl", "Uw code is AB12-99.", "Uw code volgt schriftelijk."),
        ("pl", "Twój kod to AB12-99.", "Twój kod jest w wiadomości."),
        ("ru", "Ваш код — AB12-99.", "Ваш код будет в сообщении."),
        ("tr", "Buradan rezervasyon yapabilirsiniz: https://a.example/b",
         "Buradan rezervasyon yapabilirsiniz\n\nBağlantıyı yazılı olarak gönderiyorum."),
        ("ja", "ご注文番号は48213です。", "ご注文番号は文字でお送りします。"),
        ("zh", "您的订单号是48213。", "您的订单号我用文字发给您。"),
        ("ar", "رقم طلبك هو 48213.", "رقم طلبك يصلك كتابةً."),
    ],
)  # fmt: skip
def test_the_memo_says_that_it_follows(language: str, text: str, spoken: str) -> None:
    assert companion_of(text, language).spoken == spoken


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_known_language_says_what_follows(language: str) -> None:
    found = companion_of("X https://example.com/a/b y z, w.", language)
    wording = wording_of(language)
    assert wording is not None
    assert found.spoken.endswith(wording.notice_of({"link": 1}))
    assert "{" not in found.spoken
    assert "https" not in found.spoken


def test_in_a_language_without_wording_it_is_said_as_before_and_written_all_the_same() -> None:
    text = "Boka här: https://example.se/boka"
    found = companion_of(text, "sv")
    assert (found.spoken, found.written) == (text, text)


@pytest.mark.parametrize(
    "text", ["https://example.com/a/b", PRICES, MENU, "```\nx = 1\n```", "a@b.example"]
)
def test_where_nothing_is_left_to_speak_the_text_is_alone(text: str) -> None:
    found = companion_of(text, "en")
    assert found.spoken == ""
    assert found.written


def test_what_is_said_twice_is_written_once() -> None:
    twice = "Call +49 30 901820. Again, our number is +49 30 901820."
    assert companion_of(twice, "en").written == "Again, our number: +49 30 901820"


def corpus_texts() -> list[str]:
    texts: list[str] = []
    for name in ("speech", "hostile_text", "sentences"):
        found = yaml.safe_load((CORPUS / f"{name}.yaml").read_text(encoding="utf-8"))
        texts += [one["text"] for one in found if isinstance(one, dict) and "text" in one]
    return texts


@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_every_text_is_taken_whatever_it_is(language: str) -> None:
    for text in corpus_texts():
        found = companion_of(text, language)
        assert "\ue000" not in found.spoken + found.written


_PIECES = st.sampled_from(
    ["call ", "+1 555", " 010-9999", "https://", "example.com/", "a@b.de", "#4", "8213", "code ",
     "is ", ": ", "\n", "- ", "| ", "`", "```\n", "**", "[x](", ")", "DE89 3704", " 0044 0532",
     "Main Street", "12 ", "(", "注文番号は", "です。", "\t", "Password: ", "x", "."]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join), st.sampled_from(LANGUAGES))
def test_nothing_written_is_invented(text: str, language: str) -> None:
    """Every word that goes out in writing stands in the answer, but for the names of kinds."""
    found = companion_of(text, language)
    wording = wording_of(language)
    assert wording is not None
    bare = re.sub("[`*]", "", text)
    known = " ".join((text, bare, _without_marks(text), *wording.labels.values())).lower()
    for line in found.written.splitlines():
        for word in line.replace("|", " ").replace(":", " ").split():
            found_word = word.lower().strip(string.punctuation)
            assert found_word in known or _without_marks(found_word) in known


def _without_marks(text: str) -> str:
    """What a link or code touches is one word with it, as Markdown is read."""
    return re.sub(r"\[([^\[\]]*)\]\(\s*(?:[^\s()]|\([^\s()]*\))*\s*\)|[`*]", r"\1", text)


@pytest.mark.parametrize(
    ("markdown", "written", "spoken"),
    [
        ("Look there (see [our bank](https://a.example/bank)).",
         "our bank: https://a.example/bank", "Look there (see our bank)."),
        ("See [Bank](https://a.example/Bank_(money)).",
         "Bank: https://a.example/Bank_(money)", "See Bank."),
        ("See [it]( https://a.example/x?y=(1)z ) soon.",
         "it: https://a.example/x?y=(1)z", "See it soon."),
        ("Book [a table](https://a.example/b 'Our page').",
         "a table: https://a.example/b", "Book a table."),
        ("Call ([desk](tel:+13125550100)) us.",
         "desk: +13125550100", "Call (desk) us."),
    ],
)  # fmt: skip
def test_links_of_markdown(markdown: str, written: str, spoken: str) -> None:
    found = companion_of(markdown, "en")
    assert (found.written, found.spoken.split("\n")[0]) == (written, spoken)


def test_a_word_right_behind_a_link_is_no_part_of_it() -> None:
    steps = [f"{number}. 駅で降りる" for number in range(1, 6)]
    steps.append("6. [地図](https://a.example/map)を開く")
    written = companion_of("\n".join(steps), "ja").written
    assert written.endswith("\n6. 地図: https://a.example/map を開く")


def test_code_ends_with_as_many_backticks_as_it_began_with() -> None:
    items = "- `a`: https://a.example\n- ``b`c``: https://b.example\n- d`e``: https://d.example"
    assert companion_of(items, "en").written == (
        "A: https://a.example\nB`c: https://b.example\nD`e``: https://d.example"
    )


@pytest.mark.parametrize(
    "piece",
    ["1 ", "12 Main ", "A1-", "a.", "[", "https://", "call +1 ", "`", "| ", "- a\n", "DE89 3704 ",
     "order number is ", "注", "Straße ", "a@", "(1) ", "[x](", "[x](a(", "``x", "[x](a \""],
)  # fmt: skip
def test_a_long_text_of_one_piece_takes_no_more_than_its_length(piece: str) -> None:
    """Ten thousand characters, as many as an answer may have: a pattern that backtracks would
    take minutes."""
    started = time.process_time()
    companion_of((piece * 10_000)[:10_000], "en")
    assert time.process_time() - started < 5.0
