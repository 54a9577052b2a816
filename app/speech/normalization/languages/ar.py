"""Arabic, with the digits of the West, which voices read as well."""

from app.speech.normalization.words import Clock, Coin, Dates, Words

WORDS = Words(
    tag="ar",
    decimal=".",
    groups=",",
    range="{a} إلى {b}",
    plus="زائد",
    minus="سالب",
    number="رقم",
    between=("بين", "و"),
    percent="{n} بالمئة",
    weekdays=("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    weekdays_short=("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    clock=Clock(
        hour="الساعة {h}",
        minutes="الساعة {h} و{m} دقيقة",
        sign=r"[صم]\b",
        article="الساعة",
        hour_behind_article="{h}",
        minutes_behind_article="{h} و{m} دقيقة",
        span="من الساعة {a} إلى الساعة {b}",
        span_opening="من الساعة|من",
    ),
    dates=Dates("{d} {month} {y}", "{d} {month}", numeric="/-."),
    coins={
        "USD": Coin("دولار واحد", "دولار", "سنت واحد", "سنت"),
        "EUR": Coin("يورو واحد", "يورو", "سنت واحد", "سنت"),
        "GBP": Coin("جنيه واحد", "جنيه", "بنس واحد", "بنس"),
        "SAR": Coin("ريال واحد", "ريال", "هللة واحدة", "هللة"),
        "AED": Coin("درهم واحد", "درهم", "فلس واحد", "فلس"),
    },
    money_parts="{whole} و{minor}",
    fractions={
        "1/2": "نصف", "1/3": "ثلث", "2/3": "ثلثان", "1/4": "ربع", "3/4": "ثلاثة أرباع",
        "1/5": "خمس", "1/8": "ثمن",
    },
    mixed="{n} و{fraction}",
    scales={"مليون": "مليون", "مليار": "مليار", "ألف": "ألف"},
    abbreviations={
        r"\bد(?=\.\s)": "الدكتور", r"\bأ(?=\.\s)": "الأستاذ", r"\bم(?=\.\s)": "المهندس",
        r"إلخ": "إلى آخره", r"ص\.\s?ب": "صندوق بريد", r"\bهـ": "هجرية",
    },
    id_words=r"الطلب|طلب|طلبك|الحجز|حجز|رقم|الرمز|رمز|الفاتورة|الحساب|التتبع",
)  # fmt: skip
