"""Chinese (Mandarin)."""

from app.speech.normalization.words import Clock, Coin, Dates, Words

WORDS = Words(
    tag="zh",
    decimal=".",
    groups=",",
    range="{a}到{b}",
    plus="加",
    minus="零下",
    number="第",
    percent="百分之{n}",
    weekdays=("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    weekdays_short=("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    clock=Clock(hour="{h}点", minutes="{h}点{m}分", under_ten="{h}点零{m}分", separators=":："),
    dates=Dates("{y}年{m}月{d}日", "{m}月{d}日"),
    coins={
        "CNY": Coin("1元", "元"),
        "USD": Coin("1美元", "美元"),
        "EUR": Coin("1欧元", "欧元"),
        "GBP": Coin("1英镑", "英镑"),
        "JPY": Coin("1日元", "日元"),
    },
    money_parts="{whole}{minor}",
    fractions={
        "1/2": "二分之一", "1/3": "三分之一", "2/3": "三分之二", "1/4": "四分之一",
        "3/4": "四分之三", "1/5": "五分之一", "1/8": "八分之一",
    },
    mixed="{n}又{fraction}",
    yen="CNY",
    scales={"万": "万", "亿": "亿"},
    scale_of="",
    abbreviations={r"No\.\s?(?=[0-9])": "编号", r"[tT][eE][lL][.:：]\s?": "电话："},
    id_words=r"订单号|订单|预订号|单号|验证码|密码|编号|代码|房间号|账号|邮编",
    spaced=False,
)  # fmt: skip
