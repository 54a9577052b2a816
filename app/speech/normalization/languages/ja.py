"""Japanese. Counters follow the number; voices read both."""

from app.speech.normalization.words import Clock, Coin, Dates, Words

WORDS = Words(
    tag="ja",
    decimal=".",
    groups=",",
    range="{a}から{b}",
    plus="プラス",
    minus="マイナス",
    number="番号",
    percent="{n}パーセント",
    weekdays=("月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"),
    weekdays_short=("月", "火", "水", "木", "金", "土", "日"),
    clock=Clock(hour="{h}時", minutes="{h}時{m}分", separators=":："),
    dates=Dates("{y}年{m}月{d}日", "{m}月{d}日"),
    coins={
        "JPY": Coin("1円", "円"),
        "USD": Coin("1ドル", "ドル", "1セント", "セント"),
        "EUR": Coin("1ユーロ", "ユーロ", "1セント", "セント"),
        "GBP": Coin("1ポンド", "ポンド", "1ペニー", "ペンス"),
    },
    money_parts="{whole}{minor}",
    fractions={
        "1/2": "2分の1", "1/3": "3分の1", "2/3": "3分の2", "1/4": "4分の1", "3/4": "4分の3",
        "1/5": "5分の1", "1/8": "8分の1",
    },
    mixed="{n}と{fraction}",
    scales={"万": "万", "億": "億"},
    scale_of="",
    abbreviations={
        r"[(（]株[)）]": "株式会社", r"[(（]有[)）]": "有限会社", r"〒\s?(?=[0-9])": "郵便番号",
        r"No\.\s?(?=[0-9])": "ナンバー", r"[tT][eE][lL][.:：]\s?": "電話番号、",
    },
    id_words=r"注文番号|予約番号|番号|コード|暗証番号|問い合わせ番号|会員番号|伝票番号|郵便番号",
    spaced=False,
)  # fmt: skip
